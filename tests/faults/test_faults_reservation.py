"""Nothing acknowledged is lost and nothing is done twice, whatever dies or goes away."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from ops.process_table import children_of
from tests.faults.ledger import Ledger
from tests.installation import Installation
from tests.waiting import eventually

Fault = Callable[[], Awaitable[None]]


async def under_load(ledger: Ledger, hurt: Fault | None = None) -> None:
    """Load until some bookings stand, then the fault, then some more."""
    loading = asyncio.create_task(ledger.load())
    try:
        await eventually(lambda: len(ledger.made) >= 30, 30)
        if hurt is not None:
            await hurt()
        goal = len(ledger.made) + 30
        await eventually(lambda: len(ledger.made) >= goal, 60)
    finally:
        ledger.stopping = True
        await loading


@pytest.mark.parametrize("role", ["handler", "relay", "gateway", "subscriber"])
async def test_a_killed_process_loses_nothing(
    hurt: Installation, ledger: Ledger, role: str
) -> None:
    """kill -9 under load: it comes back, every 201 is there, no key made two bookings."""

    async def kill() -> None:
        pid = hurt.kill(role)
        await asyncio.to_thread(hurt.wait_for_role, role, pid)

    await under_load(ledger, kill)
    await ledger.settle()
    ledger.check()
    await eventually(lambda: len(ledger.events()) == len(ledger.made), 30)
    assert set(map(tuple, ledger.events().values())) == {(1,)}
    assert 500 not in ledger.statuses


@pytest.mark.parametrize("server", ["postgres", "redis"])
async def test_a_killed_server_loses_nothing(
    hurt: Installation, ledger: Ledger, server: str
) -> None:
    """The server is killed, recovers, and what was answered with 201 is there."""

    async def kill() -> None:
        pid = hurt.kill(server)
        await asyncio.to_thread(hurt.wait_for_role, server, pid)

    await under_load(ledger, kill)
    await ledger.settle()
    ledger.check()
    await eventually(lambda: len(ledger.events()) == len(ledger.made), 30)
    assert set(map(tuple, ledger.events().values())) == {(1,)}
    assert 500 not in ledger.statuses


@pytest.mark.slow
@pytest.mark.parametrize("server", ["postgres", "redis"])
async def test_a_server_that_hangs_for_ten_seconds(
    hurt: Installation, ledger: Ledger, server: str
) -> None:
    """Stopped for ten seconds under load: 202, 503 or 504 in between, and nothing accepted lost."""
    first = hurt.pids(server)[0]
    frozen = [first]
    ready: list[int] = []

    async def hang() -> None:
        try:
            os.kill(first, signal.SIGSTOP)
            # The first one makes the others, so that none is added now that it stands still; each
            # backend of PostgreSQL has a session of its own.
            frozen.extend(children_of(first))
            for pid in frozen[1:]:
                signalled(pid, signal.SIGSTOP)
            async with httpx.AsyncClient(base_url=hurt.base_url, timeout=30) as client:
                began = asyncio.get_running_loop().time()
                while asyncio.get_running_loop().time() - began < 10:
                    ready.append((await client.get("/ready")).status_code)
                    assert (await client.get("/health")).status_code == 200
        finally:
            for pid in reversed(frozen):
                signalled(pid, signal.SIGCONT)

    await under_load(ledger, hang)
    assert 503 in ready
    await ledger.settle()
    ledger.check()
    await eventually(lambda: len(ledger.events()) == len(ledger.made), 30)
    assert set(ledger.statuses) <= {201, 202, 503, 504}, ledger.statuses


def signalled(pid: int, number: signal.Signals) -> None:
    """The process has been sent the signal, unless it had ended: a backend does so by itself."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


async def test_losing_every_stream_loses_no_event(hurt: Installation, ledger: Ledger) -> None:
    """FLUSHALL: every event that the outbox has is on the stream again, once, and work goes on."""
    await under_load(ledger)
    await eventually(lambda: len(ledger.events()) == len(ledger.made), 30)
    await asyncio.to_thread(ledger.house.redis.flushall)
    await eventually(lambda: len(ledger.events()) == len(ledger.made), 30)
    assert set(map(tuple, ledger.events().values())) == {(1,)}
    ledger.stopping = False
    await under_load(ledger)
    await ledger.settle()
    ledger.check()
