"""The relay: every committed event is on its stream, once, in order, whatever dies or is lost."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from contracts.wire.streams import commands_of, events_of
from handlers.delivery.entries import Entry
from storage.delivery import outbox
from tests.integration.delivery.line import Line
from tests.integration.delivery.notes import CONTEXT
from tests.integration.delivery.relays import Died, Dying, relayed
from tests.waiting import eventually

EVENTS = events_of(CONTEXT)
# Fewer than the line has connections.
AT_ONCE = 16
SOON = 30.0
LOCKS = """
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint << 32 | objid::bigint = hashtextextended('relay:' || :context, 0)
"""


async def written(line: Line, tenant_id: UUID, count: int) -> set[str]:
    """So many commands were carried out, as many at once as there is room for; their ids."""
    places = asyncio.Semaphore(AT_ONCE)

    async def take(entry: Entry) -> None:
        async with places:
            await line.intake.take(entry)

    commands = [line.command(tenant_id, reply_to="") for _ in range(count)]
    for command in commands:
        await line.publish(command)
    entries = await line.read(count=count)
    await asyncio.gather(*map(take, entries))
    return {str(command.id) for command in commands}


async def numbers_and_causes(line: Line) -> tuple[list[str], list[str]]:
    events = await line.events()
    return [at for at, _ in events], [event.causation_id for _, event in events]


def gapless(count: int, first: int = 1) -> list[str]:
    return [f"{number}-0" for number in range(first, first + count)]


async def test_writers_at_once_leave_no_gap(line: Line, salon: UUID) -> None:
    """450 events of concurrent writers are on the stream as 1-0, 2-0 … in the outbox's order."""
    made = await written(line, salon, 450)
    await relayed(line)
    numbers, causes = await numbers_and_causes(line)
    assert numbers == gapless(450)
    assert set(causes) == made
    stored = await line.rows("SELECT event_id FROM outbox ORDER BY id")
    assert [str(row[0]) for row in stored] == [str(event.id) for _, event in await line.events()]
    assert await line.rows("SELECT 1 FROM outbox WHERE published_at IS NULL") == []


async def test_a_hundred_deaths_lose_and_double_nothing(line: Line, salon: UUID) -> None:
    """A relay that dies between append and advance, 100 times and more, publishes each event."""
    dying = Dying(survives=1_000_000)
    made: set[str] = set()
    while dying.deaths < 101:
        made |= await written(line, salon, 2)
        async with line.relay_engine.connect() as connection:
            relay = line.relay(dying)
            try:
                await relay.reconcile(connection)
                await relay.step(connection)
            except Died:
                continue
    await relayed(line)
    numbers, causes = await numbers_and_causes(line)
    assert numbers == gapless(len(made))
    assert sorted(causes) == sorted(made)


async def test_of_two_relays_one_is_active(line: Line, salon: UUID) -> None:
    """While one relay lives another waits; when it ends the other goes on where it was."""
    made = await written(line, salon, 20)
    first = asyncio.create_task(line.relay().run())
    second = asyncio.create_task(line.relay().run())
    try:
        assert await eventually(lambda: on_stream(line, 20), SOON)
        assert len(await line.rows(LOCKS, context=CONTEXT)) == 1
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        made |= await written(line, salon, 20)
        assert await eventually(lambda: on_stream(line, 40), SOON)
    finally:
        for one in (first, second):
            one.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
    numbers, causes = await numbers_and_causes(line)
    assert numbers == gapless(40)
    assert set(causes) == made


async def on_stream(line: Line, count: int) -> bool:
    return await line.client.xlen(EVENTS) == count


async def test_an_emptied_redis_gets_every_event_again(line: Line, salon: UUID) -> None:
    """After FLUSHALL all events are published again in their order, under their own numbers."""
    await written(line, salon, 250)
    before = await relayed(line)
    await line.client.flushall()
    after = await relayed(line)
    assert after == before


async def test_a_running_relay_notices_that_redis_was_emptied(line: Line, salon: UUID) -> None:
    """An idle relay finds out by itself that its stream is gone; no new event has to come."""
    await written(line, salon, 5)
    running = asyncio.create_task(line.relay().run())
    try:
        assert await eventually(lambda: on_stream(line, 5), SOON)
        await eventually(lambda: all_marked(line), SOON)
        await line.client.flushall()
        assert await eventually(lambda: on_stream(line, 5), SOON)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert (await numbers_and_causes(line))[0] == gapless(5)


async def all_marked(line: Line) -> bool:
    return not await line.rows("SELECT 1 FROM outbox WHERE published_at IS NULL")


async def test_a_lost_tail_is_published_again(line: Line, salon: UUID) -> None:
    """A stream that came back shorter gets what it lacks, and nothing that it has."""
    await written(line, salon, 10)
    before = await relayed(line)
    kept = await line.client.xrange(EVENTS, count=4)
    await line.client.delete(EVENTS)
    for at, fields in kept or []:
        parts = [part for pair in (fields or {}).items() for part in pair]
        await line.client.execute_command("XADD", EVENTS, at, *parts)
    assert await relayed(line) == before


