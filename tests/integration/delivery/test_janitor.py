"""The janitor: what it takes away and what it leaves, one step whatever becomes of another."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.delivery.janitor import Janitor
from handlers.delivery.leftover_consumers import drop_leftover_consumers
from storage.delivery.engine import make_engine
from tests.integration.delivery.line import Line
from tests.integration.delivery.notes import CONTEXT


@pytest_asyncio.fixture
async def timer(line: Line) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(line.database.timer, connections=2, name="timer")
    yield engine
    await engine.dispose()


async def consumers(line: Line) -> set[str]:
    found = await line.client.xinfo_consumers(line.stream, CONTEXT)
    return {one["name"].decode() for one in found}


async def test_nobodys_name_is_taken_from_the_group(line: Line, salon: UUID) -> None:
    """Who has long asked for nothing and has nothing in hand; not who has something, and not who
    was there a moment ago."""
    await line.publish(line.command(salon))
    assert len(await line.read("busy")) == 1
    await line.read("idle")
    assert {"busy", "idle"} <= await consumers(line)
    assert await drop_leftover_consumers(line.client, [line.stream, "nobody.events"]) == 0
    gone = await drop_leftover_consumers(line.client, [line.stream, "nobody.events"], 0)
    assert gone >= 1
    left = await consumers(line)
    assert "busy" in left
    assert "idle" not in left
    (pending,) = await line.client.xpending_range(line.stream, CONTEXT, "-", "+", 10)
    assert pending["consumer"] == b"busy"


async def test_a_step_that_takes_too_long_keeps_no_other_from_being_done(
    line: Line, timer: AsyncEngine
) -> None:
    """What runs into its limit is done another time; the rest is done now."""
    done = []

    async def too_long() -> None:
        async with timer.connect() as connection:
            await connection.execute(text("SET statement_timeout = '10ms'"))
            await connection.execute(text("SELECT pg_sleep(5)"))

    async def other() -> None:
        done.append(True)

    await Janitor(line.client, [line.stream], {}, 30, (too_long, other)).purge()
    assert done == [True]
