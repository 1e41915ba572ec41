"""Forgetting, as the timers' own role: old inbox rows of every tenant, and what was sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Executable, Table, delete, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.timing import PATIENCE, committed

# all tenants: rows go by age
_INBOX = text(
    "DELETE FROM inbox WHERE created_at < clock_timestamp() - make_interval(days => :days)"
)
# all tenants: what was sent to another context is of use until its inbox has it
_SENT = text("""
    DELETE FROM outbox WHERE sequence IS NULL
      AND published_at < clock_timestamp() - make_interval(hours => :hours)
""")
# all tenants: what is sealed is wiped by age; that it was carried out stays known
_WIPE = text("""
    UPDATE inbox
    SET reply = json_build_object('status', (reply::jsonb)->'status', 'wiped', true)::text
    WHERE created_at >= :since AND created_at < :until AND starts_with(reply, '{"sealed"')
""")
# all tenants: how far back there is anything
_OLDEST = text("""
    SELECT min(created_at), clock_timestamp() - make_interval(hours => :hours) FROM inbox
""")
# all tenants: events have one order
_TRIMMABLE = text("""
    SELECT coalesce(max(pub_seq), 0) FROM outbox
    WHERE published_at < clock_timestamp() - make_interval(days => :days)
""")

# So much of the inbox is looked through at once.
_STEP = timedelta(hours=6)


async def trimmable_up_to(engine: AsyncEngine, days: int) -> int:
    """The number of the last event that was published longer ago than `days`; 0 for none."""
    ((found,),) = await committed(engine, _TRIMMABLE, {"days": days}, patient=True)
    return int(found)


async def purge_inbox(engine: AsyncEngine, days: int) -> None:
    """Deletes what is older. Inboxes are kept longer than outboxes, so that an event that is
    published again is still known to its consumers."""
    await committed(engine, _INBOX, {"days": days}, patient=True)


async def wipe_replies(
    engine: AsyncEngine, hours: int, since: datetime | None = None
) -> datetime | None:
    """Sealed replies older than that are wiped, and what was sent to other contexts is deleted.
    Answers until when, for the next time to go on from; None where there is nothing yet."""
    async with engine.connect() as connection:
        async with connection.begin():
            await connection.execute(PATIENCE)
            await connection.execute(_SENT, {"hours": hours})
            oldest, until = (await connection.execute(_OLDEST, {"hours": hours})).one()
        begin = since or oldest
        while begin is not None and begin < until:
            end = min(begin + _STEP, until)
            async with connection.begin():
                await connection.execute(PATIENCE)
                await connection.execute(_WIPE, {"since": begin, "until": end})
            begin = end
        return begin


async def forget_tenant(engine: AsyncEngine, tables: Sequence[Table], tenant_id: UUID) -> None:
    """Deletes all that these tables have of a tenant, those first that refer to others."""
    async with engine.connect() as connection, connection.begin():
        await connection.execute(PATIENCE)
        for table in tables:
            await connection.execute(delete(table).where(table.c.tenant_id == tenant_id))


async def forget(engine: AsyncEngine, statements: Sequence[Executable], days: int) -> None:
    """A context's own forgetting: each statement deletes what ended more than `days` ago."""
    for statement in statements:
        await committed(engine, statement, {"days": days}, patient=True)
