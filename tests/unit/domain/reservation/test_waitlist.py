"""Who may wait for what, and which place fits whom."""

import pytest

from domain.reservation.booking import Status
from domain.reservation.waitlist import Wanted, faults, fitting, looked_at, outcome
from domain.time.interval import Interval
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import every_day, room, taken, tenant

NOW = utc("2026-06-01 00:00")
HOURS = every_day(("09:00", "18:00"))


def span(since: str, until: str, day: str = "2026-06-03") -> Interval:
    return Interval(utc(f"{day} {since}"), utc(f"{day} {until}"))


def hour(since: str, until: str, quantity: int = 1) -> Wanted:
    """An hour anywhere between two times of the day."""
    return Wanted(span(since, until), 3600, quantity)


def test_the_place_that_was_given_back_comes_before_one_beside_it() -> None:
    """Half an hour's grid: ten to eleven is offered, although half past nine would do, too."""
    settings = tenant(HOURS, slot_interval_minutes=30)
    found = fitting(settings, room(), hour("09:00", "12:00"), span("10:00", "11:00"), NOW, busy=())
    assert found == span("10:00", "11:00")


def test_a_place_beside_it_does_where_the_place_itself_does_not() -> None:
    """Two hours are wanted, one was given back, and the one before it is free: both together."""
    wanted = Wanted(span("09:00", "18:00"), 7200)
    busy = [taken("2026-06-03 11:00", "2026-06-03 18:00")]
    found = fitting(tenant(HOURS), room(), wanted, span("10:00", "11:00"), NOW, busy=busy)
    assert found == span("09:00", "11:00")


def test_what_was_free_before_is_not_offered() -> None:
    """Nothing of the place itself is to be had: then nothing is."""
    busy = [taken("2026-06-03 10:00", "2026-06-03 11:00")]
    wanted = hour("09:00", "18:00")
    assert fitting(tenant(HOURS), room(), wanted, span("10:00", "11:00"), NOW, busy=busy) is None


def test_a_slot_that_only_a_buffer_kept_is_given_back_too() -> None:
    """An hour after each booking is kept free: with nine to ten given back, ten to eleven can be
    had, which it could not before."""
    settings = tenant(HOURS, buffer_after_minutes=60)
    wanted = hour("10:00", "11:00")
    found = fitting(settings, room(), wanted, span("09:00", "10:00"), NOW, busy=())
    assert found == span("10:00", "11:00")


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (hour("13:00", "18:00"), "another time"),
        (hour("09:00", "18:00", quantity=2), "more than there is"),
        (Wanted(span("10:00", "10:30"), 3600), "too little room"),
    ],
)
def test_what_does_not_fit_is_not_offered(wanted: Wanted, why: str) -> None:
    """Whatever the reason."""
    freed = span("10:00", "11:00")
    assert fitting(tenant(HOURS), room(), wanted, freed, NOW, busy=()) is None, why


def test_a_lead_time_holds_for_offers_too() -> None:
    """What can no longer be booked is not offered."""
    settings = tenant(HOURS, min_advance_minutes=120)
    wanted, freed = hour("09:00", "12:00"), span("10:00", "11:00")
    late = utc("2026-06-03 08:30")
    assert fitting(settings, room(), wanted, freed, late, busy=()) is None


def test_a_night_that_began_the_day_before_is_looked_at() -> None:
    """Open from ten in the evening to four: an hour after midnight stands under the day before."""
    settings = tenant(every_day(("22:00", "04:00")))
    freed = span("01:00", "02:00")
    found = fitting(settings, room(), hour("00:00", "04:00"), freed, NOW, busy=())
    assert found == freed


def test_the_busy_rows_that_matter_are_said() -> None:
    """They cover every slot that could be offered."""
    looked = looked_at(tenant(HOURS), room(), hour("09:00", "18:00"), span("10:00", "11:00"))
    assert looked.start <= utc("2026-06-03 09:00")
    assert looked.end >= utc("2026-06-03 12:00")


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (Status.HELD, None),
        (Status.CONFIRMED, "fulfilled"),
        (Status.PENDING, "fulfilled"),
        (Status.CHECKED_IN, "fulfilled"),
        (Status.COMPLETED, "fulfilled"),
        (Status.NO_SHOW, "fulfilled"),
        (Status.CANCELLED, "lapsed"),
        (Status.EXPIRED, "lapsed"),
        (Status.REJECTED, "lapsed"),
    ],
)
def test_what_becomes_of_an_offer(status: Status, found: str | None) -> None:
    """Every status of the hold says it."""
    assert outcome(status) == found


def test_faults_are_listed_in_their_order() -> None:
    """Everything that is wrong, the first one first; what is merely taken is no fault."""
    settings = tenant(HOURS, max_advance_days=30)
    assert faults(settings, [room()], hour("09:00", "18:00"), NOW) == ()
    wrong = Wanted(Interval(NOW - 7200, NOW - 7000), 1000, quantity=9)
    assert faults(settings, [room()], wrong, NOW) == (
        "invalid_interval",
        "in_the_past",
        "duration_not_multiple",
        "capacity_exceeded",
    )
    far = Wanted(Interval(NOW + 31 * 86_400, NOW + 99 * 86_400), 3600)
    assert faults(settings, [], far, NOW) == (
        "range_too_long",
        "too_far_ahead",
        "resource_unavailable",
    )
