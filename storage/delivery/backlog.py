"""What of an outbox is not on its stream yet, as the timers' own role sees it."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

# Beyond so many rows it is no longer counted: that there are so many is what matters.
MOST_COUNTED = 10_000

# all tenants: how much there is, and nothing of what it says
_BACKLOG = text("""
    SELECT count(*) AS rows,
           coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS seconds
    FROM (SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT :most) waiting
""")


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows that wait to be published, MOST_COUNTED at most, and how long the first has waited."""

    rows: int
    seconds: float


async def backlog(engine: AsyncEngine) -> Backlog:
    """The backlog of one database's outbox now."""
    async with engine.connect() as connection:
        found = (await connection.execute(_BACKLOG, {"most": MOST_COUNTED})).one()
    return Backlog(int(found.rows), float(found.seconds))
