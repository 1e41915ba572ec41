"""Places: who has which resource when. The database decides that nobody has it twice.

Two ways take a place, and exclude each other by the resource's advisory lock. The fast one is a
single call for one resource of capacity one, and holds the lock shared. The slow one locks every
resource (and user) concerned in one sorted statement, then reads, decides and writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from storage.delivery.transaction import Reading, Writing

Taken = Literal["ok", "taken", "gone", "holds"]

_TAKE = text("SELECT take_place(:tenant_id, :resource_id, :booking_id, :from_, :to, :hold)")
_LOCK = text("""
    SELECT pg_advisory_xact_lock(found.key) FROM (
        SELECT DISTINCT place_lock(:tenant_id, object_id) AS key
        FROM unnest(cast(:object_ids AS uuid[])) AS object_id ORDER BY key
    ) AS found
""")
# `blocked_from` is bounded from below by the longest allocation there can be, so that the covering
# index answers. A hold that has run out takes nothing, by the database's clock.
_BUSY = text("""
    SELECT resource_id, booking_id, extract(epoch FROM blocked_from)::bigint AS begins,
           extract(epoch FROM blocked_to)::bigint AS ends, quantity
    FROM allocation
    WHERE tenant_id = :tenant_id AND resource_id = ANY(:resource_ids) AND active
      AND blocked_from < :to AND blocked_from > cast(:from_ AS timestamptz) - interval '33 days'
      AND blocked_to > :from_
      AND (hold_expires_at IS NULL OR :with_lapsed OR hold_expires_at > clock_timestamp())
    ORDER BY resource_id, blocked_from
""")
_OF_BOOKING = text("""
    SELECT resource_id, booking_id, extract(epoch FROM blocked_from)::bigint AS begins,
           extract(epoch FROM blocked_to)::bigint AS ends, quantity
    FROM allocation
    WHERE tenant_id = :tenant_id AND booking_id = :booking_id AND active
""")
_OVERDUE = text("""
    SELECT DISTINCT booking_id, hold_expires_at FROM allocation
    WHERE tenant_id = :tenant_id AND resource_id = ANY(:resource_ids) AND active
      AND blocked_from < :to AND blocked_to > :from_ AND hold_expires_at <= clock_timestamp()
    ORDER BY booking_id
""")
_PUT = text("""
    INSERT INTO allocation (tenant_id, resource_id, booking_id, blocked, blocked_from, blocked_to,
                            quantity, active, exclusive, hold_expires_at)
    SELECT :tenant_id, resource_id, :booking_id, tstzrange(:from_, :to), :from_, :to,
           :quantity, true, resource_id = ANY(:exclusive), :hold
    FROM unnest(cast(:resource_ids AS uuid[])) AS resource_id ORDER BY resource_id
    ON CONFLICT ON CONSTRAINT pk_allocation DO UPDATE SET
        blocked = EXCLUDED.blocked, blocked_from = EXCLUDED.blocked_from,
        blocked_to = EXCLUDED.blocked_to, quantity = EXCLUDED.quantity,
        exclusive = EXCLUDED.exclusive, hold_expires_at = EXCLUDED.hold_expires_at, active = true
""")
_LEAVE = text("""
    UPDATE allocation SET active = false
    WHERE tenant_id = :tenant_id AND booking_id = :booking_id
      AND NOT (resource_id = ANY(:but_for))
""")
_HOLD = text("""
    UPDATE allocation SET hold_expires_at = :hold
    WHERE tenant_id = :tenant_id AND booking_id = :booking_id AND active
""")


@dataclass(frozen=True, slots=True)
class BusyRow:
    """A taken stretch of a resource, buffers included; epoch seconds."""

    resource_id: UUID
    booking_id: UUID
    begins: int
    ends: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Blocked time `[from_, to)`, buffers included; `hold` is when it lapses by itself."""

    from_: datetime
    to: datetime
    hold: datetime | None = None


async def take_place(
    write: Writing, resource_id: UUID, booking_id: UUID, stretch: Stretch
) -> Taken:
    """The fast way, for capacity one: the constraint decides."""
    values = {
        "tenant_id": write.tenant_id,
        "resource_id": resource_id,
        "booking_id": booking_id,
        "from_": stretch.from_,
        "to": stretch.to,
        "hold": stretch.hold,
    }
    answer: Taken = (await write.run(_TAKE, values)).scalar_one()
    return answer


async def lock_places(write: Writing, object_ids: Sequence[UUID]) -> None:
    """Locks resources (and users, for their quota) in one sorted list, before anything is read."""
    values = {"tenant_id": write.tenant_id, "object_ids": list(object_ids)}
    await write.run(_LOCK, values)


async def busy_places(
    read: Reading,
    resource_ids: Sequence[UUID],
    from_: datetime,
    to: datetime,
    *,
    with_lapsed: bool = False,
) -> list[BusyRow]:
    """What is taken of the resources between two instants, in one query however many they are.

    A writer counts holds that have run out `with_lapsed` too: those it met it has expired, under
    the lock of their row, and one that runs out this instant may be being confirmed.
    """
    values = {
        "tenant_id": read.tenant_id,
        "resource_ids": list(resource_ids),
        "from_": from_,
        "to": to,
        "with_lapsed": with_lapsed,
    }
    return [BusyRow(**row._asdict()) for row in await read.run(_BUSY, values)]


async def places_of(read: Reading, booking_id: UUID) -> list[BusyRow]:
    """What a booking has taken, of each of its resources."""
    values = {"tenant_id": read.tenant_id, "booking_id": booking_id}
    return [BusyRow(**row._asdict()) for row in await read.run(_OF_BOOKING, values)]


async def overdue_holds(
    write: Writing, resource_ids: Sequence[UUID], from_: datetime, to: datetime
) -> list[tuple[UUID, datetime]]:
    """Bookings whose holds have run out and still sit in the way, and when they did."""
    values = {
        "tenant_id": write.tenant_id,
        "resource_ids": list(resource_ids),
        "from_": from_,
        "to": to,
    }
    return [(row.booking_id, row.hold_expires_at) for row in await write.run(_OVERDUE, values)]


async def put_places(  # one row's columns
    write: Writing,
    booking_id: UUID,
    resource_ids: Sequence[UUID],
    exclusive: Sequence[UUID],
    stretch: Stretch,
    quantity: int,
) -> None:
    """The slow way: under the locks, after the decision; also moves the places a booking has."""
    values = {
        "tenant_id": write.tenant_id,
        "booking_id": booking_id,
        "resource_ids": list(resource_ids),
        "exclusive": list(exclusive),
        "from_": stretch.from_,
        "to": stretch.to,
        "hold": stretch.hold,
        "quantity": quantity,
    }
    await write.run(_PUT, values)


async def leave_places(write: Writing, booking_id: UUID, but_for: Sequence[UUID] = ()) -> None:
    """Frees what a booking has taken."""
    values = {
        "tenant_id": write.tenant_id,
        "booking_id": booking_id,
        "but_for": list(but_for),
    }
    await write.run(_LEAVE, values)


async def set_hold(write: Writing, booking_id: UUID, hold: datetime | None) -> None:
    """A hold is confirmed (None) or extended."""
    values = {"tenant_id": write.tenant_id, "booking_id": booking_id, "hold": hold}
    await write.run(_HOLD, values)
