"""What was given up is tried again: once for a command, by one group alone for an event."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import redis

from contracts.wire.codec import decode, encode
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from contracts.wire.streams import events_of, operation_key
from handlers.delivery.dead_letters import MAX_DELIVERIES, dead_letter_steps
from handlers.delivery.entries import Entry
from handlers.delivery.groups import ensure_group
from handlers.delivery.reclaimer import Reclaimer
from handlers.delivery.redis_clock import entry_ms
from handlers.delivery.writer import flat
from ops.dead_letters.discarding import discard
from ops.dead_letters.letters import Choice, DeadLetter, letters
from ops.dead_letters.replaying import Outcome, Replayed, Wish, replay, revived_id
from tests.gateway.server import ValkeyServer
from tests.integration.delivery.line import Line
from tests.integration.delivery.notes import CONTEXT
from tests.waiting import eventually

NOTES = Choice(contexts=(CONTEXT,))
PLAIN = Wish()


@pytest.fixture
def tool(valkey: ValkeyServer) -> Iterator["redis.Redis"]:
    """The client of a command line beside the handlers."""
    with redis.Redis.from_url(valkey.url) as client:
        yield client


async def buried(line: Line, envelope: Envelope) -> None:
    """Delivered as often as anything is, and given up."""
    await line.publish(envelope)
    for entry in await line.read():
        given_up = Entry(entry.stream, entry.group, entry.id, entry.fields, MAX_DELIVERIES + 1)
        await line.intake.take(given_up)


def replayed(tool: "redis.Redis", wish: Wish = PLAIN) -> list[Replayed]:
    return list(replay(tool, letters(tool, NOTES), wish))


async def worked(line: Line) -> None:
    """The handlers have taken what is on the stream."""
    for entry in await line.read():
        await line.intake.take(entry)


async def test_a_command_takes_effect_under_its_own_id(
    line: Line, tool: "redis.Redis", salon: UUID
) -> None:
    """Afterwards it is answered, and no dead letter; replayed twice it has one effect."""
    command = line.command(salon)
    await buried(line, command)
    ((kept),) = letters(tool, NOTES)
    assert [one.outcome for one in replayed(tool)] == [Outcome.REPLAYED]
    # Somebody else's replay, of the same moment.
    assert [one.outcome for one in replay(tool, [kept], PLAIN)] == [Outcome.REPLAYED]
    await worked(line)
    assert await line.effects() == {command.id}
    assert [reply.status for reply in (await line.replies(command))[1:]] == [201, 201]
    assert not list(letters(tool, NOTES))


async def test_a_deadline_stays_the_original_one(
    line: Line, tool: "redis.Redis", salon: UUID
) -> None:
    """What is left of it counts from the new entry."""
    await buried(line, line.command(salon, ttl_ms=600_000))
    await eventually(lambda: line.later_than(3), 30)
    replayed(tool)
    (entry,) = await line.read()
    ttl = decode(entry.fields).ttl_ms
    assert ttl is not None
    assert 0 < ttl <= 599_997


async def test_what_is_too_late_is_revived_under_a_new_id(
    line: Line, tool: "redis.Redis", salon: UUID
) -> None:
    """Only when it is asked for; its sender can ask for the outcome, and nobody is answered."""
    command = line.command(salon, ttl_ms=0)
    await line.client.set(operation_key(command.id), b'{"actor":"user:1","ttlms":0}')
    await buried(line, command)
    await eventually(lambda: line.later_than(1), 30)
    assert [one.outcome for one in replayed(tool)] == [Outcome.EXPIRED]
    (letter,) = letters(tool, NOTES)
    (done,) = replayed(tool, Wish(revive=True))
    assert (done.outcome, done.new_id) == (Outcome.REVIVED, revived_id(letter, command))
    replies = len(await line.replies(command))
    await worked(line)
    assert await line.effects() == {done.new_id}
    assert done.new_id is not None
    assert await line.client.get(operation_key(done.new_id))
    assert len(await line.replies(command)) == replies


async def test_reviving_twice_is_one_command(line: Line, tool: "redis.Redis", salon: UUID) -> None:
    """The new id follows from the dead letter, so that the inbox knows it again."""
    await buried(line, line.command(salon, ttl_ms=0))
    await eventually(lambda: line.later_than(1), 30)
    kept = list(letters(tool, NOTES))
    for _ in range(2):
        assert [one.outcome for one in replay(tool, kept, Wish(revive=True))] == [Outcome.REVIVED]
    await worked(line)
    assert len(await line.effects()) == 1


async def test_what_was_cut_short_has_lost_nothing(
    line: Line, tool: "redis.Redis", salon: UUID
) -> None:
    """Each is either on its stream or still a dead letter; once more, and all are done."""
    commands = [line.command(salon) for _ in range(3)]
    for command in commands:
        await buried(line, command)
    assert next(replay(tool, letters(tool, NOTES), PLAIN)).outcome is Outcome.REPLAYED
    assert len(list(letters(tool, NOTES))) == 2
    replayed(tool)
    await worked(line)
    assert await line.effects() == {command.id for command in commands}


async def test_a_dry_run_changes_nothing(line: Line, tool: "redis.Redis", salon: UUID) -> None:
    """It says what would become of each."""
    await buried(line, line.command(salon))
    before = await line.range(line.stream)
    assert [one.outcome for one in replayed(tool, Wish(dry=True))] == [Outcome.REPLAYED]
    assert await line.range(line.stream) == before
    assert len(list(letters(tool, NOTES))) == 1


async def test_what_is_no_message_goes_back_only_raw(line: Line, tool: "redis.Redis") -> None:
    """As it was, field by field; it dies again, and can be thrown away."""
    await line.client.execute_command("XADD", line.stream, "*", "\xff", "\x00", "type", "?")
    await worked(line)
    assert [one.outcome for one in replayed(tool)] == [Outcome.MALFORMED]
    assert [one.outcome for one in replayed(tool, Wish(raw=True))] == [Outcome.REPLAYED]
    (_, first), (_, again) = await line.range(line.stream)
    assert first == again
    await worked(line)
    assert sum(map(len, discard(tool, letters(tool, NOTES)))) == 1
    assert not list(letters(tool, NOTES))


async def test_so_many_a_second(line: Line, tool: "redis.Redis", salon: UUID) -> None:
    """Each but the first waits for its turn."""
    for _ in range(3):
        await buried(line, line.command(salon))
    paused: list[float] = []
    list(replay(tool, letters(tool, NOTES), Wish(rate=0.001), sleep=paused.append))
    assert len(paused) == 2
    assert 0 < paused[0] <= 1000 < paused[1] <= 2000


async def dead_event(line: Line, tenant_id: UUID, group: str) -> Envelope:
    """The third of three events, which one group could not handle; both groups have read all."""
    stream = events_of(CONTEXT)
    events = [line.command(tenant_id, reply_to="", sequence=1) for _ in range(3)]
    for number, event in enumerate(events, 1):
        at = f"{number}-0"
        await line.client.execute_command("XADD", stream, at, *flat(encode(event)))
    for name in ("audit", "webhook"):
        await ensure_group(line.client, stream, name)
        await line.client.xreadgroup(name, "one", {stream: ">"})
        await line.client.xack(stream, name, "1-0", "2-0", "3-0")
    fields = {name.encode(): _bytes(value) for name, value in encode(events[2]).items()}
    entry = Entry(stream, group, "3-0", fields, 6)
    await line.writer.put(*dead_letter_steps(entry, "too_many_deliveries", group, 0))
    return events[2]


async def heard_by(line: Line, group: str) -> list[Entry]:
    """What the group's reclaimer comes to, as it works."""
    heard: list[Entry] = []

    async def take(entry: Entry) -> None:
        heard.append(entry)

    async def ready() -> bool:
        return True

    reclaimer = Reclaimer(line.client, events_of(CONTEXT), group, "one", take, ready)
    await reclaimer._claim()
    return heard


