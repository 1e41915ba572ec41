"""A server that goes away: reading pauses, nothing is counted, and all is done on its return."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.wire.streams import replies_to
from handlers.delivery.entries import Entry
from handlers.delivery.redis_clients import ANSWER_WITHIN
from tests.gateway.server import ValkeyServer
from tests.integration.delivery.conftest import fresh_database
from tests.integration.delivery.line import Line
from tests.integration.postgres import Databases, MigratedDatabase
from tests.waiting import eventually

BACK_WITHIN = 5.0
# Deadlines, not durations.
SOON = 30.0
STOP_SECONDS = 40.0
DONE_SECONDS = 120.0


@pytest.fixture(scope="module")
def fragile() -> Iterator[Databases]:
    """A PostgreSQL that these tests alone stop and start."""
    server = Databases()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest_asyncio.fixture
async def fragile_line(fragile: Databases, valkey: ValkeyServer) -> AsyncIterator[Line]:
    found = Line(valkey.url, await fresh_database(fragile))
    await found.open()
    yield found
    await found.close()


@pytest_asyncio.fixture
async def impatient_line(valkey: ValkeyServer, database: MigratedDatabase) -> AsyncIterator[Line]:
    """One that waits for Redis as long as production does."""
    found = Line(valkey.url, database, ANSWER_WITHIN)
    await found.open()
    yield found
    await found.close()


class Pauses:
    """How many seconds each task asks to sleep, whatever the machine makes of it: its last pause,
    and once they are `added` every one that follows, too."""

    def __init__(self) -> None:
        self.added = False
        self._of: dict[asyncio.Task[object] | None, float] = {}
        self._sleep = asyncio.sleep

    async def sleep(self, seconds: float) -> None:
        task = asyncio.current_task()
        before = self._of.get(task, 0.0) if self.added else 0.0
        self._of[task] = before + seconds
        await self._sleep(seconds)

    @property
    def longest(self) -> float:
        """Of all tasks but the one that asks."""
        mine = asyncio.current_task()
        return max(seconds for task, seconds in self._of.items() if task is not mine)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    found = Pauses()
    monkeypatch.setattr(asyncio, "sleep", found.sleep)
    return found


def stop(server: Databases, number: signal.Signals) -> None:
    process = server._process
    assert process is not None
    process.send_signal(number)
    process.wait(STOP_SECONDS)


async def working(line: Line, counts: list[int], stopping: asyncio.Event) -> None:
    """A reader that takes what comes, sixteen at once."""
    places = asyncio.Semaphore(16)

    async def take(entry: Entry) -> None:
        try:
            counts.append(entry.deliveries)
            await line.intake.take(entry)
        finally:
            places.release()

    async with asyncio.TaskGroup() as tasks:
        while not stopping.is_set():
            for entry in await line.read(count=8):
                await places.acquire()
                tasks.create_task(take(entry))
            await asyncio.sleep(0)


async def none_pending(line: Line, handled: list[int], count: int) -> bool:
    return len(handled) >= count and await line.pending() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
async def test_a_database_that_goes_away_loses_nothing(
    fragile: Databases, fragile_line: Line, salon: UUID, pauses: Pauses, number: signal.Signals
) -> None:
    """PostgreSQL is stopped (fast, and at once as by `pg_ctl -m immediate`) under a stream of
    commands: each has one effect and one delivery, and all are done soon after its return, for
    nobody sleeps long then."""
    line = fragile_line
    commands = [line.command(salon) for _ in range(120)]
    handled: list[int] = []
    stopping = asyncio.Event()
    reader = asyncio.create_task(working(line, handled, stopping))
    try:
        for command in commands[:40]:
            await line.publish(command)
        await eventually(lambda: len(handled) > 5, SOON)
        await asyncio.to_thread(stop, fragile, number)
        for command in commands[40:]:
            await line.publish(command)
        await eventually(lambda: line.outage.is_on, SOON)
        assert not await line.outage.answers()
        await asyncio.to_thread(fragile.start)
        pauses.added = True
        await eventually(lambda: none_pending(line, handled, 120), DONE_SECONDS)
        longest = pauses.longest
    finally:
        stopping.set()
        await asyncio.wait({reader}, timeout=SOON)
    assert reader.exception() is None
    assert 0 < longest < BACK_WITHIN
    # The test's own connection died, too.
    await line.administrator.dispose()
    assert set(handled) == {1}
    assert await line.effects() == {one.id for one in commands}
    assert await line.dead() == []
    for command in commands:
        assert {one.status for one in await line.replies(command)} == {201}


async def test_a_redis_that_hangs_keeps_the_replies(
    impatient_line: Line, valkey: ValkeyServer, salon: UUID
) -> None:
    """Redis is frozen between the commit and the reply: the writer keeps what it has, and every
    command is answered and acknowledged once Redis answers again."""
    line = impatient_line
    commands = [line.command(salon) for _ in range(20)]
    for command in commands:
        await line.publish(command)
    entries = await line.read()
    taken = [asyncio.create_task(line.intake.take(entry)) for entry in entries[:10]]
    await eventually(lambda: some_done(line), SOON)
    valkey.freeze()
    try:
        taken += [asyncio.create_task(line.intake.take(entry)) for entry in entries[10:]]
        await eventually(lambda: line.outage.is_on, SOON)
    finally:
        valkey.thaw()
    await asyncio.wait_for(asyncio.gather(*taken), DONE_SECONDS)
    assert await line.pending() == 0
    assert await line.effects() == {one.id for one in commands}
    assert await line.client.xlen(replies_to("g")) >= 20
    for command in commands:
        assert {one.status for one in await line.replies(command)} == {201}


async def some_done(line: Line) -> bool:
    return bool(await line.effects())