async def test_a_trimmed_stream_is_no_loss(line: Line, salon: UUID) -> None:
    """What the janitor trimmed is not published again."""
    await written(line, salon, 10)
    await relayed(line)
    await line.client.xtrim(EVENTS, minid="8-0", approximate=False)
    await written(line, salon, 1)
    await relayed(line)
    assert (await numbers_and_causes(line))[0] == gapless(4, first=8)


async def test_a_stream_that_is_ahead_gets_a_new_base(line: Line, salon: UUID) -> None:
    """Above a stranger's entry (PostgreSQL came back from a backup) later events still flow."""
    await written(line, salon, 3)
    await relayed(line)
    await line.client.xadd(EVENTS, {"id": "stranger"}, id="900-0")
    made = await written(line, salon, 2)
    async with line.relay_engine.connect() as connection:
        relay = line.relay()
        while await relay.step(connection):
            pass
        assert await outbox.high_water(connection) == 902
    found = await line.range(EVENTS)
    assert [at for at, _ in found][-3:] == ["900-0", "901-0", "902-0"]
    assert {fields[b"causationid"].decode() for _, fields in found[-2:]} == made


async def test_an_id_between_numbers_stops_nothing(line: Line, salon: UUID) -> None:
    """A stranger's entry under `<last>-5` does not keep the relay from going on."""
    await written(line, salon, 3)
    await relayed(line)
    await line.client.xadd(EVENTS, {"id": "stranger"}, id="3-5")
    await written(line, salon, 2)
    async with line.relay_engine.connect() as connection:
        relay = line.relay()
        steps = 0
        while await relay.step(connection) and steps < 20:
            steps += 1
    assert [at for at, _ in await line.range(EVENTS)][-2:] == ["4-0", "5-0"]


async def test_commands_for_others_arrive_and_are_marked(line: Line, salon: UUID) -> None:
    """A command for another context is appended to its stream as the system's, and marked sent."""
    command = line.command(salon, "pass")
    await line.deliver(command)
    await relayed(line)
    ((_, fields),) = await line.range(commands_of("elsewhere"))
    assert fields[b"type"] == b"note.pass"
    assert fields[b"causationid"].decode() == str(command.id)
    assert b'"kind":"system"' in fields[b"actor"]
    assert await all_marked(line)
    assert len(await line.events()) == 1


async def test_an_emptied_redis_gets_the_commands_again(line: Line, salon: UUID) -> None:
    """What other contexts were sent is sent again, under its own id, when Redis lost its streams;
    when nothing was lost it is not."""
    await line.deliver(line.command(salon, "pass"))
    await relayed(line)
    before = [fields[b"id"] for _, fields in await line.range(commands_of("elsewhere"))]
    await relayed(line)
    assert len(await line.range(commands_of("elsewhere"))) == 1
    await line.client.flushall()
    await relayed(line)
    assert [fields[b"id"] for _, fields in await line.range(commands_of("elsewhere"))] == before
    assert await all_marked(line)


async def test_what_was_sent_long_before_the_loss_stays_sent(line: Line, salon: UUID) -> None:
    """Of a stream that lost its tail only the commands since what it still has go out again."""
    await line.deliver(line.command(salon, "pass"))
    await relayed(line)
    async with line.administrator.begin() as connection:
        an_hour_ago = "UPDATE outbox SET published_at = published_at - interval '1 hour'"
        await connection.execute(text(an_hour_ago))
    for _ in range(2):
        await line.deliver(line.command(salon, "pass"))
    await relayed(line)
    kept = await line.client.xrange(EVENTS, count=2)
    await line.client.delete(EVENTS)
    for at, fields in kept or []:
        parts = [part for pair in (fields or {}).items() for part in pair]
        await line.client.execute_command("XADD", EVENTS, at, *parts)
    await relayed(line)
    sent = [fields[b"id"] for _, fields in await line.range(commands_of("elsewhere"))]
    assert sent[3:] == sent[1:3]


async def test_the_last_commands_are_sent_again_by_who_takes_over(line: Line, salon: UUID) -> None:
    """A Redis that died may have lost them alone, and no event with them; what was sent before that
    stays sent, and whoever had them finds them in the inbox."""
    await line.deliver(line.command(salon, "pass"))
    await relayed(line)
    async with line.administrator.begin() as connection:
        a_minute_ago = "UPDATE outbox SET published_at = published_at - interval '1 minute'"
        await connection.execute(text(a_minute_ago))
    await line.deliver(line.command(salon, "pass"))
    await relayed(line)
    elsewhere = commands_of("elsewhere")
    first, last = [fields[b"id"] for _, fields in await line.range(elsewhere)]
    await line.client.delete(elsewhere)
    running = asyncio.create_task(line.relay().run())

    async def is_back() -> bool:
        return [fields[b"id"] for _, fields in await line.range(elsewhere)] == [last]

    try:
        await eventually(is_back, SOON)
        await eventually(lambda: all_marked(line), SOON)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await is_back()
    assert first != last


async def test_the_relay_sees_two_tenants(line: Line, salon: UUID, clinic: UUID) -> None:
    """Under forced row-level security the relay's role publishes everybody's events."""
    for tenant in (salon, clinic):
        await written(line, tenant, 1)
    events = await relayed(line)
    assert {event.tenant_id for _, event in events} == {salon, clinic}
