"""Change-over days that other engines have stumbled over: what is offered, and that it is booked.

Every expected instant is worked out by hand from the offsets in the IANA database.
"""

from datetime import date

import pytest

from domain.reservation.acceptance import Accepted, Request, decide
from domain.reservation.affected import left_outside
from domain.reservation.booking import terms_for
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    override,
    room,
    slots,
    starts,
    taken,
    tenant,
    windows,
)

ALL_DAY = every_day(("00:00", "24:00"))

# Zone, date, and how many half hours pass between its first midnight and the next date's.
WHOLE_DAYS = [
    # Ramadan: an hour back for the month, forward after it, with a database that calls it
    # negative summer time (moment-timezone and PHP have bug reports of it read the wrong way).
    ("Africa/Casablanca", "2025-02-23", 50),
    ("Africa/Casablanca", "2025-04-06", 46),
    ("Africa/El_Aaiun", "2025-02-23", 50),
    ("Africa/El_Aaiun", "2025-04-06", 46),
    # The other negative summer time.
    ("Europe/Dublin", "2025-03-30", 46),
    ("Europe/Dublin", "2025-10-26", 50),
    # Half an hour, two hours, three hours.
    ("Australia/Lord_Howe", "2025-10-05", 47),
    ("Australia/Lord_Howe", "2025-04-06", 49),
    ("Antarctica/Troll", "2025-03-30", 44),
    ("Antarctica/Troll", "2025-10-26", 52),
    ("Antarctica/Casey", "2010-03-04", 48),
    ("Antarctica/Casey", "2010-03-05", 54),
    # On a Saturday, not on the Sunday that a rule of thumb expects.
    ("Asia/Gaza", "2025-04-12", 46),
    ("Asia/Gaza", "2025-04-13", 48),
    ("Asia/Gaza", "2025-10-25", 50),
    # Late on the evening before; and one autumn without a change.
    ("America/Nuuk", "2024-03-30", 46),
    ("America/Nuuk", "2024-03-31", 48),
    ("America/Nuuk", "2024-10-26", 50),
    ("America/Nuuk", "2023-10-28", 48),
    ("Pacific/Easter", "2025-04-05", 50),
    ("Pacific/Easter", "2025-09-06", 46),
    # Midnight itself is skipped (Sunday begins at one) or its hour before it is repeated.
    ("America/Santiago", "2025-09-07", 46),
    ("America/Santiago", "2025-04-05", 50),
    ("Asia/Beirut", "2025-03-30", 46),
    ("America/Havana", "2025-03-09", 46),
    ("Atlantic/Azores", "2025-03-30", 46),
    ("Atlantic/Azores", "2025-10-26", 50),
    # Until 2011 at a minute past midnight: the date itself was gone back from.
    ("America/St_Johns", "2010-11-06", 48),
    ("America/St_Johns", "2010-11-07", 50),
    # Changes of law: once, in winter, by half an hour, or no more.
    ("Europe/Volgograd", "2020-12-27", 50),
    ("Africa/Juba", "2021-01-31", 50),
    ("America/Caracas", "2007-12-09", 49),
    ("America/Caracas", "2016-05-01", 47),
    ("Asia/Pyongyang", "2015-08-14", 49),
    ("Asia/Pyongyang", "2018-05-04", 47),
    ("America/Asuncion", "2025-03-22", 48),
    ("America/Asuncion", "2025-03-23", 48),
    # A quarter of an hour off, and the dates that were never there.
    ("Pacific/Chatham", "2025-04-06", 50),
    ("Pacific/Chatham", "2025-09-28", 46),
    ("Pacific/Kwajalein", "1993-08-21", 0),
    ("Pacific/Kiritimati", "1994-12-31", 0),
    ("Pacific/Fakaofo", "2011-12-30", 0),
]

