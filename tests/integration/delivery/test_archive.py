"""Old events go from the outbox into the archive, and from there when they are said to."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.identity import new_id
from storage.delivery import archive
from storage.delivery.ddl import ARCHIVE_TABLES, DROP_ARCHIVE_TABLES
from storage.delivery.engine import make_engine
from tests.integration.delivery.line import Line
from tests.integration.delivery.relays import relayed

DAYS = 30


@pytest_asyncio.fixture
async def timer(line: Line) -> AsyncIterator[AsyncEngine]:
    """The line's database as the timers' role, with nothing in its archive."""
    async with line.administrator.begin() as connection:
        await connection.execute(text("TRUNCATE outbox_archive"))
        await connection.execute(text("UPDATE outbox_archive_state SET forgotten_up_to = 0"))
    engine = make_engine(line.database.timer, connections=2, name="timer")
    yield engine
    await engine.dispose()


async def written(line: Line, tenant_id: UUID, count: int) -> list[UUID]:
    """The ids of so many events that are on their stream, with an address in each."""
    for _ in range(count):
        await line.publish(line.command(tenant_id, reply_to="", address="sealed:1"))
    for entry in await line.read(count=count):
        await line.intake.take(entry)
    await relayed(line)
    rows = await line.rows("SELECT event_id FROM outbox ORDER BY pub_seq")
    return [row[0] for row in rows][-count:]


async def aged(line: Line, days: float, *events: UUID) -> None:
    """As if they had been published so long ago."""
    async with line.administrator.begin() as connection:
        for table in ("outbox", "outbox_archive"):
            await connection.execute(
                text(
                    f"UPDATE {table} SET published_at = now() - cast(:age AS interval)"
                    " WHERE event_id = ANY(:events)"
                ),
                {"age": timedelta(days=days), "events": list(events)},
            )


async def kept(line: Line, table: str) -> list[UUID]:
    return [row[0] for row in await line.rows(f"SELECT event_id FROM {table} ORDER BY pub_seq")]


async def heard(engine: AsyncEngine, *types: str, batch: int = 2) -> list[dict[str, Any]]:
    pages = [page async for page in archive.published(engine, types, batch)]
    assert all(len(page) <= batch for page in pages)
    return [event.fields for page in pages for event in page]


async def test_old_events_are_archived(line: Line, timer: AsyncEngine, salon: UUID) -> None:
    """What was published before the retention goes into the archive as it is, but for the address;
    what is younger stays, and what is not published yet stays, however old it is."""
    events = await written(line, salon, 5)
    before = {row[0]: row[1] for row in await line.rows("SELECT event_id, fields FROM outbox")}
    assert all("clientaddress" in fields for fields in before.values())
    await aged(line, DAYS + 1, *events[:3])
    await aged(line, DAYS - 1, events[3])
    async with line.administrator.begin() as connection:
        await connection.execute(
            text("UPDATE outbox SET published_at = NULL WHERE event_id = :it"), {"it": events[4]}
        )
    await archive.archive(timer, DAYS)
    await archive.archive(timer, DAYS)
    assert await kept(line, "outbox") == events[3:]
    assert await kept(line, "outbox_archive") == events[:3]
    for event_id, fields in await line.rows("SELECT event_id, fields FROM outbox_archive"):
        was = before[event_id]
        assert fields == {name: was[name] for name in was if name != "clientaddress"}


async def test_all_that_was_published_is_read_in_order(
    line: Line, timer: AsyncEngine, salon: UUID
) -> None:
    """From the archive and then from the outbox, page by page; by type, where types are asked."""
    events = await written(line, salon, 7)
    await aged(line, DAYS + 1, *events[:4])
    await archive.archive(timer, DAYS)
    found = await heard(timer)
    assert [UUID(fields["id"]) for fields in found] == events
    assert await heard(timer, found[0]["type"], batch=3) == found
    assert await heard(timer, "note.never") == []


async def test_commands_are_not_archived(line: Line, timer: AsyncEngine, salon: UUID) -> None:
    """What one context had another do is the other's to know."""
    (event,) = await written(line, salon, 1)
    async with line.administrator.begin() as connection:
        await connection.execute(
            text("UPDATE outbox SET sequence = NULL WHERE event_id = :it"), {"it": event}
        )
    await aged(line, DAYS + 1, event)
    await archive.archive(timer, DAYS)
    assert await kept(line, "outbox") == await kept(line, "outbox_archive") == []


async def test_what_is_forgotten_is_known_to_be(
    line: Line, timer: AsyncEngine, salon: UUID
) -> None:
    """After so many days events are gone for good, and up to which number stays known; that a
    tenant's went with the tenant is no gap."""
    assert await archive.forgotten_up_to(timer) == 0
    theirs = await written(line, new_id(), 2)
    events = await written(line, salon, 4)
    await aged(line, 401, *theirs, *events[:1])
    await aged(line, 399, *events[1:])
    await archive.archive(timer, DAYS)
    await archive.forget_tenant(timer, salon)
    assert await kept(line, "outbox_archive") == theirs
    assert await archive.forgotten_up_to(timer) == 0
    await archive.forget_archived(timer, 400)
    assert await kept(line, "outbox_archive") == []
    assert await archive.forgotten_up_to(timer) == 2
    await archive.forget_archived(timer, 400)
    assert await archive.forgotten_up_to(timer) == 2


async def test_an_archive_begins_where_the_outbox_does(
    line: Line, timer: AsyncEngine, salon: UUID
) -> None:
    """Made where events were thrown away before, it knows up to which number they are gone."""
    await written(line, salon, 3)
    for left, number in (("pub_seq > 2", 2), ("false", 3)):
        async with line.administrator.begin() as connection:
            await connection.execute(text(f"DELETE FROM outbox WHERE NOT ({left})"))
            for statement in (*DROP_ARCHIVE_TABLES, *ARCHIVE_TABLES):
                await connection.execute(text(statement))
        assert await archive.forgotten_up_to(timer) == number
