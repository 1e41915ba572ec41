"""Forgetting, as the timers' own role: old inbox and outbox rows of every tenant."""

from collections.abc import Sequence

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncEngine

# all tenants: rows go by age
_INBOX = text(
    "DELETE FROM inbox WHERE created_at < clock_timestamp() - make_interval(days => :days)"
)
# all tenants: rows go by age, and never before they are on their stream
_OUTBOX = text("""
    DELETE FROM outbox
    WHERE published_at < clock_timestamp() - make_interval(days => :days)
""")
# all tenants: events have one order
_TRIMMABLE = text("""
    SELECT coalesce(max(pub_seq), 0) FROM outbox
    WHERE published_at < clock_timestamp() - make_interval(days => :days)
""")


async def trimmable_up_to(engine: AsyncEngine, days: int) -> int:
    """The number of the last event that was published longer ago than `days`; 0 for none."""
    async with engine.connect() as connection:
        return int((await connection.execute(_TRIMMABLE, {"days": days})).scalar_one())


async def purge(engine: AsyncEngine, *, inbox_days: int, outbox_days: int) -> None:
    """Deletes what is older. Inboxes are kept longer than outboxes, so that an event that is
    published again is still known to its consumers."""
    async with engine.connect() as connection:
        async with connection.begin():
            await connection.execute(_INBOX, {"days": inbox_days})
        async with connection.begin():
            await connection.execute(_OUTBOX, {"days": outbox_days})


async def forget(engine: AsyncEngine, statements: Sequence[Executable], days: int) -> None:
    """A context's own forgetting: each statement deletes what ended more than `days` ago."""
    for statement in statements:
        async with engine.connect() as connection, connection.begin():
            await connection.execute(statement, {"days": days})
