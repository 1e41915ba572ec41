"""Forgetting, as the timers' own role: all of a tenant that is gone."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.reservation.tables import (
    ALLOCATION,
    BOOKING,
    BOOKING_HISTORY,
    BOOKING_SERIES,
    BOOKING_SERIES_SKIPPED,
    PERSON_KEY,
    RESOURCE_GATE,
    WAITLIST_ENTRY,
)

TABLES = (
    WAITLIST_ENTRY,
    BOOKING_HISTORY,
    ALLOCATION,
    BOOKING,
    BOOKING_SERIES_SKIPPED,
    BOOKING_SERIES,
    RESOURCE_GATE,
    PERSON_KEY,
)


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    await purging.forget_tenant(engine, TABLES, tenant_id)