# Zone, date, window, step in minutes, and the starts in UTC.
WINDOWS = [
    # An open report on a Laravel booking package: the repeated hour of Chicago, 00:00–06:00.
    (
        "America/Chicago",
        "2026-11-01",
        ("00:00", "06:00"),
        60,
        [f"11-01 {hour:02d}:00" for hour in range(5, 12)],
    ),
    # A report on time-slots-finder: eight half hours of a morning after the change, not six.
    (
        "Europe/Prague",
        "2021-10-31",
        ("08:00", "12:00"),
        30,
        [f"10-31 {hour:02d}:{minute}" for hour in range(7, 11) for minute in ("00", "30")],
    ),
    # cal.com's date ranges: eight in London on the last of October, after the change and before.
    ("Europe/London", "2023-10-31", ("08:00", "10:00"), 60, ["10-31 08:00", "10-31 09:00"]),
    ("Europe/London", "2023-10-28", ("08:00", "10:00"), 60, ["10-28 07:00", "10-28 08:00"]),
    # cal.com's date ranges: nine in New York on the Monday after the change, and on the Friday.
    ("America/New_York", "2023-11-03", ("09:00", "11:00"), 60, ["11-03 13:00", "11-03 14:00"]),
    ("America/New_York", "2023-11-06", ("09:00", "11:00"), 60, ["11-06 14:00", "11-06 15:00"]),
    # A report to cal.com: three in the afternoon of the spring Sunday was offered as four.
    ("America/Chicago", "2025-03-02", ("15:00", "16:30"), 90, ["03-02 21:00"]),
    ("America/Chicago", "2025-03-09", ("15:00", "16:30"), 90, ["03-09 20:00"]),
    # Lord Howe: into the repeated half hour, and out of the skipped one.
    ("Australia/Lord_Howe", "2025-04-06", ("01:45", "02:15"), 60, ["04-05 14:45"]),
    ("Australia/Lord_Howe", "2025-10-05", ("02:15", "03:15"), 30, ["10-04 15:45"]),
    ("Australia/Lord_Howe", "2025-10-05", ("02:00", "02:30"), 30, []),
    # Troll: two hours are skipped, or come twice.
    ("Antarctica/Troll", "2025-03-30", ("00:00", "04:00"), 60, ["03-30 00:00", "03-30 01:00"]),
    ("Antarctica/Troll", "2025-03-30", ("02:30", "04:30"), 60, []),
    (
        "Antarctica/Troll",
        "2025-10-26",
        ("01:00", "03:00"),
        60,
        ["10-25 23:00", "10-26 00:00", "10-26 01:00", "10-26 02:00"],
    ),
    ("Antarctica/Troll", "2025-10-26", ("00:00", "02:00"), 60, ["10-25 22:00", "10-25 23:00"]),
    # Casablanca: the shop opens at nine, on either side of the month and within it.
    ("Africa/Casablanca", "2025-02-22", ("09:00", "10:00"), 60, ["02-22 08:00"]),
    ("Africa/Casablanca", "2025-02-23", ("09:00", "10:00"), 60, ["02-23 09:00"]),
    ("Africa/Casablanca", "2025-04-05", ("09:00", "10:00"), 60, ["04-05 09:00"]),
    ("Africa/Casablanca", "2025-04-06", ("09:00", "10:00"), 60, ["04-06 08:00"]),
    ("Africa/Casablanca", "2025-04-06", ("02:00", "03:00"), 60, []),
    # Nuuk: the last hour of Saturday is skipped, or comes twice; a night goes across it.
    ("America/Nuuk", "2024-03-30", ("22:00", "24:00"), 60, ["03-31 00:00"]),
    ("America/Nuuk", "2024-03-30", ("23:00", "24:00"), 60, []),
    ("America/Nuuk", "2024-03-31", ("00:00", "02:00"), 60, ["03-31 01:00", "03-31 02:00"]),
    (
        "America/Nuuk",
        "2024-03-30",
        ("22:00", "02:00"),
        60,
        ["03-31 00:00", "03-31 01:00", "03-31 02:00"],
    ),
    ("America/Nuuk", "2024-10-26", ("23:00", "24:00"), 60, ["10-27 00:00", "10-27 01:00"]),
    # Chatham: 45 minutes off the hour, and changed at a quarter to three or four.
    (
        "Pacific/Chatham",
        "2025-04-06",
        ("02:00", "05:00"),
        60,
        ["04-05 12:15", "04-05 13:15", "04-05 14:15", "04-05 15:15"],
    ),
    ("Pacific/Chatham", "2025-09-28", ("02:00", "05:00"), 60, ["09-27 13:15", "09-27 14:15"]),
    ("Pacific/Chatham", "2025-09-28", ("03:00", "04:00"), 60, []),
    # Gaza, and offsets of three quarters that never change.
    (
        "Asia/Gaza",
        "2025-04-12",
        ("00:00", "04:00"),
        60,
        ["04-11 22:00", "04-11 23:00", "04-12 00:00"],
    ),
    ("Asia/Kathmandu", "2025-06-02", ("09:00", "11:00"), 60, ["06-02 03:15", "06-02 04:15"]),
    ("Australia/Eucla", "2025-06-02", ("09:00", "11:00"), 60, ["06-02 00:15", "06-02 01:15"]),
    ("Pacific/Marquesas", "2025-06-02", ("09:00", "10:00"), 60, ["06-02 18:30"]),
    # Both ends in the gap; an end in it and before the start; a start in the repeated hour.
    ("America/New_York", "2026-03-08", ("02:00", "02:30"), 30, ["03-08 07:00"]),
    ("America/New_York", "2026-03-08", ("02:30", "03:15"), 15, []),
    ("America/New_York", "2026-11-01", ("01:30", "02:30"), 60, ["11-01 05:30", "11-01 06:30"]),
]


