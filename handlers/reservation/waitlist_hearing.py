"""Hearing of places that become free, and of offers that were taken up or are gone.

A consumer of reservation's own events, and of changed resources: whatever frees a place is heard of
here, and what frees none costs nothing where it happens. It only sends commands, whose ids follow
from the event.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson
from redis.asyncio import Redis

from contracts.reservation.waitlist import WaitlistOffer, WaitlistSettle
from contracts.wire.envelope import Envelope
from contracts.wire.strict import Command
from handlers.delivery.system_commands import appending, system_command
from storage.delivery.transaction import Writing
from storage.reservation.bookings import ACTIVE
from storage.reservation.waitlist import Freed, entry_offered, somebody_waits

HEARD = frozenset(
    {
        "booking.updated",
        "booking.cancelled",
        "booking.status_changed",
        "booking.hold_expired",
        "resource.updated",
    }
)
# What says when a resource is open.
_OPENING = {"active", "availability_schedule", "overrides", "timezone"}
# As far as a booking may lie ahead.
_AHEAD = timedelta(days=3_660)
_PLACE = ("resource_id", "starts_at", "ends_at", "quantity")


class Hearing:
    """A consumer of booking events."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def hear(self, work: Writing, event: Envelope) -> None:
        """Afterwards what follows from the event for those who wait is on its stream."""
        state = orjson.loads(event.data)
        changes = state["changes"]
        if event.type == "resource.updated":
            await self._offer(work, event, opened_by(state, changes, work.now))
            return
        if changes.get("status", {}).get("before") == "held" or _is_extended(state, changes):
            booking_id = UUID(state["id"])
            entry_id = await entry_offered(work, booking_id)
            if entry_id is not None:
                settle = WaitlistSettle(
                    entry_id=entry_id, booking_id=booking_id, status=state["status"]
                )
                await self._send(event, settle, "settle")
        await self._offer(work, event, freed_by(state, changes))

    async def _offer(self, work: Writing, event: Envelope, freed: Freed | None) -> None:
        if freed is not None and await somebody_waits(work, freed):
            offer = WaitlistOffer(
                resource_ids=tuple(freed.resource_ids),
                freed_from=freed.since,
                freed_to=freed.until,
            )
            await self._send(event, offer, "offer")

    async def _send(self, event: Envelope, command: Command, what: str) -> None:
        envelope = system_command(
            command,
            uuid5(event.id, f"waitlist/{what}"),
            event.tenant_id or UUID(int=0),
            source="reservation",
            subject=event.subject,
            cause=event,
        )
        await self._client.execute_command(*appending(envelope, "reservation"))


def _is_extended(state: dict[str, Any], changes: dict[str, Any]) -> bool:
    return state["status"] == "held" and "hold_expires_at" in changes


def opened_by(state: dict[str, Any], changes: dict[str, Any], now: datetime) -> Freed | None:
    """All that lies ahead of a resource that has more room, or other hours, than before."""
    capacity = changes.get("capacity")
    more = capacity is not None and capacity["after"] > capacity["before"]
    if not state["active"] or not (more or changes.keys() & _OPENING):
        return None
    return Freed([UUID(state["id"])], [], now, now + _AHEAD)


def freed_by(state: dict[str, Any], changes: dict[str, Any]) -> Freed | None:
    """The place that this change of a booking gave back, or gave back a part of."""
    status = changes.get("status", {})
    was_active = status.get("before", state["status"]) in ACTIVE
    ended = "status" in changes and state["status"] not in ACTIVE
    moved = any(name in changes for name in _PLACE)
    if not was_active or not (ended or moved):
        return None
    before = {name: changes.get(name, {}).get("before", state[name]) for name in _PLACE}
    ids = dict.fromkeys([before["resource_id"], *state["resource_ids"]])
    return Freed(
        [UUID(one) for one in ids],
        [],
        datetime.fromisoformat(before["starts_at"]),
        datetime.fromisoformat(before["ends_at"]),
    )
