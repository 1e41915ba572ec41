"""What time has overtaken, as the timers' role sees it: ids and deadlines, no more."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

# all tenants: the sweeper looks after everybody's holds
_DUE = text("""
    SELECT tenant_id, booking_id, coalesce(hold_expires_at, starts_at) AS deadline FROM booking
    WHERE status = 'held' AND hold_expires_at <= clock_timestamp()
    UNION ALL
    SELECT tenant_id, booking_id, starts_at FROM booking
    WHERE status = 'pending' AND starts_at <= clock_timestamp()
    LIMIT 500
""")


@dataclass(frozen=True, slots=True)
class Due:
    """A hold that ran out, or a pending booking whose start has passed."""

    tenant_id: UUID
    booking_id: UUID
    deadline: datetime


async def due_bookings(engine: AsyncEngine) -> list[Due]:
    """Up to 500 of them, by the database's clock."""
    async with engine.connect() as connection:
        return [Due(**row._asdict()) for row in await connection.execute(_DUE)]


# all tenants: the sweeper looks after everybody's waits
_DUE_ENTRIES = text("""
    SELECT tenant_id, entry_id FROM waitlist_entry
    WHERE status = 'waiting'
      AND until < clock_timestamp() + make_interval(mins => duration_minutes)
    LIMIT 500
""")


@dataclass(frozen=True, slots=True)
class DueEntry:
    """Somebody who waits for a start that has passed."""

    tenant_id: UUID
    entry_id: UUID


async def due_entries(engine: AsyncEngine) -> list[DueEntry]:
    """Up to 500 of them, by the database's clock."""
    async with engine.connect() as connection:
        return [DueEntry(**row._asdict()) for row in await connection.execute(_DUE_ENTRIES)]
