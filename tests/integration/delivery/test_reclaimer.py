"""What was read and never acknowledged: claimed, counted, and given up after five deliveries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from handlers.delivery import intake, reclaimer
from handlers.delivery.broker import MAX_RECORDS
from handlers.delivery.entries import Entry
from tests.integration.delivery.line import Line, system
from tests.integration.delivery.notes import CONTEXT
from tests.unit.wire.raw_fields import VALID
from tests.waiting import eventually


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks more often than production does."""
    monkeypatch.setattr(reclaimer, "EVERY", 0.05)


@asynccontextmanager
async def reclaiming(line: Line, min_idle: int = 0) -> AsyncIterator[None]:
    running = asyncio.create_task(line.reclaimer(min_idle=min_idle).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def counts(line: Line) -> list[int]:
    """Deliveries of each pending entry."""
    found = await line.client.xpending_range(line.stream, CONTEXT, "-", "+", 100)
    return [int(one["times_delivered"]) for one in found]


async def none_pending(line: Line) -> bool:
    return await line.pending() == 0


async def test_what_the_dead_had_read_is_done(line: Line, salon: UUID, quick: None) -> None:
    """An entry that a dead consumer had read is claimed and carried out, its count kept."""
    command = line.command(salon)
    await line.publish(command)
    await line.read("dead")
    seen: list[int] = []

    async def take(entry: Entry) -> None:
        seen.append(entry.deliveries)
        await line.intake.take(entry)

    claimer = line.reclaimer()
    claimer._take = take
    running = asyncio.create_task(claimer.run())
    try:
        await eventually(lambda: none_pending(line), 30)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await line.effects() == {command.id}
    assert seen == [2]


async def test_who_is_still_at_work_is_left_alone(line: Line, salon: UUID, quick: None) -> None:
    """An entry that has not lain idle for long enough is not claimed."""
    await line.publish(line.command(salon))
    await line.read("busy")
    await line.reclaimer(min_idle=60_000)._claim()
    assert await counts(line) == [1]
    assert await line.effects() == set()


@pytest.mark.parametrize("poison", ["raise", "hang"])
async def test_a_poison_goes_to_the_dead_letters(
    line: Line, salon: UUID, quick: None, monkeypatch: pytest.MonkeyPatch, poison: str
) -> None:
    """A handler that fails or hangs has five deliveries; then the entry is kept with reason, count
    and all its fields, its caller hears 500, and its neighbours are done."""
    deadly = line.command(salon, poison)
    neighbours = [line.command(salon) for _ in range(5)]
    for command in (deadly, *neighbours):
        await line.publish(command)
    entries = await line.read()
    with monkeypatch.context() as brief:
        brief.setattr(intake, "HARD_LIMIT_SECONDS", 1.0)
        first = asyncio.create_task(line.intake.take(entries[0]))
        # It has begun, under a limit that is for it alone.
        await asyncio.sleep(0)
    await asyncio.gather(first, *(line.intake.take(entry) for entry in entries[1:]))
    assert await line.effects() == {one.id for one in neighbours}

    monkeypatch.setattr(intake, "HARD_LIMIT_SECONDS", 1.0)
    async with reclaiming(line):
        await eventually(lambda: none_pending(line), 60)
    (letter,) = await line.dead()
    assert (letter["reason"], letter["deliveries"]) == ("too_many_deliveries", "6")
    assert (letter["stream"], letter["group"]) == (line.stream, CONTEXT)
    assert letter["entry"] == entries[0].id
    assert letter["at"].isdigit()
    raw = {name[4:]: value for name, value in letter.items() if name.startswith("raw.")}
    assert raw == {name.decode(): value.decode() for name, value in entries[0].fields.items()}
    (reply,) = await line.replies(deadly)
    assert reply.status == 500


async def test_strange_entries_are_all_recorded(line: Line, salon: UUID) -> None:
    """Whatever stands on the stream is acknowledged and kept with a reason; no handler sees it."""
    strange = [
        {**VALID, b"id": b"x"},
        {**VALID, b"actor": b"{"},
        {b"a": b"\xff\xfe"},
        {**VALID, b"type": b"note.add", b"data": b"[]"},
        {**VALID, b"type": b"note.add", b"data": b'{"does":7}'},
    ]
    total = 2_000
    async with line.client.pipeline(transaction=False) as pipe:
        for number in range(total):
            pipe.execute_command("XADD", line.stream, "*", *flat_bytes(strange[number % 5]))
        await pipe.execute()
    while entries := await line.read(count=MAX_RECORDS):
        await asyncio.gather(*(line.intake.take(entry) for entry in entries))
    letters = await line.dead()
    reasons = {letter["reason"] for letter in letters}
    assert len(letters) == total
    assert await line.pending() == 0
    assert {"invalid_id", "invalid_actor", "invalid_utf8"} <= reasons
    assert await line.effects() == set()
    assert await line.rows("SELECT 1 FROM inbox") == []


def flat_bytes(fields: dict[bytes, bytes]) -> list[bytes]:
    return [part for pair in fields.items() for part in pair]


async def test_a_group_that_was_deleted_is_made_again(line: Line, salon: UUID, quick: None) -> None:
    """NOGROUP: the group stands again at 0, and what comes twice has one effect."""
    command = line.command(salon)
    await line.deliver(command)
    await line.client.xgroup_destroy(line.stream, CONTEXT)
    async with reclaiming(line):
        await eventually(lambda: groups(line), 30)
    for entry in await line.read():
        await line.intake.take(entry)
    assert [one.replayed for one in await line.replies(command)] == [False, True]
    assert await line.effects() == {command.id}


async def groups(line: Line) -> bool:
    return bool(await line.client.xinfo_groups(line.stream))


async def test_a_restarted_consumer_drains_its_own_first(line: Line, salon: UUID) -> None:
    """What a consumer had read before it died comes one at a time, counted, oldest first."""
    commands = [line.command(salon) for _ in range(3)]
    for command in commands:
        await line.publish(command)
    before = await line.read()
    seen: list[tuple[str, int]] = []
    pending: list[list[int]] = []

    async def work(entry: Entry) -> None:
        seen.append((entry.id, entry.deliveries))
        pending.append(await counts(line))
        await line.intake.take(entry)

    await line.reclaimer().drain_own(work)
    assert seen == [(entry.id, 2) for entry in before]
    assert pending == [[2, 1, 1], [2, 1], [2]]
    assert await line.pending() == 0


async def test_an_outage_uses_up_no_delivery(
    line: Line, salon: UUID, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a dependency is away nothing is claimed, counted or given up."""
    await line.publish(line.command(salon))
    await line.read("dead")
    claimer = line.reclaimer()
    asked = 0

    async def away() -> bool:
        nonlocal asked
        asked += 1
        return False

    claimer._ready = away
    running = asyncio.create_task(claimer.run())
    try:
        await eventually(lambda: asked > 5, 30)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await counts(line) == [1]


async def test_what_nobody_waits_for_is_not_given_up(
    line: Line, salon: UUID, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command of the system's own whose owner does not answer, although it is tried again: nobody
    could be told to repeat it, so it stays pending, and is carried out by a later delivery."""
    monkeypatch.setattr(intake, "PATIENCE", (0.0, 0.0))
    line.owner.is_away = True
    command = system(line.command(salon, reply_to=""))
    await line.publish(command)
    for entry in await line.read():
        await line.intake.take(entry)
    assert (await line.pending(), await line.effects()) == (1, set())
    line.owner.is_away = False
    async with reclaiming(line):
        await eventually(lambda: none_pending(line), 30)
    assert await line.effects() == {command.id}
