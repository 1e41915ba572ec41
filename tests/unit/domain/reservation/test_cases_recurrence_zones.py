"""Recurring patterns where a zone's clocks decide, from suites and bug reports of others."""

import pytest

from domain.reservation.series import expanded
from domain.time.recurrence import pattern_from_document
from domain.time.violation import Violation
from domain.time.zone import load_zone
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.recurring import HALF_HOUR


def test_an_exdate_is_a_date_on_the_clocks_of_the_place() -> None:
    """Nine in the evening in New York is the next date in UTC: the local date is left out."""
    # A report to Squire: recurrences on single dates are off by a day across a change.
    zone = load_zone("America/New_York")
    start = utc("2026-01-13 02:00")
    for exdate in ("2026-01-13", "2026-01-14T02:00:00Z"):
        document = {"frequency": "daily", "count": 3, "exdates": [exdate]}
        found = expanded(pattern_from_document(document), start, HALF_HOUR, zone)
        assert found == (utc("2026-01-13 02:00"), utc("2026-01-15 02:00"))


@pytest.mark.parametrize(
    ("until", "count"),
    [("2026-01-14", 3), ("2026-01-15T02:00:00Z", 3), ("2026-01-15T01:59:59Z", 2)],
)
def test_until_is_a_date_on_the_clocks_of_the_place(until: str, count: int) -> None:
    """The 14th at nine in the evening in New York is the 15th in UTC, and is within the 14th."""
    # An until in UTC cuts off the last evening where it is read as a local date, or the reverse.
    document = {"frequency": "daily", "until": until}
    zone = load_zone("America/New_York")
    found = expanded(pattern_from_document(document), utc("2026-01-13 02:00"), HALF_HOUR, zone)
    assert isinstance(found, tuple)
    assert len(found) == count


ACROSS = [
    # Reports to MagicMirror, obsidian-ics and others: ten in Berlin stays ten on either side.
    (
        "Europe/Berlin",
        "weekly",
        "2025-03-23 09:00",
        ["2025-03-23 09:00", "2025-03-30 08:00", "2025-04-06 08:00"],
    ),
    (
        "Europe/Berlin",
        "weekly",
        "2025-10-19 08:00",
        ["2025-10-19 08:00", "2025-10-26 09:00", "2025-11-02 09:00"],
    ),
    # The gap: half past two is the offset before it on that day; the overlap: its first.
    (
        "Europe/Berlin",
        "daily",
        "2025-03-29 01:30",
        ["2025-03-29 01:30", "2025-03-30 01:30", "2025-03-31 00:30"],
    ),
    (
        "Europe/Berlin",
        "daily",
        "2025-10-25 00:30",
        ["2025-10-25 00:30", "2025-10-26 00:30", "2025-10-27 01:30"],
    ),
    # The skipped midnight of Beirut and Santiago; the month of Ramadan; half and two hours.
    (
        "Asia/Beirut",
        "daily",
        "2025-03-28 22:00",
        ["2025-03-28 22:00", "2025-03-29 22:00", "2025-03-30 21:00"],
    ),
    (
        "America/Santiago",
        "daily",
        "2025-09-06 04:00",
        ["2025-09-06 04:00", "2025-09-07 04:00", "2025-09-08 03:00"],
    ),
    (
        "Africa/Casablanca",
        "monthly",
        "2025-02-10 08:00",
        ["2025-02-10 08:00", "2025-03-10 09:00", "2025-04-10 08:00"],
    ),
    (
        "Australia/Lord_Howe",
        "daily",
        "2025-10-03 15:45",
        ["2025-10-03 15:45", "2025-10-04 15:45", "2025-10-05 15:15"],
    ),
    (
        "Antarctica/Troll",
        "daily",
        "2025-03-29 01:30",
        ["2025-03-29 01:30", "2025-03-30 01:30", "2025-03-30 23:30"],
    ),
    (
        "America/Nuuk",
        "weekly",
        "2024-03-24 01:30",
        ["2024-03-24 01:30", "2024-03-31 01:30", "2024-04-07 00:30"],
    ),
    (
        "Asia/Gaza",
        "daily",
        "2025-04-11 07:00",
        ["2025-04-11 07:00", "2025-04-12 06:00", "2025-04-13 06:00"],
    ),
    # Zones that gave up changing: Sao Paulo after 2019, Paraguay after 2024.
    (
        "America/Sao_Paulo",
        "monthly",
        "2019-01-15 11:00",
        ["2019-01-15 11:00", "2019-02-15 11:00", "2019-03-15 12:00"],
    ),
    (
        "America/Asuncion",
        "monthly",
        "2024-09-23 13:00",
        ["2024-09-23 13:00", "2024-10-23 12:00", "2024-11-23 12:00"],
    ),
    # Fridays in Apia: the 30th of December 2011 was never there, and is not counted.
    (
        "Pacific/Apia",
        "weekly",
        "2011-12-23 19:00",
        ["2011-12-23 19:00", "2012-01-05 19:00", "2012-01-12 19:00"],
    ),
]


