"""Which bookings a change of opening time leaves outside."""

from dataclasses import replace

from domain.reservation.affected import left_outside
from domain.tenant.settings import DEFAULT_SETTINGS
from domain.time.interval import Interval
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import room


def booking(day: str, since: str, until: str) -> Interval:
    return Interval(utc(f"{day} {since}"), utc(f"{day} {until}"))


def test_what_lies_in_the_hours_is_not_outside() -> None:
    """Weekdays nine to six: a booking that ends with the day stays, one past it does not."""
    within = booking("2026-06-08", "17:00", "18:00")
    past = booking("2026-06-08", "17:30", "18:30")
    sunday = booking("2026-06-07", "10:00", "11:00")
    assert left_outside(DEFAULT_SETTINGS, room(), [within, past, sunday]) == {past, sunday}


def test_of_an_inactive_resource_everything_is_outside() -> None:
    """There is no slot of it, whatever the hour."""
    within = booking("2026-06-08", "10:00", "11:00")
    assert left_outside(DEFAULT_SETTINGS, replace(room(), active=False), [within]) == {within}


def test_bookings_may_lie_years_apart() -> None:
    """Each is held against the hours of its own time."""
    found = [booking(f"{year}-06-08", "10:00", "11:00") for year in range(2026, 2036)]
    outside = left_outside(DEFAULT_SETTINGS, room(), found)
    # In these two years 8 June is a Saturday and a Sunday.
    assert outside == {booking(f"{year}-06-08", "10:00", "11:00") for year in (2030, 2031)}


def test_nothing_booked_is_nothing_outside() -> None:
    """No booking, no answer to give."""
    assert left_outside(DEFAULT_SETTINGS, room(), []) == set()
