"""The desk of the tests tries again as production does, and hides nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from handlers.delivery.intake import TRIES
from tests.integration.desk import DEADLOCK, Desk
from tests.integration.postgres import Databases

LOCKED, MISTAKE = "55P03", "23503"


@pytest_asyncio.fixture
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    found = Desk.at("tenant", databases.of("tenant"))
    yield found
    await found.close()


def failing(desk: Desk, state: str, times: int) -> tuple[Callable[[], Awaitable[None]], list[int]]:
    """Work that fails so in the database, so many times; and its tries."""
    tries: list[int] = []

    async def work() -> None:
        tries.append(len(tries))
        async with desk.engine.begin() as connection:
            if len(tries) <= times:
                await connection.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))

    return work, tries


@pytest.mark.parametrize(("state", "deadlocks"), [(LOCKED, 0), (DEADLOCK, TRIES - 1)])
async def test_who_loses_a_quarrel_tries_again(desk: Desk, state: str, deadlocks: int) -> None:
    """As often as production, and no more; each deadlock is counted."""
    before = await desk.deadlocks()
    work, tries = failing(desk, state, TRIES - 1)
    await desk.persist(work)
    assert len(tries) == TRIES
    assert await desk.deadlocks() == before + deadlocks
    work, tries = failing(desk, state, TRIES)
    with pytest.raises(DBAPIError):
        await desk.persist(work)
    assert len(tries) == TRIES


async def test_a_mistake_is_not_repeated(desk: Desk) -> None:
    """It fails at once."""
    work, tries = failing(desk, MISTAKE, 1)
    with pytest.raises(DBAPIError):
        await desk.persist(work)
    assert len(tries) == 1
