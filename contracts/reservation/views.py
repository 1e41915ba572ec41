"""What the reservation context answers, and the state its events carry."""

import datetime
from typing import Any, Literal

from contracts.reservation.commands import StatusName
from contracts.wire.strict import Id, Instant, Strict


class BookingState(Strict):
    """A booking as events carry it: free text and attributes, which may say anything of anybody,
    are never in one. `cancellation_window_hours` is that of the terms it was made under."""

    id: Id
    tenant_id: Id
    resource_id: Id
    resource_ids: tuple[Id, ...]
    user_id: Id | None
    starts_at: Instant
    ends_at: Instant
    timezone: str
    quantity: int
    status: StatusName
    attributes: dict[str, Any] = {}
    series_id: Id | None
    price: dict[str, Any] | None
    hold_expires_at: Instant | None
    rules_version: int
    cancellation_window_hours: int | None = None
    created_by: str
    created_at: Instant
    updated_at: Instant
    cancelled_at: Instant | None
    cancelled_by: str | None
    version: int


class BookingHappened(BookingState):
    """What an event says besides, for those who keep figures: the category that the booked resource
    had when it was booked."""

    category_id: Id | None = None


class BookingView(BookingState):
    """A booking as its reader sees it: `can_cancel` is computed for the caller, at reading."""

    attributes: dict[str, Any]
    notes: str | None
    cancellation_reason: str | None
    can_cancel: bool
    can_cancel_until: Instant | None
    cannot_cancel_reason: Literal["cancellation_window_passed", "not_active", "forbidden"] | None
    server_time: Instant | None = None


class BatchResult(Strict):
    """What became of one booking of a batch; `http_status` is 201, or that of its problem."""

    index: int
    http_status: int
    booking: BookingView | None = None
    problem: dict[str, Any] | None = None


class BatchView(Strict):
    """An outcome for each, in the order of the batch."""

    results: tuple[BatchResult, ...]


class SlotView(Strict):
    start: str
    end: str
    available: bool
    remaining: int
    reason: Literal["booked", "past", "too_soon", "too_far_ahead", "closed"] | None


class DayView(Strict):
    date: datetime.date
    slots: tuple[SlotView, ...]


class AvailabilityView(Strict):
    resource_id: Id
    timezone: str
    slot_interval_minutes: int
    days: tuple[DayView, ...]


class FoundAvailability(AvailabilityView):
    """That of one resource among others."""

    name: str


class HistoryEntry(Strict):
    version: int
    type: str
    at: Instant
    actor: str
    changes: dict[str, dict[str, Any]]
    overridden: tuple[str, ...]
    reason: str | None


EVENTS: dict[str, type[Strict]] = {
    "booking.created": BookingHappened,
    "booking.updated": BookingHappened,
    "booking.cancelled": BookingHappened,
    "booking.status_changed": BookingHappened,
    "booking.hold_expired": BookingHappened,
}
