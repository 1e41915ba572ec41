"""Every example of RFC 5545 that our patterns can say, and days that not every month has."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.reservation.series import expanded
from domain.time.recurrence import Pattern, occurrences
from domain.time.violation import Violation
from domain.time.zone import load_zone
from tests.unit.domain.civil import utc

NEW_YORK = "America/New_York"


def local(pattern: Pattern, starts_at: str, zone: str = NEW_YORK) -> list[datetime]:
    known = load_zone(zone)
    found = occurrences(pattern, datetime.fromisoformat(starts_at), known)
    return [datetime.fromtimestamp(start, UTC).astimezone(known) for start in found]


def days(pattern: Pattern, starts_at: str, zone: str = NEW_YORK) -> str:
    """The dates as "97: 9/2 9/3, 98: 1/1", each at the time of day that was asked for."""
    found: dict[int, list[str]] = {}
    for moment in local(pattern, starts_at, zone):
        assert f"{moment:%H:%M}" == starts_at[11:]
        found.setdefault(moment.year, []).append(f"{moment.month}/{moment.day}")
    return ", ".join(f"{year % 100:02d}: {' '.join(of)}" for year, of in found.items())


def daily(**more: object) -> Pattern:
    return Pattern(frequency="daily", **more)  # type: ignore[arg-type]  # spelled per case


def weekly(*by: str, **more: object) -> Pattern:
    return Pattern(frequency="weekly", by_weekday=by, **more)  # type: ignore[arg-type]  # as above


def monthly(*by: str, on: tuple[int, ...] = (), **more: object) -> Pattern:
    return Pattern(frequency="monthly", by_weekday=by, by_month_day=on, **more)  # type: ignore[arg-type]  # as above


CHRISTMAS_EVE = utc("1997-12-24 00:00")
TUESDAY = "1997-09-02 09:00"


# The examples of RFC 5545 §3.8.5.3, which the suites of libical, ical.js, rust-rrule, rrule.js,
# python-dateutil and python-recurring-ical-events all run. The dates are those of the RFC.
@pytest.mark.parametrize(
    ("pattern", "starts_at", "expected"),
    [
        (daily(count=10), TUESDAY, "97: 9/2 9/3 9/4 9/5 9/6 9/7 9/8 9/9 9/10 9/11"),
        (daily(interval=10, count=5), TUESDAY, "97: 9/2 9/12 9/22 10/2 10/12"),
        (weekly(count=10), TUESDAY, "97: 9/2 9/9 9/16 9/23 9/30 10/7 10/14 10/21 10/28 11/4"),
        (
            weekly(interval=2, until=date(1997, 12, 23)),
            TUESDAY,
            "97: 9/2 9/16 9/30 10/14 10/28 11/11 11/25 12/9 12/23",
        ),
        (
            weekly("TU", "TH", count=10),
            TUESDAY,
            "97: 9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2",
        ),
        (
            weekly("MO", "WE", "FR", interval=2, until=CHRISTMAS_EVE),
            "1997-09-01 09:00",
            "97: 9/1 9/3 9/5 9/15 9/17 9/19 9/29 10/1 10/3 10/13 10/15 10/17 10/27 10/29 10/31"
            " 11/10 11/12 11/14 11/24 11/26 11/28 12/8 12/10 12/12 12/22",
        ),
        (
            weekly("TU", "TH", interval=2, count=8),
            TUESDAY,
            "97: 9/2 9/4 9/16 9/18 9/30 10/2 10/14 10/16",
        ),
        (
            monthly("1FR", count=10),
            "1997-09-05 09:00",
            "97: 9/5 10/3 11/7 12/5, 98: 1/2 2/6 3/6 4/3 5/1 6/5",
        ),
        (monthly("1FR", until=CHRISTMAS_EVE), "1997-09-05 09:00", "97: 9/5 10/3 11/7 12/5"),
        (
            monthly("1SU", "-1SU", interval=2, count=10),
            "1997-09-07 09:00",
            "97: 9/7 9/28 11/2 11/30, 98: 1/4 1/25 3/1 3/29 5/3 5/31",
        ),
        (
            monthly("-2MO", count=6),
            "1997-09-22 09:00",
            "97: 9/22 10/20 11/17 12/22, 98: 1/19 2/16",
        ),
        (
            monthly(on=(-3,), count=6),
            "1997-09-28 09:00",
            "97: 9/28 10/29 11/28 12/29, 98: 1/29 2/26",
        ),
        (
            monthly(on=(2, 15), count=10),
            TUESDAY,
            "97: 9/2 9/15 10/2 10/15 11/2 11/15 12/2 12/15, 98: 1/2 1/15",
        ),
        (
            monthly(on=(1, -1), count=10),
            "1997-09-30 09:00",
            "97: 9/30 10/1 10/31 11/1 11/30 12/1 12/31, 98: 1/1 1/31 2/1",
        ),
        (
            monthly(on=(10, 11, 12, 13, 14, 15), interval=18, count=10),
            "1997-09-10 09:00",
            "97: 9/10 9/11 9/12 9/13 9/14 9/15, 99: 3/10 3/11 3/12 3/13",
        ),
        (
            monthly("TU", interval=2, count=18),
            TUESDAY,
            "97: 9/2 9/9 9/16 9/23 9/30 11/4 11/11 11/18 11/25,"
            " 98: 1/6 1/13 1/20 1/27 3/3 3/10 3/17 3/24 3/31",
        ),
        (
            monthly("FR", on=(13,), count=5),
            TUESDAY,
            "98: 2/13 3/13 11/13, 99: 8/13, 00: 10/13",
        ),
        (
            monthly("SA", on=(7, 8, 9, 10, 11, 12, 13), count=10),
            "1997-09-13 09:00",
            "97: 9/13 10/11 11/8 12/13, 98: 1/10 2/7 3/7 4/11 5/9 6/13",
        ),
        (weekly("TU", "SU", interval=2, count=4), "1997-08-05 09:00", "97: 8/5 8/10 8/19 8/24"),
        (monthly(on=(15, 30), count=5), "2007-01-15 09:00", "07: 1/15 1/30 2/15 3/15 3/30"),
    ],
)
def test_the_examples_of_rfc_5545(pattern: Pattern, starts_at: str, expected: str) -> None:
    """Every example of the RFC that our patterns can say has the RFC's own dates."""
    assert days(pattern, starts_at) == expected


