"""Recurring patterns from the suites of calendar libraries: intervals, ends and exceptions."""

from typing import Any

import pytest

from tests.unit.domain.reservation.recurring import days, in_months

REST = [
    # ical.js: every other day, every ten days across the end of a month.
    (
        {"frequency": "daily", "interval": 2, "count": 4},
        "2012-09-01",
        in_months(2012, (9, 1, 3, 5, 7)),
    ),
    (
        {"frequency": "daily", "interval": 10, "count": 5},
        "2012-09-01",
        in_months(2012, (9, 1, 11, 21), (10, 1, 11)),
    ),
    # The end of February, in a leap year, in others, and in the year 2000 and 2100.
    ({"frequency": "daily", "count": 3}, "2024-02-28", in_months(2024, (2, 28, 29), (3, 1))),
    ({"frequency": "daily", "count": 3}, "2100-02-27", in_months(2100, (2, 27, 28), (3, 1))),
    # Yearly by twelve months: the 29th of February is one in four, and is not one in 2100.
    (
        {"frequency": "monthly", "interval": 12, "until": "2036-12-31"},
        "2024-02-29",
        ["2024-02-29", "2028-02-29", "2032-02-29", "2036-02-29"],
    ),
    # ical.js and RFC 5545: weeks begin on Monday where nothing else is said.
    (
        {"frequency": "weekly", "interval": 2, "by_weekday": ["TU", "SU"], "count": 4},
        "1997-08-05",
        in_months(1997, (8, 5, 10, 19, 24)),
    ),
    (
        {"frequency": "weekly", "interval": 2, "by_weekday": ["MO", "WE", "FR"], "count": 6},
        "1997-09-03",
        in_months(1997, (9, 3, 5, 15, 17, 19, 29)),
    ),
    # ical.js: from a Sunday on which the rule does not hold; business days; across the year.
    (
        {"frequency": "weekly", "by_weekday": ["TU", "TH"], "count": 4},
        "2012-01-01",
        in_months(2012, (1, 3, 5, 10, 12)),
    ),
    (
        {"frequency": "weekly", "by_weekday": ["MO", "TU", "WE", "TH", "FR"], "count": 7},
        "2012-01-05",
        in_months(2012, (1, 5, 6, 9, 10, 11, 12, 13)),
    ),
    (
        {"frequency": "weekly", "interval": 4, "count": 3},
        "2025-12-05",
        ["2025-12-05", "2026-01-02", "2026-01-30"],
    ),
    # Indico's repetitions: every week to a last date that is or is not one of them.
    (
        {"frequency": "weekly", "until": "2012-12-20"},
        "2012-11-29",
        ["2012-11-29", "2012-12-06", "2012-12-13", "2012-12-20"],
    ),
    (
        {"frequency": "weekly", "until": "2012-12-19"},
        "2012-11-29",
        ["2012-11-29", "2012-12-06", "2012-12-13"],
    ),
    # rrule.js and dateutil: until is inclusive to the second, and an instant before it is not.
    (
        {"frequency": "daily", "until": "1997-09-04T09:00:00Z"},
        "1997-09-02",
        in_months(1997, (9, 2, 3, 4)),
    ),
    (
        {"frequency": "daily", "until": "1997-09-04T08:59:59Z"},
        "1997-09-02",
        in_months(1997, (9, 2, 3)),
    ),
    ({"frequency": "daily", "until": "1997-09-02T09:00:00Z"}, "1997-09-02", ["1997-09-02"]),
    (
        {"frequency": "daily", "until": "1997-09-04T11:00:00+02:00"},
        "1997-09-02",
        in_months(1997, (9, 2, 3, 4)),
    ),
    # dateutil's rule sets: exdates are counted before they are taken out, also the first, and
    # one that the rule does not hold takes nothing.
    (
        {
            "frequency": "weekly",
            "by_weekday": ["TU", "TH"],
            "count": 6,
            "exdates": ["1997-09-04", "1997-09-11", "1997-09-18"],
        },
        "1997-09-02",
        in_months(1997, (9, 2, 9, 16)),
    ),
    (
        {"frequency": "daily", "count": 3, "exdates": ["2026-06-01"]},
        "2026-06-01",
        in_months(2026, (6, 2, 3)),
    ),
    (
        {"frequency": "daily", "count": 2, "exdates": ["2026-06-01T08:59:59Z", "2026-07-01"]},
        "2026-06-01",
        in_months(2026, (6, 1, 2)),
    ),
]


@pytest.mark.parametrize(("document", "first", "expected"), REST)
def test_daily_weekly_until_and_exdates(
    document: dict[str, Any], first: str, expected: list[str]
) -> None:
    """Intervals, weeks, the last date and what is taken out."""
    assert days(document, first) == expected
