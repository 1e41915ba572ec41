"""Nights, months, years, and dates that are none or two: the cases of other engines."""

import pytest

from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import (
    Hours,
    ask,
    codes,
    every_day,
    override,
    reasons,
    room,
    slots,
    starts,
    taken,
    tenant,
    windows,
)

DAY = "2026-06-05"


def test_half_past_one_at_night_is_closing_time() -> None:
    """08:00–01:30 in half hours is 35 slots; one that begins at 01:30 is outside."""
    settings = tenant(every_day(("08:00", "01:30")), slot_interval_minutes=30)
    assert len(starts(settings, room(), DAY)) == 35
    late = ask(settings, room(), "2026-06-06 01:30", "2026-06-06 02:00")
    assert codes(late) == ["outside_business_hours"]


# RoomBooking issue 22 and hotels: from midday to midday. Also over a leap day and a new year.
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-06-05 12:00", "2026-06-06 12:00"),
        ("2026-06-05 12:00", "2026-06-08 12:00"),
        ("2024-02-28 12:00", "2024-03-01 12:00"),
        ("2023-02-28 12:00", "2023-03-01 12:00"),
        ("2026-12-31 12:00", "2027-01-01 12:00"),
    ],
)
def test_from_midday_to_midday(start: str, end: str) -> None:
    """Windows that touch at noon are one: a stay of one night, or of several."""
    settings = tenant(every_day(("12:00", "12:00")))
    assert codes(ask(settings, room(), start, end)) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-02-28", ["02-28 23:00", "02-29 00:00"]),
        ("2024-02-29", ["02-29 23:00", "03-01 00:00"]),
        ("2023-02-28", ["02-28 23:00", "03-01 00:00"]),
        ("2026-12-31", ["12-31 23:00", "01-01 00:00"]),
        ("2000-02-29", ["02-29 23:00", "03-01 00:00"]),
    ],
)
def test_a_night_into_the_next_month_or_year(day: str, expected: list[str]) -> None:
    """The date after is the calendar's."""
    assert starts(tenant(every_day(("23:00", "01:00"))), room(), day) == expected


# Odoo, test_resource: Tuesdays 8–16 and Fridays 8–13 and 16–23 are forty hours in two weeks;
# a leave from Thursday at ten to Tuesday noon, said in the zone of the calendar.
def test_two_weeks_of_odoo() -> None:
    """Forty slots in two weeks, and with the leave four on the second Tuesday."""
    week = {
        "tue": windows([("08:00", "16:00")]),
        "fri": windows([("08:00", "13:00"), ("16:00", "23:00")]),
    }
    dates = ["2013-02-12", "2013-02-15", "2013-02-19", "2013-02-22"]
    zoned = {"timezone": "America/Anchorage"}
    settings = tenant(week, **zoned)
    assert [len(starts(settings, room(), day)) for day in dates] == [8, 12, 8, 12]
    leave = {"starts_at": "2013-02-21T10:00:00-09:00", "ends_at": "2013-02-26T12:00:00-09:00"}
    away = tenant(week, closures=[leave], **zoned)
    assert reasons(away, room(), "2013-02-19") == [None] * 8
    assert reasons(away, room(), "2013-02-22") == ["closed"] * 12
    assert reasons(away, room(), "2013-02-26") == ["closed"] * 4 + [None] * 4


# cal.com, date-ranges.test: an override replaces the week's hours, is read in the schedule's zone
# and belongs to its local date though it is the next one in UTC; a whole day off.
@pytest.mark.parametrize(
    ("zone", "exception", "day", "expected"),
    [
        ("America/New_York", [("22:00", "23:00")], "2023-06-13", ["06-14 02:00"]),
        ("America/New_York", [("10:00", "12:00")], "2023-06-13", ["06-13 14:00", "06-13 15:00"]),
        ("Pacific/Honolulu", [("19:00", "21:00")], "2023-08-15", ["08-16 05:00", "08-16 06:00"]),
        ("Pacific/Kiritimati", [("08:00", "09:00")], "2023-08-15", ["08-14 18:00"]),
        ("Europe/London", [], "2023-06-13", []),
    ],
)
def test_an_exception_is_a_local_date(
    zone: str, exception: Hours, day: str, expected: list[str]
) -> None:
    """And the day after is as ever."""
    settings = tenant(every_day(("08:00", "23:00")), timezone=zone)
    resource = room(overrides=[override(day, *exception)])
    assert starts(settings, resource, day) == expected
    following = f"{day[:8]}{int(day[8:]) + 1:02d}"
    assert len(starts(settings, resource, following)) == 15


