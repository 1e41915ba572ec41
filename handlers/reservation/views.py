"""Bookings between their three shapes: the stored row, the domain's value, the shown document."""

from datetime import datetime
from typing import Any

from contracts.wire.envelope import Actor
from contracts.wire.strict import rfc3339
from domain.reservation.booking import Booking, Status, Terms
from domain.reservation.cancellation import cancellation_standing
from domain.reservation.lifecycle import Caller
from domain.time.instant import exact_epoch, floor_epoch, utc_of
from handlers.delivery.work import Happened
from handlers.reservation.free_text import PRIVATE, REDACTED
from storage.reservation.bookings import BookingRow, HistoryRow

_COMPARED = (
    "resource_id",
    "resource_ids",
    "user_id",
    "starts_at",
    "ends_at",
    "timezone",
    "quantity",
    "status",
    "attributes",
    "hold_expires_at",
    "cancelled_at",
    "cancelled_by",
    "notes",
    "cancellation_reason",
)


def terms_of(row: BookingRow) -> Terms:
    """The terms that a booking was made under."""
    reschedule = row.reschedule_window_hours
    return Terms(
        rules_version=row.rules_version,
        cancellation_window_hours=row.cancellation_window_hours,
        reschedule_window_hours=(
            row.cancellation_window_hours if reschedule is None else reschedule
        ),
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        hold_ttl_seconds=row.hold_ttl_seconds,
    )


def booking_of(row: BookingRow) -> Booking:
    """The booking as the domain decides on it."""
    hold = row.hold_expires_at
    return Booking(
        id=str(row.booking_id),
        resource_id=str(row.resource_id),
        user_id=None if row.user_id is None else str(row.user_id),
        starts_at=floor_epoch(row.starts_at),
        ends_at=floor_epoch(row.ends_at),
        status=Status(row.status),
        terms=terms_of(row),
        created_at=exact_epoch(row.created_at),
        quantity=row.quantity,
        resource_ids=tuple(str(found) for found in row.resource_ids),
        created_by=row.created_by.partition(":")[2] or None,
        hold_expires_at=None if hold is None else exact_epoch(hold),
    )


def caller_of(actor: Actor) -> Caller:
    """The actor as policies see it: only a tenant's own user has bookings of their own; a machine
    is known again as the maker of a hold."""
    return Caller(
        actor.id if actor.kind == "user" else None,
        actor.permissions,
        actor.id if actor.kind == "service" else None,
    )


def booking_state(row: BookingRow) -> dict[str, Any]:
    """A BookingState: what readers and events are both told."""
    return {
        "id": str(row.booking_id),
        "tenant_id": str(row.tenant_id),
        "resource_id": str(row.resource_id),
        "resource_ids": [str(found) for found in row.resource_ids],
        "user_id": None if row.user_id is None else str(row.user_id),
        "starts_at": rfc3339(row.starts_at),
        "ends_at": rfc3339(row.ends_at),
        "timezone": row.timezone,
        "quantity": row.quantity,
        "status": row.status,
        "series_id": None if row.series_id is None else str(row.series_id),
        "price": row.price,
        "hold_expires_at": _instant(row.hold_expires_at),
        "rules_version": row.rules_version,
        "cancellation_window_hours": row.cancellation_window_hours,
        "created_by": row.created_by,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "cancelled_at": _instant(row.cancelled_at),
        "cancelled_by": row.cancelled_by,
        "version": row.version,
    }


def booking_stored(row: BookingRow) -> dict[str, Any]:
    """A booking with what is said of it in words."""
    return booking_state(row) | _private(row)


def booking_view(row: BookingRow, actor: Actor, now: datetime) -> dict[str, Any]:
    """A BookingView: the booking as this reader sees it at this instant."""
    booking = booking_of(row)
    standing = cancellation_standing(booking, exact_epoch(now), caller_of(actor))
    until = standing.can_cancel_until
    view = booking_stored(row) | {
        "can_cancel": standing.can_cancel,
        "can_cancel_until": None if until is None else rfc3339(utc_of(until)),
        "cannot_cancel_reason": standing.cannot_cancel_reason,
    }
    if row.status == Status.HELD:
        view["server_time"] = rfc3339(now)
    return view


def changes_between(before: BookingRow | None, after: BookingRow) -> dict[str, dict[str, Any]]:
    """Before and after of every field that differs, as history keeps it."""
    old = {} if before is None else _compared(before)
    return {
        name: {"before": old.get(name), "after": value}
        for name, value in _compared(after).items()
        if old.get(name) != value
    }


def booking_event(event_type: str, row: BookingRow, changes: dict[str, dict[str, Any]]) -> Happened:
    """The one event of this version, a BookingHappened; of free text it says only that it
    changed."""
    shown = {
        name: REDACTED if name in PRIVATE else change
        for name, change in changes.items()
        if name not in PRIVATE or change["before"] or change["after"]
    }
    category = None if row.category_id is None else str(row.category_id)
    state = booking_state(row) | {"category_id": category}
    return Happened(event_type, "booking", row.booking_id, row.version, state, shown)


def history_view(row: HistoryRow) -> dict[str, Any]:
    """A HistoryEntry."""
    return {
        "version": row.version,
        "type": row.type,
        "at": rfc3339(row.at),
        "actor": row.actor,
        "changes": row.changes,
        "overridden": row.overridden,
        "reason": row.reason,
    }


def _compared(row: BookingRow) -> dict[str, Any]:
    shown = booking_stored(row)
    return {name: shown[name] for name in _COMPARED}


def _private(row: BookingRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PRIVATE}


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