@pytest.mark.parametrize(("zone", "on", "half_hours"), WHOLE_DAYS)
def test_a_whole_date_has_the_half_hours_that_pass_in_it(
    zone: str, on: str, half_hours: int
) -> None:
    """Open from midnight to midnight, a date has as many slots as time passes in it."""
    settings = tenant(ALL_DAY, timezone=zone, slot_interval_minutes=30)
    found = starts(settings, room(), on)
    assert len(found) == len(set(found)) == half_hours


@pytest.mark.parametrize(("zone", "on", "window", "step", "expected"), WINDOWS)
def test_a_window_has_the_slots_that_fit_into_its_elapsed_time(
    zone: str, on: str, window: tuple[str, str], step: int, expected: list[str]
) -> None:
    """Starts and ends are read by RFC 5545, and slots step in elapsed time from the opening."""
    settings = tenant(every_day(window), timezone=zone, slot_interval_minutes=step)
    assert starts(settings, room(), on) == expected


def refused(settings: OrganizationSettings, resource: Resource, on: str) -> list[str]:
    """What a booking of each slot that is offered is refused for; it is asked beforehand."""
    terms = terms_for(settings, resource)
    found = []
    for slot in slots(settings, resource, on):
        assert slot.available
        request = Request(slot.start, slot.end)
        answer = decide(settings, resource, terms, request, slot.start - 3600, busy=())
        found += codes(answer)
    return found


@pytest.mark.parametrize(("zone", "on", "half_hours"), WHOLE_DAYS)
def test_what_a_whole_date_offers_is_booked(zone: str, on: str, half_hours: int) -> None:
    """cal.com's oldest reports of change-over days: a slot is shown, and booking it is refused."""
    settings = tenant(ALL_DAY, timezone=zone, slot_interval_minutes=30)
    assert refused(settings, room(), on) == []


