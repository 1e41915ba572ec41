"""Hours, midnight and exceptions as the suites of other engines ask about them."""

import pytest

from domain.tenant.settings import settings_violations
from tests.unit.domain.reservation.scene import (
    Hours,
    ask,
    codes,
    every_day,
    override,
    room,
    starts,
    tenant,
    windows,
)

# 2023-06-13 is a Tuesday.
TUESDAY, WEDNESDAY = "2023-06-13", "2023-06-14"


def clock(hours: Hours, step: int, minutes: int | None = None, on: str = TUESDAY) -> list[str]:
    """The starts of a date by the clock alone."""
    settings = tenant(every_day(*hours), slot_interval_minutes=step)
    return [start[6:] for start in starts(settings, room(), on, minutes=minutes)]


@pytest.mark.parametrize(
    ("hours", "step", "count"),
    [
        # cal.com's slot logic: an empty day, and one that does not end at a full hour.
        ([("00:00", "24:00")], 60, 24),
        ([("00:00", "24:00")], 20, 72),
        ([("00:00", "23:45")], 20, 71),
        ([("11:00", "12:00"), ("14:00", "15:00")], 20, 6),
        ([("00:10", "02:00")], 10, 11),
        # … of five minutes, and of a length that five does not divide.
        ([("07:00", "07:05"), ("07:10", "07:30")], 5, 5),
        ([("07:22", "08:00")], 8, 4),
        # The appointment service of the NHS: three hours before noon in five minutes, and a slot
        # of a window that it fills to the last minute.
        ([("09:00", "12:00")], 5, 36),
        ([("09:00", "09:30")], 30, 1),
        ([("09:00", "09:29")], 30, 0),
        # Easy!Appointments: a plan from midnight to midnight was no plan after an upgrade.
        ([("00:00", "00:00")], 60, 24),
    ],
)
def test_a_day_has_the_slots_that_fit(hours: Hours, step: int, count: int) -> None:
    """Each window from its own opening, and none that would end after it."""
    assert len(clock(hours, step)) == count


@pytest.mark.parametrize(
    ("hours", "step", "minutes", "expected"),
    [
        # cal.com: the final slot of the day is included.
        ([("22:00", "23:00")], 15, 15, ["22:00", "22:15", "22:30", "22:45"]),
        # cal.com rounds these to full hours; our grid is anchored at the opening.
        ([("09:15", "11:00"), ("11:30", "14:00")], 60, 60, ["09:15", "11:30", "12:30"]),
        ([("07:30", "09:30")], 60, 60, ["07:30", "08:30"]),
        # nettu-scheduler: a slot that fits right at the end, and one that crosses it.
        ([("09:01", "09:20")], 10, 10, ["09:01"]),
        ([("09:00", "09:50")], 20, 20, ["09:00", "09:20"]),
        # cal.com has a slot of half an hour on every hour; a length is a multiple of our step.
        ([("09:00", "12:00")], 60, 30, []),
        ([("09:00", "12:00")], 30, 60, ["09:00", "09:30", "10:00", "10:30", "11:00"]),
        # A window that is shorter than what is asked for, between two that are not.
        (
            [("09:00", "11:00"), ("12:00", "13:00"), ("14:00", "16:00")],
            60,
            120,
            ["09:00", "14:00"],
        ),
        # Windows that touch: 11:00 crosses from one into the other.
        ([("08:00", "11:00"), ("11:00", "14:00")], 90, 90, ["08:00", "09:30", "11:00", "12:30"]),
        ([("08:00", "11:00"), ("11:00", "13:00")], 120, 120, ["08:00", "10:00", "11:00"]),
    ],
)
def test_starts_are_on_the_grid_of_their_window(
    hours: Hours, step: int, minutes: int, expected: list[str]
) -> None:
    """Anchored at the opening; the length has to fit what is open from there on."""
    assert clock(hours, step, minutes) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        # Two reports to cal.com: an hour at 23:30 was not to be had.
        (("22:30", "02:00"), ["22:30", "23:00", "23:30", "00:00", "00:30", "01:00"]),
        (("22:30", "01:30"), ["22:30", "23:00", "23:30", "00:00", "00:30"]),
        # Easy!Appointments: up to midnight and not beyond it.
        (("21:00", "24:00"), ["21:00", "21:30", "22:00", "22:30", "23:00"]),
        (("21:00", "00:00"), ["21:00", "21:30", "22:00", "22:30", "23:00"]),
        (("23:00", "00:30"), ["23:00", "23:30"]),
    ],
)
def test_an_hour_is_booked_across_midnight(hours: tuple[str, str], expected: list[str]) -> None:
    """Every slot stands under the date on which its window opens, and on no other."""
    days = {"tue": windows([hours])}
    settings = tenant(days, slot_interval_minutes=30)
    found = starts(settings, room(), TUESDAY, minutes=60)
    assert [start[6:] for start in found] == expected
    assert starts(settings, room(), WEDNESDAY, minutes=60) == []


def test_two_windows_that_meet_at_midnight_hold_ninety_minutes() -> None:
    """23:00–24:00 and the next date's 00:00–00:30, in London: 22:00Z to 23:30Z."""
    # cal.com's date ranges: availability past midnight by merging what is adjacent.
    hours = {"tue": windows([("23:00", "24:00")]), "wed": windows([("00:00", "00:30")])}
    settings = tenant(hours, timezone="Europe/London", slot_interval_minutes=30)
    assert starts(settings, room(), TUESDAY, minutes=90) == ["06-13 22:00"]
    assert starts(settings, room(), WEDNESDAY, minutes=90) == []
    assert codes(ask(settings, room(), "2023-06-13 22:00", "2023-06-13 23:30")) == []
    assert codes(ask(settings, room(), "2023-06-13 22:30", "2023-06-14 00:00")) == [
        "outside_business_hours"
    ]


