"""Entries of the waitlist as documents and events, and how they change."""

from dataclasses import replace
from typing import Any

from contracts.wire.strict import rfc3339
from handlers.delivery.work import Happened
from storage.delivery.transaction import Writing
from storage.reservation.bookings import BookingRow
from storage.reservation.waitlist import EntryRow, save_entry


async def moved(
    work: Writing,
    entry: EntryRow,
    status: str,
    event_type: str,
    *,
    offer: dict[str, Any] | None = None,
    **changed: Any,
) -> tuple[EntryRow, Happened]:
    """The entry in its next version, and the event of that; `offer` is an offered_place."""
    after = replace(entry, **changed, status=status, version=entry.version + 1, updated_at=work.now)
    await save_entry(work, after)
    event = entry_event(event_type, after, entry)
    return after, replace(event, state={**event.state, "offer": offer})


def entry_view(entry: EntryRow) -> dict[str, Any]:
    """A WaitlistView."""
    expires = entry.offer_expires_at
    booking, resource, category = (
        None if one is None else str(one)
        for one in (entry.offered_booking_id, entry.resource_id, entry.category_id)
    )
    return {
        "id": str(entry.entry_id),
        "tenant_id": str(entry.tenant_id),
        "resource_id": resource,
        "category_id": category,
        "user_id": str(entry.user_id),
        "from": rfc3339(entry.since),
        "to": rfc3339(entry.until),
        "duration_minutes": entry.duration_minutes,
        "quantity": entry.quantity,
        "status": entry.status,
        "offered_booking_id": booking,
        "offer_expires_at": None if expires is None else rfc3339(expires),
        "created_by": entry.created_by,
        "created_at": rfc3339(entry.created_at),
        "updated_at": rfc3339(entry.updated_at),
        "version": entry.version,
    }


def entry_event(event_type: str, entry: EntryRow, before: EntryRow | None) -> Happened:
    """The entry after a change, with what changed."""
    new = entry_view(entry)
    old = {} if before is None else entry_view(before)
    names = ("status", "offered_booking_id", "offer_expires_at")
    changes = {
        name: {"before": old.get(name), "after": new[name]}
        for name in names
        if old.get(name) != new[name]
    }
    return Happened(event_type, "waitlist", entry.entry_id, entry.version, new, changes)


def offered_place(booking: BookingRow) -> dict[str, Any]:
    """An OfferedPlace."""
    if booking.hold_expires_at is None:
        raise ValueError("an offer is a hold")
    return {
        "booking_id": str(booking.booking_id),
        "resource_id": str(booking.resource_id),
        "starts_at": rfc3339(booking.starts_at),
        "ends_at": rfc3339(booking.ends_at),
        "hold_expires_at": rfc3339(booking.hold_expires_at),
    }