# freerooms pull request 423: what began yesterday, or ends at or after midnight, was not counted.
@pytest.mark.parametrize(
    ("start", "end", "booked"),
    [
        ("2026-06-04 22:00", "2026-06-05 01:00", [0]),
        ("2026-06-05 22:00", "2026-06-06 00:00", [22, 23]),
        ("2026-06-05 23:00", "2026-06-06 02:00", [23]),
        ("2026-06-04 12:00", "2026-06-06 12:00", list(range(24))),
        ("2026-06-04 22:00", "2026-06-05 00:00", []),
    ],
)
def test_what_crosses_midnight_is_counted(start: str, end: str, booked: list[int]) -> None:
    """A booking takes the hours of each date that it lies on."""
    settings = tenant(every_day(("00:00", "24:00")))
    found = reasons(settings, room(), DAY, busy=[taken(start, end)])
    assert [hour for hour, reason in enumerate(found) if reason] == booked


def test_the_last_hour_before_closing_is_sold() -> None:
    """Chicago, closing at 22:00, capacity 4, asked at 21:05: three quarters of an hour are left."""
    # ottehr issue 3294.
    settings = tenant(
        every_day(("09:00", "22:00")), slot_interval_minutes=15, timezone="America/Chicago"
    )
    found = slots(settings, room(capacity=4), DAY, now=utc("2026-06-06 02:05"))
    assert [slot.remaining for slot in found if slot.available] == [4, 4, 4]


# A date that a zone never had, and one that it had twice.
@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Pacific/Apia", "2011-12-30", 0),
        ("Pacific/Fakaofo", "2011-12-30", 0),
        ("Pacific/Kiritimati", "1994-12-31", 0),
        ("Pacific/Kwajalein", "1993-08-21", 0),
        ("Pacific/Kwajalein", "1993-08-22", 24),
        ("Pacific/Kwajalein", "1969-09-30", 47),
    ],
)
def test_dates_that_come_never_or_twice(zone: str, day: str, hours: int) -> None:
    """A whole date has the hours that pass in it."""
    settings = tenant(every_day(("00:00", "24:00")), timezone=zone)
    found = starts(settings, room(), day)
    assert len(found) == len(set(found)) == hours


@pytest.mark.parametrize(
    ("day", "hours", "start", "refused"),
    [
        ("2026-03-08", 23, "05:00", ["duration_not_multiple"]),
        ("2026-06-05", 24, "04:00", []),
        ("2026-11-01", 25, "04:00", ["duration_not_multiple", "duration_out_of_bounds"]),
    ],
)
def test_a_day_is_24_hours_to_a_duration(
    day: str, hours: int, start: str, refused: list[str]
) -> None:
    """Midnight to midnight in New York, a day at most: lengths are elapsed time."""
    # LibreBooking's rules for the longest duration count calendar days as well; ours do not.
    settings = tenant(
        every_day(("00:00", "24:00")),
        timezone="America/New_York",
        slot_interval_minutes=1440,
        max_duration_minutes=1440,
    )
    begin = utc(f"{day} {start}")
    following = f"{day[:8]}{int(day[8:]) + 1:02d}"
    end = f"{following} {'04:00' if hours < 25 else '05:00'}"
    assert utc(end) - begin == hours * 3600
    assert codes(ask(settings, room(), f"{day} {start}", end)) == refused
