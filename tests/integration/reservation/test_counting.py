"""By what name a booking's event is counted."""

from typing import Any
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from contracts.catalogue import EVENTS
from handlers.delivery.work import Happened
from handlers.reservation.counting import OUTCOMES, BookingCounts

BOOKING = UUID(int=1)
CHANGED: dict[str, Any] = {"before": 1, "after": 2}
CASES = [
    ("booking.created", "confirmed", {}, "created"),
    ("booking.created", "pending", {}, "created"),
    ("booking.created", "held", {}, "held"),
    ("booking.updated", "confirmed", {"starts_at": CHANGED, "notes": CHANGED}, "moved"),
    ("booking.updated", "confirmed", {"ends_at": CHANGED}, "moved"),
    ("booking.updated", "confirmed", {"resource_id": CHANGED}, "moved"),
    ("booking.updated", "confirmed", {"notes": CHANGED}, "edited"),
    ("booking.status_changed", "confirmed", {"status": CHANGED}, "confirmed"),
    ("booking.status_changed", "no_show", {"status": CHANGED}, "changed"),
    ("booking.cancelled", "cancelled", {"status": CHANGED}, "cancelled"),
    ("booking.hold_expired", "expired", {"status": CHANGED}, "expired"),
]


def counted(*events: Happened) -> dict[str, float]:
    """What stands on the page after these events, without noughts."""
    registry = CollectorRegistry()
    counts = BookingCounts(registry)
    for event in events:
        counts.hear(event)
    found = {
        outcome: registry.get_sample_value("slotstream_bookings_total", {"outcome": outcome})
        for outcome in OUTCOMES
    }
    return {outcome: value for outcome, value in found.items() if value}


@pytest.mark.parametrize(("kind", "status", "changes", "outcome"), CASES)
def test_each_event_has_one_name(
    kind: str, status: str, changes: dict[str, Any], outcome: str
) -> None:
    """A move is told from an edit by what changed, a hold from a booking by its status."""
    event = Happened(kind, "booking", BOOKING, 1, {"status": status}, changes)
    assert counted(event) == {outcome: 1}


def test_every_event_of_a_booking_is_counted() -> None:
    """The cases above have all there are; what is no booking's is counted as none."""
    bookings = {name for name in EVENTS if name.startswith("booking.")}
    assert {kind for kind, *_ in CASES} == bookings
    assert counted(Happened("waitlist.joined", "waitlist", BOOKING, 1, {})) == {}
