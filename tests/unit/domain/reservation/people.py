"""Bookings and the people who ask about them."""

from typing import Any

from domain.reservation.booking import Booking, Status, Terms
from domain.reservation.lifecycle import Caller
from tests.unit.domain.civil import utc

START, END = utc("2026-06-05 10:00"), utc("2026-06-05 11:00")
MADE = utc("2026-06-01 08:00")
HOUR = 3600

_OWN = {f"booking:{verb}:own" for verb in ("create", "read", "update", "cancel")}
_ANY = {f"booking:{verb}:any" for verb in ("create", "read", "update", "cancel")}
ANA = Caller("ana", frozenset(_OWN))
BRUNO = Caller("bruno", frozenset(_OWN))
STAFF = Caller("clara", frozenset(_OWN | _ANY | {"booking:confirm"}))
MACHINE = Caller(None, frozenset(_OWN))


def booking(status: Status = Status.CONFIRMED, **more: Any) -> Booking:
    """Ana's booking of an hour on Friday, made on Monday; a hold runs out after five minutes."""
    if status is Status.HELD:
        more.setdefault("hold_expires_at", MADE + 300)
    more.setdefault("terms", Terms(cancellation_window_hours=24, reschedule_window_hours=48))
    return Booking(
        id="b1",
        resource_id="room",
        user_id="ana",
        starts_at=START,
        ends_at=END,
        status=status,
        created_at=MADE,
        created_by=more.pop("created_by", "ana"),
        **more,
    )