@pytest.mark.parametrize(("zone", "on", "window", "step", "expected"), WINDOWS)
def test_what_a_window_offers_is_booked(
    zone: str, on: str, window: tuple[str, str], step: int, expected: list[str]
) -> None:
    """Not only on days that are open throughout, where a neighbour's window would hide a fault."""
    days = every_day()
    name = list(days)[date.fromisoformat(on).weekday()]
    settings = tenant(days | {name: windows([window])}, timezone=zone, slot_interval_minutes=step)
    assert refused(settings, room(), on) == []


@pytest.mark.parametrize(
    ("zone", "on", "start", "end"),
    [
        # 00:00 to 23:30 as the clocks of St. John's show it: they went back at 00:01.
        ("America/St_Johns", "2010-11-07", "2010-11-07 02:30", "2010-11-07 03:00"),
        # 01:00 on the 5th to 23:00 on the 4th at Casey: back by three hours at two.
        ("Antarctica/Casey", "2010-03-05", "2010-03-04 14:00", "2010-03-04 15:00"),
    ],
)
def test_a_booking_may_end_on_the_date_before_it_began(
    zone: str, on: str, start: str, end: str
) -> None:
    """Where clocks go back across midnight, an hour of the new date ends on the old one again."""
    days = every_day()
    name = list(days)[date.fromisoformat(on).weekday()]
    settings = tenant(
        days | {name: windows([("00:00", "24:00")])}, timezone=zone, slot_interval_minutes=30
    )
    assert isinstance(ask(settings, room(), start, end), Accepted)
    assert left_outside(settings, room(), [Interval(utc(start), utc(end))]) == set()


def test_a_time_that_is_shown_twice_is_two_places() -> None:
    """01:00–02:00 in New York on 2026-11-01 is taken once and free once."""
    settings = tenant(every_day(("00:00", "04:00")), timezone="America/New_York")
    busy = [taken("2026-11-01 05:00", "2026-11-01 06:00")]
    found = slots(settings, room(), "2026-11-01", busy=busy)
    assert [slot.available for slot in found] == [True, False, True, True, True]
    assert codes(ask(settings, room(), "2026-11-01 05:00", "2026-11-01 06:00", busy=busy)) == [
        "booking_conflict"
    ]
    assert codes(ask(settings, room(), "2026-11-01 06:00", "2026-11-01 07:00", busy=busy)) == []


def test_a_closure_of_the_change_over_date_closes_it_whole() -> None:
    """All 25 hours of it, and neither neighbour: Odoo's leaves over a change of the clocks."""
    settings = tenant(ALL_DAY, timezone="Europe/Brussels", closures=[{"date": "2025-10-26"}])
    assert len(starts(settings, room(), "2025-10-25")) == 24
    assert starts(settings, room(), "2025-10-26") == []
    assert starts(settings, room(), "2025-10-27")[0] == "10-26 23:00"
    assert codes(ask(settings, room(), "2025-10-26 22:00", "2025-10-26 23:00")) == [
        "outside_business_hours"
    ]


def test_an_override_of_the_change_over_date_is_read_on_its_own_clocks() -> None:
    """02:00–05:00 in Berlin on the spring day is two hours: 01:00Z is shown as three."""
    settings = tenant(every_day(("09:00", "17:00")), timezone="Europe/Berlin")
    resource = room(overrides=[override("2025-03-30", ("02:00", "05:00"), beyond=True)])
    assert starts(settings, resource, "2025-03-30") == ["03-30 01:00", "03-30 02:00"]


def test_the_zone_of_the_resource_changes_when_it_does() -> None:
    """A tenant in Lisbon, a resource in New York: in the three weeks in which only one of them has
    changed, nine is nine in New York."""
    settings = tenant(every_day(("09:00", "10:00")), timezone="Europe/Lisbon")
    resource = room(timezone="America/New_York")
    assert starts(settings, resource, "2026-03-07") == ["03-07 14:00"]
    assert starts(settings, resource, "2026-03-09") == ["03-09 13:00"]
    assert starts(settings, room(), "2026-03-09") == ["03-09 09:00"]
    assert starts(settings, room(), "2026-03-30") == ["03-30 08:00"]
