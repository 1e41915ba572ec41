"""Monthly patterns from the suites of calendar libraries, as the days that come out."""

import pytest

from tests.unit.domain.reservation.recurring import days, in_months

MONTHLY_BY_DAY = [
    # ical.js and RFC 5545: third to the last; the last; both ways of saying the last, once each.
    ([-3], 3, "2012-01-01", in_months(2012, (1, 29), (2, 27), (3, 29))),
    ([-1], 5, "2025-01-31", in_months(2025, (1, 31), (2, 28), (3, 31), (4, 30), (5, 31))),
    (
        [-1, 31],
        6,
        "2022-01-01",
        in_months(2022, (1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30)),
    ),
    # ical.js: days said twice count once; days in any order come in theirs.
    ([31, 31, 31], 4, "2022-01-01", in_months(2022, (1, 31), (3, 31), (5, 31), (7, 31))),
    ([28, -4, 11], 7, "2022-01-01", in_months(2022, (1, 11, 28), (2, 11, 25, 28), (3, 11, 28))),
    ([11, 31], 6, "2013-04-01", in_months(2013, (4, 11), (5, 11, 31), (6, 11), (7, 11, 31))),
    # ical.js: the first of several days after a start that lies between them.
    ([6, 12, 18, 24], 3, "2024-04-15", in_months(2024, (4, 18, 24), (5, 6))),
    ([6, 12, 18, 24], 3, "2024-04-25", in_months(2024, (5, 6, 12, 18))[:3]),
    # libical: as far back as a month goes; -31 is the first of those that have 31.
    ([-31], 4, "2025-01-01", in_months(2025, (1, 1), (3, 1), (5, 1), (7, 1))),
    ([-30], 3, "2025-01-02", in_months(2025, (1, 2), (3, 2), (4, 1))),
    # rrule.js and dateutil: the 29th and the 30th of February.
    ([29], 4, "2023-01-29", in_months(2023, (1, 29), (3, 29), (4, 29), (5, 29))),
    ([29], 3, "2024-01-29", in_months(2024, (1, 29), (2, 29), (3, 29))),
    ([-29], 3, "2024-01-03", in_months(2024, (1, 3), (2, 1), (3, 3))),
    ([30], 3, "2024-01-30", in_months(2024, (1, 30), (3, 30), (4, 30))),
    # dateutil: the first and the third, which are counted one by one.
    ([1, 3], 3, "1997-09-02", ["1997-09-03", "1997-10-01", "1997-10-03"]),
]


@pytest.mark.parametrize(("by_month_day", "count", "first", "expected"), MONTHLY_BY_DAY)
def test_monthly_by_day(
    by_month_day: list[int], count: int, first: str, expected: list[str]
) -> None:
    """A month without the day is skipped and not counted; the end is counted back from."""
    document = {"frequency": "monthly", "by_month_day": by_month_day, "count": count}
    assert days(document, first) == expected


MONTHLY_BY_WEEKDAY = [
    # ical.js: the first Friday from a Saturday on; the fifth Saturday, where there is one.
    (["1FR"], 1, "2012-01-07", ["2012-02-03", "2012-03-02", "2012-04-06"]),
    (
        ["5SA"],
        1,
        "2015-02-04",
        ["2015-05-30", "2015-08-29", "2015-10-31", "2016-01-30", "2016-04-30", "2016-07-30"],
    ),
    # … the fifth Wednesday of every other month, counted from January.
    (
        ["5WE"],
        2,
        "2015-01-01",
        ["2015-07-29", "2015-09-30", "2016-03-30", "2016-11-30", "2017-03-29", "2017-05-31"],
    ),
    (["1SU", "-1SU"], 2, "2012-11-01", ["2012-11-04", "2012-11-25", "2013-01-06", "2013-01-27"]),
    # … one from the front, one from the back and one that seldom is.
    (
        ["2MO", "-5WE", "5SA"],
        1,
        "2015-04-01",
        [
            "2015-04-01",
            "2015-04-13",
            "2015-05-11",
            "2015-05-30",
            "2015-06-08",
            "2015-07-01",
            "2015-07-13",
        ],
    ),
    # … one with a position beside those without.
    (
        ["3MO", "WE", "FR"],
        1,
        "2015-01-01",
        ["2015-01-02", "2015-01-07", "2015-01-09", "2015-01-14", "2015-01-16", "2015-01-19"],
    ),
    # RFC 5545: the second to last Monday; the first and the last Sunday of every other month.
    (["-2MO"], 1, "1997-09-22", ["1997-09-22", "1997-10-20", "1997-11-17", "1997-12-22"]),
    (["+1SU", "-1SU"], 2, "1997-09-07", ["1997-09-07", "1997-09-28", "1997-11-02", "1997-11-30"]),
    # RFC 5545: every Tuesday, every other month.
    (
        ["TU"],
        2,
        "1997-09-02",
        ["1997-09-02", "1997-09-09", "1997-09-16", "1997-09-23", "1997-09-30", "1997-11-04"],
    ),
    # dateutil: the first Tuesday and the last Thursday; the third and the third to last.
    (["1TU", "-1TH"], 1, "1997-09-02", ["1997-09-02", "1997-09-25", "1997-10-07", "1997-10-30"]),
    (["3TU", "-3TH"], 1, "1997-09-02", ["1997-09-11", "1997-09-16", "1997-10-16", "1997-10-21"]),
    # The fourth and the last of a weekday are the same in a short month, and are one.
    (["4FR", "-1FR"], 1, "2026-02-01", ["2026-02-27", "2026-03-27", "2026-04-24", "2026-05-22"]),
]


@pytest.mark.parametrize(("by_weekday", "interval", "first", "expected"), MONTHLY_BY_WEEKDAY)
def test_monthly_by_position(
    by_weekday: list[str], interval: int, first: str, expected: list[str]
) -> None:
    """Positions from the front and from the back; a month that has none is skipped."""
    document = {
        "frequency": "monthly",
        "interval": interval,
        "by_weekday": by_weekday,
        "count": len(expected),
    }
    assert days(document, first) == expected


BOTH = [
    # RFC 5545 and ical.js: Friday the 13th; the last day where it is a Monday; Thursday the 31st.
    (
        ["FR"],
        [13],
        "1997-09-02",
        ["1998-02-13", "1998-03-13", "1998-11-13", "1999-08-13", "2000-10-13"],
    ),
    (["MO"], [-1], "2012-01-01", ["2012-04-30", "2012-12-31"]),
    (["TH"], [31], "2012-01-31", ["2012-05-31", "2013-01-31", "2013-10-31"]),
    # RFC 5545: the first Saturday that follows the first Sunday.
    (
        ["SA"],
        [7, 8, 9, 10, 11, 12, 13],
        "1997-09-13",
        ["1997-09-13", "1997-10-11", "1997-11-08", "1997-12-13"],
    ),
    (
        ["WE", "SA"],
        [6, 20, 31],
        "2013-07-01",
        ["2013-07-06", "2013-07-20", "2013-07-31", "2013-08-31", "2013-11-06"],
    ),
]


@pytest.mark.parametrize(("by_weekday", "by_month_day", "first", "expected"), BOTH)
def test_weekdays_and_days_together_are_those_that_are_both(
    by_weekday: list[str], by_month_day: list[int], first: str, expected: list[str]
) -> None:
    """The one limits the other (RFC 5545 §3.3.10)."""
    document = {
        "frequency": "monthly",
        "by_weekday": by_weekday,
        "by_month_day": by_month_day,
        "count": len(expected),
    }
    assert days(document, first) == expected