@pytest.mark.parametrize(("zone", "frequency", "first", "expected"), ACROSS)
def test_the_clock_stays_and_the_offset_changes(
    zone: str, frequency: str, first: str, expected: list[str]
) -> None:
    """What is at nine on the clock is at nine on the clock, whatever that is in UTC."""
    document = {"frequency": frequency, "count": len(expected)}
    found = expanded(pattern_from_document(document), utc(first), HALF_HOUR, load_zone(zone))
    assert found == tuple(utc(one) for one in expected)


@pytest.mark.parametrize(
    ("zone", "start", "second"),
    [
        ("America/New_York", "2026-11-01 06:30", "2026-11-02 06:30"),
        ("Europe/Berlin", "2025-10-26 01:30", "2025-10-27 01:30"),
        ("Australia/Lord_Howe", "2025-04-05 15:15", "2025-04-06 15:15"),
        ("Antarctica/Troll", "2025-10-26 02:30", "2025-10-27 02:30"),
    ],
)
def test_a_series_begins_at_the_instant_that_was_asked(zone: str, start: str, second: str) -> None:
    """Asked for the second of a time that is shown twice, it begins there and not before it."""
    # A start is an instant already: only what follows from it is read off the clock.
    for document in ({"count": 2}, {"until": utc_text(second)}):
        pattern = pattern_from_document({"frequency": "daily", **document})
        assert expanded(pattern, utc(start), HALF_HOUR, load_zone(zone)) == (
            utc(start),
            utc(second),
        )
    left_out = {"frequency": "daily", "count": 2, "exdates": [utc_text(start)]}
    assert expanded(pattern_from_document(left_out), utc(start), HALF_HOUR, load_zone(zone)) == (
        utc(second),
    )


def utc_text(text: str) -> str:
    return text.replace(" ", "T") + ":00Z"


def test_a_weekday_is_that_of_the_place_and_not_of_utc() -> None:
    """Monday at eight in Auckland is Sunday in UTC; the Mondays that follow are Auckland's."""
    # rrule.js works in UTC and leaves it to its user that BYDAY is of the local day.
    zone = load_zone("Pacific/Auckland")
    monday = utc("2026-05-31 20:00")
    weekly = pattern_from_document({"frequency": "weekly", "by_weekday": ["MO"], "count": 2})
    assert expanded(weekly, monday, HALF_HOUR, zone) == (
        utc("2026-05-31 20:00"),
        utc("2026-06-07 20:00"),
    )
    first = pattern_from_document({"frequency": "monthly", "by_month_day": [1], "count": 2})
    assert expanded(first, monday, HALF_HOUR, zone) == (
        utc("2026-05-31 20:00"),
        utc("2026-06-30 20:00"),
    )


def test_a_day_long_series_touches_itself_and_overlaps_on_the_short_day() -> None:
    """24 hours from nine to nine: sound in June, and refused across the day that has 23."""
    zone = load_zone("Europe/Berlin")
    daily = pattern_from_document({"frequency": "daily", "count": 3})
    assert isinstance(expanded(daily, utc("2025-06-10 07:00"), 86_400, zone), tuple)
    across = expanded(daily, utc("2025-03-29 08:00"), 86_400, zone)
    assert isinstance(across, Violation)
    assert across.code == "occurrences_overlap"
    # On the day that has 25 an hour stays free between them.
    assert isinstance(expanded(daily, utc("2025-10-25 07:00"), 86_400, zone), tuple)
