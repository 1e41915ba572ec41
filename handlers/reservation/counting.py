"""Bookings, counted by what became of them: read off their events, however they came about."""

from prometheus_client import CollectorRegistry, Counter

from handlers.delivery.work import Happened

# What of a booking is changed by a move, and not by an edit.
_MOVES = frozenset({"starts_at", "ends_at", "resource_id"})
_BY_EVENT = {
    "booking.cancelled": "cancelled",
    "booking.hold_expired": "expired",
}
OUTCOMES = ("created", "held", "confirmed", "moved", "edited", "cancelled", "expired", "changed")


class BookingCounts:
    """One family, whose series are there from the beginning."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Counter(
            "slotstream_bookings_total",
            "Bookings by what was done with them; those of batches and series one by one.",
            ("outcome",),
            registry=registry,
        )
        self._counts = {outcome: family.labels(outcome) for outcome in OUTCOMES}

    def hear(self, event: Happened) -> None:
        """Counts the event where it is a booking's."""
        if event.type.startswith("booking."):
            self._counts[outcome_of(event)].inc()


def outcome_of(event: Happened) -> str:
    """`created` or `held`; `moved` or `edited`; `confirmed`, or `changed` to another status;
    `cancelled`; `expired`, of a hold."""
    if event.type == "booking.created":
        return "held" if event.state.get("status") == "held" else "created"
    if event.type == "booking.updated":
        return "moved" if _MOVES & event.changes.keys() else "edited"
    if event.type == "booking.status_changed":
        return "confirmed" if event.state.get("status") == "confirmed" else "changed"
    return _BY_EVENT.get(event.type, "changed")
