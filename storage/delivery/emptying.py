"""Emptying what a consumer made of events, as the timers' own role, so that it begins again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('rebuild:' || :consumer, 0))")
# all tenants: a consumer hears everybody's events
_FORGET_EVENTS = text("DELETE FROM inbox WHERE fingerprint = :consumer")
# There may be millions of rows, and events that are being heard.
_PATIENCE = text("""
    SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '30s', true)
""")


@asynccontextmanager
async def alone(engine: AsyncEngine, consumer: str) -> AsyncIterator[bool]:
    """Whether nobody else begins this consumer again; for as long, nobody else does."""
    async with engine.connect() as connection:
        async with connection.begin():
            found = await connection.execute(_LOCK, {"consumer": consumer})
            got = bool(found.scalar_one())
        yield got


async def empty(engine: AsyncEngine, consumer: str, tables: Sequence[str]) -> None:
    """Nothing is left in the consumer's tables, and it knows no event. One that is being heard at
    this moment is heard either before, and gone, or afterwards, and counted."""
    async with engine.connect() as connection, connection.begin():
        await connection.execute(_PATIENCE)
        if tables:
            # One after the other: whoever hears an event writes to several of them.
            await connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE"))
        for table in tables:
            # all tenants: it begins again for everybody
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of the code
        await connection.execute(_FORGET_EVENTS, {"consumer": consumer})