def test_daily_until_christmas_eve_has_113() -> None:
    """RFC 5545: UNTIL 1997-12-24T00:00Z ends with the 23rd, across the change in October."""
    # 29 days of September, 31, 30, and 23 of December.
    found = local(daily(until=CHRISTMAS_EVE), TUESDAY)
    assert len(found) == 29 + 31 + 30 + 23
    assert found[-1].date() == date(1997, 12, 23)


# LibreBooking's RepeatOptions suite: an inclusive end, other weeks that begin within a week, days
# and fifth weekdays that not every month has. libical #318: a month without the day is skipped.
@pytest.mark.parametrize(
    ("pattern", "starts_at", "expected"),
    [
        (daily(until=date(2010, 2, 14)), "2010-02-12 08:30", "10: 2/12 2/13 2/14"),
        (
            weekly("MO", "WE", "FR", interval=2, until=date(2010, 4, 1)),
            "2010-02-11 08:30",
            "10: 2/12 2/22 2/24 2/26 3/8 3/10 3/12 3/22 3/24 3/26",
        ),
        (monthly(until=date(2010, 10, 1)), "2010-03-31 08:30", "10: 3/31 5/31 7/31 8/31"),
        (monthly("5WE", until=date(2010, 10, 1)), "2010-03-31 08:30", "10: 3/31 6/30 9/29"),
        (
            monthly("1MO", until=date(2010, 8, 31)),
            "2010-03-01 08:30",
            "10: 3/1 4/5 5/3 6/7 7/5 8/2",
        ),
        (
            monthly(count=14),
            "2024-01-29 09:00",
            "24: 1/29 2/29 3/29 4/29 5/29 6/29 7/29 8/29 9/29 10/29 11/29 12/29, 25: 1/29 3/29",
        ),
        (monthly(interval=12, count=3), "2024-02-29 09:00", "24: 2/29, 28: 2/29, 32: 2/29"),
        (monthly(on=(-1,), count=3), "2024-01-31 09:00", "24: 1/31 2/29 3/31"),
        (monthly(on=(-31,), count=4), "2026-01-01 09:00", "26: 1/1 3/1 5/1 7/1"),
        (monthly(on=(-30,), count=4), "2026-01-02 09:00", "26: 1/2 3/2 4/1 5/2"),
        (monthly(on=(31, -1), count=4), "2026-01-31 09:00", "26: 1/31 2/28 3/31 4/30"),
        (monthly("-5MO", count=3), "2026-03-02 09:00", "26: 3/2 6/1 8/3"),
        (weekly(count=3), "2026-12-24 09:00", "26: 12/24 12/31, 27: 1/7"),
    ],
)
def test_days_that_not_every_month_has(pattern: Pattern, starts_at: str, expected: str) -> None:
    """They are skipped, never moved to another day, and an end by date is inclusive."""
    assert days(pattern, starts_at) == expected


def test_no_day_is_lost_at_midnight_in_london() -> None:
    """Thirty days from 2020-03-05 at midnight are thirty consecutive dates (rrule.js #390)."""
    found = local(daily(count=30), "2020-03-05 00:00", "Europe/London")
    assert [day.date() for day in found] == [
        date(2020, 3, 5) + timedelta(days=n) for n in range(30)
    ]
    assert {f"{day:%H:%M}" for day in found} == {"00:00"}


def test_an_impossible_rule_has_no_occurrence() -> None:
    """The 30th of February, every twelve months from February: none, and no endless search."""
    assert local(monthly(on=(30,), interval=12, count=3), "2026-02-01 09:00") == []


# MRBS #670 (a booking longer than its period) and newtheatre/rooms #15.
@pytest.mark.parametrize(
    ("pattern", "hours", "refused"),
    [
        (weekly(count=4), 24 * 7, False),
        (weekly(count=4), 24 * 90, True),
        (weekly("MO", "TU", count=4), 24, False),
        (weekly("MO", "TU", count=4), 25, True),
    ],
)
def test_a_series_does_not_run_into_itself(pattern: Pattern, hours: int, refused: bool) -> None:
    """Occurrences may touch; one that is longer than what lies between two starts is refused."""
    found = expanded(pattern, utc("2026-06-01 13:00"), hours * 3600, load_zone(NEW_YORK))
    assert isinstance(found, Violation) == refused