async def test_an_event_goes_to_the_group_that_failed(
    line: Line, tool: "redis.Redis", salon: UUID
) -> None:
    """It is delivered to that one as if for the first time, to no other, and the stream, which has
    the relay's numbers, is as it was."""
    event = await dead_event(line, salon, "webhook")
    before = await line.range(events_of(CONTEXT))
    assert [one.outcome for one in replayed(tool, Wish(dry=True))] == [Outcome.REPLAYED]
    assert not await heard_by(line, "webhook")
    assert [one.outcome for one in replayed(tool)] == [Outcome.REPLAYED]
    (entry,) = await heard_by(line, "webhook")
    assert (entry.id, entry.deliveries) == ("3-0", 1)
    assert decode(entry.fields).id == event.id
    assert not await heard_by(line, "audit")
    assert await line.range(events_of(CONTEXT)) == before
    assert not list(letters(tool, NOTES))


@pytest.mark.parametrize("became", ["trimmed", "another"])
async def test_an_event_that_is_no_more_stays_a_dead_letter(
    line: Line, tool: "redis.Redis", salon: UUID, became: str
) -> None:
    """Nothing is claimed, be it that the stream was trimmed or that another event stands there."""
    await dead_event(line, salon, "webhook")
    stream = events_of(CONTEXT)
    if became == "trimmed":
        await line.client.xtrim(stream, maxlen=0, approximate=False)
    else:
        await line.client.delete(stream)
        await ensure_group(line.client, stream, "webhook")
        other = line.command(salon, id=new_id(), reply_to="")
        await line.client.execute_command("XADD", stream, "3-0", *flat(encode(other)))
    for wish in (Wish(dry=True), PLAIN):
        assert [one.outcome for one in replayed(tool, wish)] == [Outcome.TRIMMED]
    assert not await heard_by(line, "webhook")
    assert len(list(letters(tool, NOTES))) == 1


async def test_nobody_hears_for_a_group_that_was_given_up(
    line: Line, tool: "redis.Redis", salon: UUID
) -> None:
    """As that of a mirror that is no more: it is said, and the dead letter stays."""
    await dead_event(line, salon, "kafka")
    assert [one.outcome for one in replayed(tool)] == [Outcome.UNHEARD]
    assert len(list(letters(tool, NOTES))) == 1


async def test_each_filter_leaves_out_the_others(
    line: Line, tool: "redis.Redis", salon: UUID, clinic: UUID
) -> None:
    """By tenant, type, reason, time and id."""
    for tenant_id in (salon, clinic):
        await buried(line, line.command(tenant_id))
    unknown = line.command(salon, type="note.burn")
    await line.publish(unknown)
    await worked(line)

    def found(**asked: Any) -> list[DeadLetter]:
        return list(letters(tool, Choice(contexts=(CONTEXT,), **asked)))

    first, second, third = found()
    assert found(tenant=str(salon)) == [first, third]
    assert found(types=("note.burn",)) == [third]
    assert found(reason="too_many_deliveries") == [first, second]
    assert found(names=(second.name,)) == [second]
    assert found(since_ms=entry_ms(third.id), types=("note.burn",)) == [third]
    assert not found(since_ms=entry_ms(third.id) + 1)
    assert not found(until_ms=entry_ms(first.id))


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
