"""Bookings that stand and have not ended, as far as it takes to hold them against new hours."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from storage.delivery.transaction import Reading

_BOOKED = text("""
    SELECT DISTINCT resource_id FROM allocation
    WHERE tenant_id = :tenant_id AND active AND blocked_to > :now
""")
_STANDING = text("""
    SELECT booking.booking_id, booking.resource_id, booking.user_id, booking.starts_at,
           booking.ends_at, booking.status, booking.version
    FROM allocation JOIN booking USING (tenant_id, booking_id)
    WHERE tenant_id = :tenant_id AND allocation.resource_id = :resource_id AND allocation.active
      AND booking.ends_at > :now
      AND (booking.hold_expires_at IS NULL OR booking.hold_expires_at > :now)
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """An active booking; `resource_id` is the one it is of, also where it takes others too."""

    booking_id: UUID
    resource_id: UUID
    user_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    status: str
    version: int


async def booked_resources(read: Reading) -> list[UUID]:
    """Resources of which something is booked from now on."""
    values = {"tenant_id": read.tenant_id, "now": read.now}
    return list((await read.run(_BOOKED, values)).scalars())


async def standing_bookings(read: Reading, resource_id: UUID) -> list[Standing]:
    """What is booked of a resource and has not ended."""
    values = {"tenant_id": read.tenant_id, "resource_id": resource_id, "now": read.now}
    return [Standing(**row._asdict()) for row in await read.run(_STANDING, values)]
