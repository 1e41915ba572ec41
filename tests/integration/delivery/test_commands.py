"""Commands: one effect however often they come, and an outcome that can be had again."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.reply import Reply
from tests.integration.delivery.line import Line
from tests.integration.delivery.relays import relayed


async def test_twenty_deliveries_have_one_effect(line: Line, salon: UUID) -> None:
    """The same entry 20 times from 3 publishers: one effect, one event, 20 equal replies."""
    first = line.command(salon)
    for number in range(20):
        await line.publish(first.with_fields(source=f"ingress/{number % 3}"))
    entries = await line.read()
    await asyncio.gather(*(line.intake.take(entry) for entry in entries))

    replies = await line.replies(first)
    assert len(replies) == 20
    assert {str(replace(one, replayed=True)) for one in replies} == {
        str(Reply(201, {"id": str(first.id)}, replayed=True))
    }
    assert sum(not one.replayed for one in replies) == 1
    assert await line.effects() == {first.id}
    assert len(await relayed(line)) == 1
    assert await line.pending() == 0


async def test_another_request_under_the_same_id_is_refused(line: Line, salon: UUID) -> None:
    """Other content under an id that was used is 422, and the first outcome stays."""
    first = line.command(salon)
    await line.deliver(first)
    other = await line.deliver(first.with_fields(data=b'{"does":"not_found"}'))
    again = await line.deliver(first)

    assert other.status == 422
    assert other.problem is not None
    assert other.problem["code"] == "idempotency_key_reused"
    assert (again.status, again.replayed) == (201, True)


async def test_two_tenants_may_use_one_id(line: Line, salon: UUID, clinic: UUID) -> None:
    """Nobody can occupy another tenant's id."""
    first = line.command(salon)
    replies = [await line.deliver(first.with_fields(tenant_id=one)) for one in (salon, clinic)]
    assert [(one.status, one.replayed) for one in replies] == [(201, False), (201, False)]


@pytest.mark.parametrize("code", ["booking_conflict", "not_found", "invalid_interval"])
async def test_a_refusal_by_a_rule_is_an_outcome(line: Line, salon: UUID, code: str) -> None:
    """409, 404 and 400 are stored, and a repetition gets them to the byte."""
    command = line.command(salon, code)
    first, second = await line.deliver(command), await line.deliver(command)

    assert second == replace(first, replayed=True)
    rows = await line.rows("SELECT state FROM inbox")
    assert [row[0] for row in rows] == ["done"]


@pytest.mark.parametrize("code", ["stale_version", "forbidden"])
async def test_what_is_no_outcome_is_decided_anew(line: Line, salon: UUID, code: str) -> None:
    """412 and 403 leave no row behind: the same id may succeed later."""
    command = line.command(salon, code)
    refused = await line.deliver(command)
    later = await line.deliver(command.with_fields(data=b'{"does":"done"}'))

    assert refused.status in (403, 412)
    assert (later.status, later.replayed) == (201, False)


async def test_an_owner_away_leaves_no_row(line: Line, salon: UUID) -> None:
    """Where nothing can be decided the caller is told 503, and the next try runs."""
    command = line.command(salon, "away")
    refused = await line.deliver(command)
    assert refused.status == 503
    assert await line.rows("SELECT 1 FROM inbox") == []
    assert await line.pending() == 0


async def test_a_repetition_needs_no_owner(line: Line, salon: UUID) -> None:
    """A command that has taken effect gets its outcome again, though its owner is away by now."""
    command = line.command(salon)
    await line.deliver(command)
    line.owner.is_away = True
    again = await line.deliver(command)
    other = await line.deliver(line.command(salon))
    assert (again.status, again.replayed) == (201, True)
    assert other.status == 503
    assert len(await line.rows("SELECT 1 FROM inbox")) == 1


async def test_a_late_command_never_runs(line: Line, salon: UUID) -> None:
    """Past its deadline a command is marked `expired` and has no effect."""
    late = await expired(line, line.command(salon, ttl_ms=1))
    assert late.status == 503
    assert late.problem is not None
    assert late.problem["code"] == "expired"
    assert await line.effects() == set()
    assert [row[0] for row in await line.rows("SELECT state FROM inbox")] == ["expired"]


async def test_a_live_repetition_takes_an_expired_one_over(line: Line, salon: UUID) -> None:
    """The same request with a deadline that still stands runs, and is done for good."""
    command = line.command(salon, ttl_ms=1)
    await expired(line, command)
    live = await line.deliver(command.with_fields(ttl_ms=60_000))
    again = await line.deliver(command.with_fields(ttl_ms=60_000))

    assert (live.status, live.replayed) == (201, False)
    assert again == replace(live, replayed=True)
    assert await line.effects() == {command.id}


async def test_an_expired_id_is_not_free_for_others(line: Line, salon: UUID) -> None:
    """Another request under the id of an expired one is 422."""
    command = line.command(salon, ttl_ms=1)
    await expired(line, command)
    other = command.with_fields(ttl_ms=60_000, data=b'{"does":"not_found"}')
    assert (await line.deliver(other)).status == 422


async def test_the_inbox_is_asked_before_the_deadline(line: Line, salon: UUID) -> None:
    """A command that ran in time and comes again past its deadline gets its outcome."""
    command = line.command(salon)
    await line.deliver(command)
    again = await expired(line, command.with_fields(ttl_ms=1))
    assert (again.status, again.replayed) == (201, True)


async def test_facts_are_written_through_again(line: Line, salon: UUID) -> None:
    """A repetition repeats what comes after the commit: the crash may have come between."""
    command = line.command(salon)
    await line.deliver(command)
    key = f"known:{salon}:note:{command.id}"
    assert await line.client.delete(key) == 1
    await line.deliver(command)
    assert await line.client.hget(key, "version") == b"1"


async def test_who_may_not_gets_no_effect(line: Line, salon: UUID) -> None:
    """A command without the permission is answered 403, recorded, and never handled."""
    stranger = line.command(salon)
    stranger = stranger.with_fields(actor=replace(stranger.actor, permissions=frozenset()))
    assert (await line.deliver(stranger)).status == 403
    assert [letter["reason"] for letter in await line.dead()] == ["forbidden"]
    assert await line.effects() == set()


async def test_unknown_fields_are_refused(line: Line, salon: UUID) -> None:
    """A body with a field that the contract does not know is 400 and has no effect."""
    reply = await line.deliver(line.command(salon, data=b'{"does":"done","colour":"red"}'))
    assert reply.problem is not None
    assert reply.problem["code"] == "unknown_field"
    assert await line.pending() == 0


async def test_other_types_are_recorded(line: Line, salon: UUID) -> None:
    """A type that nobody handles is answered and kept with its reason."""
    reply = await line.deliver(line.command(salon, type="note.shred"))
    assert reply.status == 400
    assert [letter["reason"] for letter in await line.dead()] == ["unknown_type"]


async def expired(line: Line, command: Envelope) -> Reply:
    """Taken when Redis's clock is past the deadline of `command`."""
    # An entry id of the past, under which the deadline has passed.
    await line.publish(command)
    (entry,) = await line.read()
    milliseconds = int(entry.id.partition("-")[0]) - 5000
    await line.intake.take(replace(entry, id=f"{milliseconds}-0"))
    await line.client.xack(line.stream, "note", entry.id)
    return (await line.replies(command))[-1]
