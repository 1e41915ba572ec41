"""Sharing seats, and every way that two bookings can lie: the cases of other engines."""

import pytest

from domain.reservation.acceptance import Refused
from tests.unit.domain.civil import shown
from tests.unit.domain.reservation.scene import ask, codes, every_day, room, slots, taken, tenant

DAY = "2026-04-10"


def at(time: str) -> str:
    return f"{DAY} {time}"


# Easy!Appointments issue 442: four at a time, two hours each, beginning every quarter of an hour.
@pytest.mark.parametrize(
    ("booked", "left"),
    [
        (["13:00"] * 4, [0, 0, 0, 0]),
        (["13:00"] * 2 + ["13:30", "13:45"], [0, 0, 0, 0]),
        (["13:00"] * 2 + ["13:30"], [1, 1, 1, 1]),
        (["13:00"], [3, 3, 3, 3]),
        ([], [4, 4, 4, 4]),
    ],
)
def test_overlapping_sessions_share_the_seats(booked: list[str], left: list[int]) -> None:
    """What is left of each start is what the fullest instant of its two hours leaves."""
    settings = tenant(every_day(("13:00", "15:45")), slot_interval_minutes=15)
    busy = [
        taken(at(start), at(f"{int(start[:2]) + 2}{start[2:]}"), name=str(number))
        for number, start in enumerate(booked)
    ]
    found = slots(settings, room(capacity=4), DAY, minutes=120, busy=busy)
    assert [one.remaining for one in found] == left


# Easy!Appointments issues 492 (forty for an hour a week) and 792 (ten, refused after seven).
@pytest.mark.parametrize(
    ("capacity", "booked", "left"), [(40, 1, 39), (40, 39, 1), (40, 40, 0), (10, 7, 3)]
)
def test_a_session_is_full_when_it_is_full(capacity: int, booked: int, left: int) -> None:
    """Not with the first booking, and not before the last."""
    settings = tenant(every_day(("14:00", "15:00")))
    busy = [taken(at("14:00"), at("15:00"), name=str(number)) for number in range(booked)]
    (found,) = slots(settings, room(capacity=capacity), DAY, busy=busy)
    assert (found.remaining, found.available) == (left, left > 0)


# cal.com issue 18720: a library of twenty, where somebody leaves before the next one comes.
@pytest.mark.parametrize(
    ("since", "until", "left"),
    [
        ("09:00", "10:00", 19),
        ("10:30", "11:30", 19),
        ("11:00", "11:30", 19),
        ("11:30", "12:00", 18),
        ("12:00", "16:00", 19),
        ("09:00", "16:00", 18),
        ("16:00", "17:00", 20),
    ],
)
def test_seats_are_counted_by_the_instant(since: str, until: str, left: int) -> None:
    """Anna 9–11, Brian 11–12, Chloe 11:30–16: as many as are left can come, and not one more."""
    settings = tenant(every_day(("09:00", "17:00")), slot_interval_minutes=30)
    busy = [
        taken(at("09:00"), at("11:00"), name="anna"),
        taken(at("11:00"), at("12:00"), name="brian"),
        taken(at("11:30"), at("16:00"), name="chloe"),
    ]
    library = room(capacity=20)

    def come(people: int) -> list[str]:
        return codes(ask(settings, library, at(since), at(until), quantity=people, busy=busy))

    assert come(left) == []
    assert come(left + 1) == ["booking_conflict" if left < 20 else "capacity_exceeded"]


# Easy!Appointments counts those that hold a slot's start or end (issue 792): what lies within it is
# missed. LibreBooking, ResourceAvailabilityRule, and django-scheduler: what touches is no conflict.
@pytest.mark.parametrize(
    ("since", "until", "conflict"),
    [
        ("08:00", "09:00", False),
        ("08:00", "10:00", True),
        ("09:00", "10:00", True),
        ("10:00", "11:00", True),
        ("11:00", "12:00", True),
        ("09:00", "12:00", True),
        ("08:00", "13:00", True),
        ("11:00", "13:00", True),
        ("12:00", "13:00", False),
        ("09:00", "13:00", True),
        ("08:00", "12:00", True),
        ("06:00", "07:00", False),
        ("14:00", "15:00", False),
    ],
)
def test_every_way_that_two_bookings_can_lie(since: str, until: str, conflict: bool) -> None:
    """Asked for 09–12: the thirteen relations of two intervals, and only sharing time conflicts."""
    settings = tenant(every_day(("00:00", "24:00")))
    other = taken(at(since), at(until))
    answer = ask(settings, room(), at("09:00"), at("12:00"), busy=[other])
    assert codes(answer) == (["booking_conflict"] if conflict else [])
    if isinstance(answer, Refused):
        (found,) = answer.conflicts
        assert shown(found.start, found.end) == [f"04-10 {since}", f"04-10 {until}"]


def test_one_group_fits_where_a_larger_does_not() -> None:
    """Three of five seats are taken: two more come in, three do not, six never could."""
    settings = tenant(every_day(("09:00", "12:00")))
    busy = [taken(at("09:00"), at("10:00"), 3)]
    asked = [
        codes(ask(settings, room(capacity=5), at("09:00"), at("10:00"), quantity=n, busy=busy))
        for n in (2, 3, 6)
    ]
    assert asked == [[], ["booking_conflict"], ["capacity_exceeded"]]
