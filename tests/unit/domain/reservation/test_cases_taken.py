"""What is booked or closed, as the suites and the bug reports of other engines have it."""

from collections.abc import Collection

import pytest

from domain.reservation.affected import left_outside
from domain.time.interval import Interval
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    reasons,
    room,
    slots,
    starts,
    taken,
    tenant,
    windows,
)

# 2023-06-13 is a Tuesday.
TUESDAY, WEDNESDAY, THURSDAY = "2023-06-13", "2023-06-14", "2023-06-15"
# Eight to four in Brussels (UTC+2) on Tuesday 2018-04-10, by the hour.
OFFICE = every_day(("08:00", "16:00"))


@pytest.mark.parametrize(
    ("leave", "closed"),
    [
        # Odoo's resource calendars: the whole date, half of it, and what lies beside the hours.
        (("2018-04-09T22:00:00Z", "2018-04-10T21:59:59Z"), range(8)),
        (("2018-04-10T08:00:00Z", "2018-04-10T12:00:00Z"), range(2, 6)),
        (("2018-04-10T15:00:00Z", "2018-04-10T23:00:00Z"), ()),
        (("2018-04-10T04:00:00Z", "2018-04-10T06:00:00Z"), ()),
        # A leave written with the offset of Los Angeles is what it is as an instant.
        (("2018-04-10T01:00:00-07:00", "2018-04-10T05:00:00-07:00"), range(2, 6)),
        # A leave of one second rounds to nothing there; here a slot that it touches is closed.
        (("2018-04-10T08:00:00Z", "2018-04-10T08:00:01Z"), (2,)),
        (("2018-04-10T07:59:59Z", "2018-04-10T08:00:00Z"), (1,)),
        # A leave of no time at all closes nothing.
        (("2018-04-10T08:00:00Z", "2018-04-10T08:00:00Z"), ()),
    ],
)
def test_a_leave_closes_the_slots_it_touches(
    leave: tuple[str, str], closed: Collection[int]
) -> None:
    """And moves none: there are eight, whatever is closed of them."""
    closure = {"starts_at": leave[0], "ends_at": leave[1]}
    settings = tenant(OFFICE, timezone="Europe/Brussels", closures=[closure])
    found = reasons(settings, room(), "2018-04-10")
    assert found == ["closed" if hour in closed else None for hour in range(8)]


@pytest.mark.parametrize(
    ("busy", "free"),
    [
        # cal.com, without its "optimised slots": ten minutes at ten leave the grid where it is.
        ([("2023-06-13 10:00", "2023-06-13 10:10")], ["08:00", "09:00", "11:00"]),
        # Nextcloud Appointments: two events that overlap; the shorter one's end frees nothing.
        (
            [
                ("2023-06-13 08:00", "2023-06-13 11:00"),
                ("2023-06-13 08:30", "2023-06-13 09:00"),
            ],
            ["11:00"],
        ),
        # CommonsBooking: a booking that began the day before.
        ([("2023-06-12 20:00", "2023-06-13 10:00")], ["10:00", "11:00"]),
        # One that lasts for days, one that fills exactly, one that only touches.
        ([("2023-06-10 00:00", "2023-06-16 00:00")], []),
        ([("2023-06-13 09:00", "2023-06-13 10:00")], ["08:00", "10:00", "11:00"]),
        ([("2023-06-13 07:00", "2023-06-13 08:00")], ["08:00", "09:00", "10:00", "11:00"]),
        ([("2023-06-13 12:00", "2023-06-13 13:00")], ["08:00", "09:00", "10:00", "11:00"]),
        # Off the grid, it takes both slots that it touches.
        ([("2023-06-13 08:59", "2023-06-13 09:01")], ["10:00", "11:00"]),
    ],
)
def test_what_is_booked_takes_what_it_touches(busy: list[tuple[str, str]], free: list[str]) -> None:
    """08:00–12:30 by the hour: what is left, and what a booking of each slot then gets."""
    settings = tenant(every_day(("08:00", "12:30")))
    rows = [taken(start, end) for start, end in busy]
    found = slots(settings, room(), TUESDAY, busy=rows)
    assert [f"{8 + hour:02d}:00" for hour, slot in enumerate(found) if slot.available] == free
    for hour, slot in enumerate(found):
        begin, end = f"{TUESDAY} {8 + hour:02d}:00", f"{TUESDAY} {9 + hour:02d}:00"
        refusal = [] if slot.available else ["booking_conflict"]
        assert codes(ask(settings, room(), begin, end, busy=rows)) == refusal


def test_a_long_booking_keeps_its_later_slots_when_its_start_has_passed() -> None:
    """10:00–11:45 is on, it is 10:15: eleven is still booked, and twelve is free."""
    # A report to Nextcloud Appointments: once past ten, eleven was offered again.
    settings = tenant(every_day(("10:00", "13:00")), min_advance_minutes=30)
    busy = [taken("2023-06-13 10:00", "2023-06-13 11:45")]
    now = utc("2023-06-13 10:15")
    assert reasons(settings, room(), TUESDAY, busy=busy, now=now) == ["past", "booked", None]


def test_an_hour_takes_an_hour_in_kathmandu() -> None:
    """13:00–14:00 is taken (07:15Z): fourteen o'clock is next, not a quarter to three."""
    # A report to cal.com: the zone's 45 minutes were blocked as well.
    settings = tenant(every_day(("12:00", "16:00")), timezone="Asia/Kathmandu")
    busy = [taken("2023-06-13 07:15", "2023-06-13 08:15")]
    assert reasons(settings, room(), TUESDAY, busy=busy) == [None, "booked", None, None]


def test_longer_hours_are_only_taken_to_the_end_of_what_is_open() -> None:
    """A night of Tuesday, closed on Wednesday: the night stays, and a booking into it with it."""
    # LibreBooking's blackouts, on a place that is open at night.
    settings = tenant(
        {"tue": windows([("20:00", "02:00")]), "wed": windows([("09:00", "12:00")])},
        closures=[{"date": WEDNESDAY}],
    )
    night = Interval(utc("2023-06-13 23:00"), utc("2023-06-14 02:00"))
    noon = Interval(utc("2023-06-14 09:00"), utc("2023-06-14 10:00"))
    assert starts(settings, room(), WEDNESDAY) == []
    assert left_outside(settings, room(), [night, noon]) == {noon}
    assert codes(ask(settings, room(), "2023-06-13 23:00", "2023-06-14 02:00")) == []


def test_what_opens_again_after_a_blackout_is_on_the_old_grid() -> None:
    """A blackout from Tuesday 11:10 to Thursday 09:20: grids are those of the openings."""
    # LibreBooking's blackouts across several days.
    closure = {"starts_at": "2023-06-13T11:10:00Z", "ends_at": "2023-06-15T09:20:00Z"}
    settings = tenant(every_day(("09:00", "13:00")), closures=[closure])
    assert reasons(settings, room(), TUESDAY) == [None, None, "closed", "closed"]
    assert reasons(settings, room(), WEDNESDAY) == ["closed"] * 4
    assert reasons(settings, room(), THURSDAY) == ["closed", None, None, None]