@pytest.mark.parametrize("by_override", [False, True])
def test_two_whole_days_hold_two_days(by_override: bool) -> None:
    """Monday and Tuesday by the week, or by overrides of the two dates: 48 hours and no more."""
    # cal.com's date ranges: multi-day availability, and the same by date overrides.
    day = windows([("00:00", "24:00")])
    settings = tenant({} if by_override else {"mon": day, "tue": day}, timezone="Europe/London")
    dates = ("2023-06-12", TUESDAY) if by_override else ()
    resource = room(overrides=[override(on, ("00:00", "24:00"), beyond=True) for on in dates])
    assert codes(ask(settings, resource, "2023-06-11 23:00", "2023-06-13 23:00")) == []
    assert codes(ask(settings, resource, "2023-06-11 23:00", "2023-06-14 00:00")) == [
        "outside_business_hours"
    ]
    assert starts(settings, resource, "2023-06-12", minutes=48 * 60) == ["06-11 23:00"]


@pytest.mark.parametrize(
    ("zone", "on", "hours", "expected"),
    [
        # cal.com: an override that is the next day already in UTC; it replaces the week's hours.
        ("America/New_York", TUESDAY, ("22:00", "23:00"), ["06-14 02:00"]),
        # … and one of Honolulu that turned up a day early for a visitor from Brussels.
        ("Pacific/Honolulu", "2023-08-15", ("19:00", "21:00"), ["08-16 05:00", "08-16 06:00"]),
        # The other way round: the date before, in UTC.
        ("Pacific/Auckland", TUESDAY, ("08:00", "10:00"), ["06-12 20:00", "06-12 21:00"]),
        ("Pacific/Kiritimati", TUESDAY, ("00:00", "02:00"), ["06-12 10:00", "06-12 11:00"]),
    ],
)
def test_an_override_is_of_the_local_date(
    zone: str, on: str, hours: tuple[str, str], expected: list[str]
) -> None:
    """Whatever the date is in UTC or where the visitor is."""
    settings = tenant(every_day(("12:00", "13:00")), timezone=zone)
    resource = room(overrides=[override(on, hours, beyond=True)])
    assert starts(settings, resource, on) == expected


def test_a_date_that_is_overridden_as_closed_leaves_its_neighbours() -> None:
    """08:00–17:00 in London, Tuesday off: Wednesday begins at 07:00Z as ever."""
    # cal.com: a full day unavailable by date override.
    settings = tenant(every_day(("08:00", "17:00")), timezone="Europe/London")
    resource = room(overrides=[override(TUESDAY)])
    assert starts(settings, resource, TUESDAY) == []
    assert starts(settings, resource, WEDNESDAY)[0] == "06-14 07:00"
    assert len(starts(settings, resource, WEDNESDAY)) == 9


def test_breaks_are_what_lies_between_windows() -> None:
    """09:00–18:00 with a break at 14:30: 17 half hours; an hour starts at 28 quarters."""
    # Easy!Appointments' working plan with breaks.
    hours = [("09:00", "14:30"), ("15:00", "18:00")]
    assert len(clock(hours, 30)) == 17
    quarters = clock(hours, 15, 60)
    assert len(quarters) == 28
    assert quarters[18:20] == ["13:30", "15:00"]
    settings = tenant(every_day(*hours), slot_interval_minutes=30)
    assert codes(ask(settings, room(), "2023-06-13 14:00", "2023-06-13 15:00")) == [
        "outside_business_hours"
    ]


def test_an_exception_to_the_plan_opens_a_day_off_only_beyond_hours() -> None:
    """Sunday is closed: its exception opens nothing within the tenant's hours, and all beyond."""
    # Easy!Appointments' working plan exceptions, where an exception always opens.
    settings = tenant({"mon": windows([("09:00", "18:00")])})
    within = room(overrides=[override("2023-06-11", ("10:00", "12:00"))])
    beyond = room(overrides=[override("2023-06-11", ("10:00", "12:00"), beyond=True)])
    assert starts(settings, within, "2023-06-11") == []
    assert starts(settings, beyond, "2023-06-11") == ["06-11 10:00", "06-11 11:00"]


def test_an_end_before_the_start_is_a_night() -> None:
    """08:00–07:00 has 23 hours, the last of them at six the next morning."""
    # cal.com skips such hours as invalid; ours run past midnight.
    settings = tenant({"tue": windows([("08:00", "07:00")])})
    found = starts(settings, room(), TUESDAY)
    assert (len(found), found[0], found[-1]) == (23, "06-13 08:00", "06-14 06:00")


@pytest.mark.parametrize(
    "hours",
    [
        # cal.com merges windows of a day that overlap, to five and to one; here they are refused.
        {"tue": windows([("11:00", "12:00"), ("11:20", "12:40")])},
        {"tue": windows([("06:00", "10:00"), ("08:00", "10:00")])},
        # A night that runs into the next morning, also from Sunday into Monday.
        {"tue": windows([("22:00", "06:00")]), "wed": windows([("05:00", "09:00")])},
        {"sun": windows([("22:00", "06:00")]), "mon": windows([("05:00", "09:00")])},
    ],
)
def test_windows_that_overlap_are_no_settings(hours: dict[str, list[dict[str, str]]]) -> None:
    """`windows_overlap`, within a day and into the next."""
    assert [found.code for found in settings_violations(tenant(hours))] == ["windows_overlap"]
