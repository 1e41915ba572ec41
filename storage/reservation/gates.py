"""Gates: what reservation holds against a resource that its owner is about to delete or to shrink.

A gate carries the version of the resource it was last moved for, so that a message that comes late
moves nothing back. A smaller capacity binds those who know the resource in an earlier version than
`capacity_before`; who knows that version knows its capacity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from storage.delivery.transaction import Reading, Writing

_GATES = text("""
    SELECT resource_id, closed, capacity, capacity_before FROM resource_gate
    WHERE tenant_id = :tenant_id AND resource_id = ANY(:resource_ids)
""")
_MOVE = text("""
    INSERT INTO resource_gate (tenant_id, resource_id, closed, version)
    VALUES (:tenant_id, :resource_id, :closed, :version)
    ON CONFLICT ON CONSTRAINT pk_resource_gate DO UPDATE
    SET closed = EXCLUDED.closed, version = EXCLUDED.version
    WHERE resource_gate.version <= EXCLUDED.version
    RETURNING version
""")
# Of two that shrink the same version, the smaller holds until one of them is the next version.
_LIMIT = text("""
    INSERT INTO resource_gate (tenant_id, resource_id, closed, version, capacity, capacity_before)
    VALUES (:tenant_id, :resource_id, false, 0, :capacity, :before)
    ON CONFLICT ON CONSTRAINT pk_resource_gate DO UPDATE
    SET capacity = CASE WHEN resource_gate.capacity_before = EXCLUDED.capacity_before
                        THEN least(resource_gate.capacity, EXCLUDED.capacity)
                        ELSE EXCLUDED.capacity END,
        capacity_before = EXCLUDED.capacity_before
    WHERE resource_gate.capacity_before IS NULL
       OR resource_gate.capacity_before <= EXCLUDED.capacity_before
""")
_UNLIMIT = text("""
    UPDATE resource_gate SET capacity = NULL, capacity_before = NULL
    WHERE tenant_id = :tenant_id AND resource_id = :resource_id AND capacity_before = :before
""")
_FUTURE = text("""
    SELECT booking.booking_id FROM allocation JOIN booking USING (tenant_id, booking_id)
    WHERE tenant_id = :tenant_id AND allocation.resource_id = :resource_id AND allocation.active
      AND booking.ends_at > :now
      AND (booking.hold_expires_at IS NULL OR booking.hold_expires_at > :now)
    ORDER BY booking.starts_at, booking.booking_id
    LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Gate:
    """`capacity` binds whoever knows a version before `capacity_before`."""

    resource_id: UUID
    closed: bool
    capacity: int | None
    capacity_before: int | None

    def capacity_for(self, known_version: int, capacity: int) -> int:
        """How much of the resource somebody may count on who knows it in this version."""
        if self.capacity is None or self.capacity_before is None:
            return capacity
        return min(capacity, self.capacity) if known_version < self.capacity_before else capacity


async def gates_of(read: Reading, resource_ids: Sequence[UUID]) -> dict[UUID, Gate]:
    """The gates there are: a resource that nobody ever deleted or shrank has none."""
    values = {"tenant_id": read.tenant_id, "resource_ids": list(resource_ids)}
    rows = await read.run(_GATES, values)
    return {row.resource_id: Gate(**row._asdict()) for row in rows}


async def move_gate(write: Writing, resource_id: UUID, version: int, *, closed: bool) -> bool:
    """Closes or opens it under the resource's lock; false when it was moved for a later version."""
    values = {
        "tenant_id": write.tenant_id,
        "resource_id": resource_id,
        "closed": closed,
        "version": version,
    }
    return (await write.run(_MOVE, values)).first() is not None


async def limit_gate(write: Writing, resource_id: UUID, version: int, capacity: int) -> None:
    """Whoever knows this version, or an earlier one, takes no more than that at once."""
    await write.run(_LIMIT, {**_change(write, resource_id, version), "capacity": capacity})


async def unlimit_gate(write: Writing, resource_id: UUID, version: int) -> None:
    """The limit that was set for this version is gone."""
    await write.run(_UNLIMIT, _change(write, resource_id, version))


async def future_bookings(
    read: Reading, resource_id: UUID, now: datetime, limit: int
) -> list[UUID]:
    """Active bookings that take the resource and have not ended, by start."""
    values = {
        "tenant_id": read.tenant_id,
        "resource_id": resource_id,
        "now": now,
        "limit": limit,
    }
    return list((await read.run(_FUTURE, values)).scalars())


def _change(write: Writing, resource_id: UUID, version: int) -> dict[str, object]:
    return {"tenant_id": write.tenant_id, "resource_id": resource_id, "before": version + 1}
