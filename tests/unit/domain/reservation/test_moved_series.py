"""The rule of a series that was moved: one that makes the moved occurrences, or none."""

from datetime import date

from domain.reservation.moved_series import MovedRule, moved_rule
from domain.reservation.series import shifted
from domain.time.recurrence import Pattern, occurrences, rrule_text
from domain.time.zone import in_zone, load_zone
from tests.unit.domain.civil import utc

ZONE = load_zone("America/New_York")
# A Monday, ten in the morning there.
FIRST = utc("2026-09-07 14:00")
DAY = 86_400


def found(pattern: Pattern, by: int, first: int = FIRST, now: float = 0) -> MovedRule | None:
    return moved_rule(
        pattern, first, lambda start: shifted(start, first, first + by, ZONE), ZONE, now
    )


def text(pattern: Pattern, by: int, first: int = FIRST, now: float = 0) -> str | None:
    """The rule in RFC 5545's words, empty where there is none. What there is makes what moved."""
    rule = found(pattern, by, first, now)
    if rule is None or rule.pattern is None:
        return None if rule is None else ""
    before = occurrences(pattern, in_zone(first, ZONE).replace(tzinfo=None), ZONE)
    after = occurrences(rule.pattern, in_zone(rule.starts_at, ZONE).replace(tzinfo=None), ZONE)
    assert after == tuple(shifted(one, first, first + by, ZONE) for one in before if one > now)
    return rrule_text(rule.pattern, ZONE)


def test_weekdays_go_along() -> None:
    """By days and round the week, with their end; by hours they stay, across a change of clocks."""
    mondays = Pattern(frequency="weekly", by_weekday=("MO",), until=date(2026, 12, 28))
    assert text(mondays, DAY) == "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261230T045959Z"
    assert text(mondays, -DAY) == "FREQ=WEEKLY;BYDAY=SU;UNTIL=20261228T045959Z"
    assert text(mondays, 3600) == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261229T045959Z"
    two = Pattern(frequency="weekly", by_weekday=("MO", "SU"), count=6)
    assert text(two, DAY) == "FREQ=WEEKLY;BYDAY=TU,MO;COUNT=6"
    late = utc("2026-09-08 03:30")
    assert text(two, 3600, late) == "FREQ=WEEKLY;BYDAY=TU,MO;COUNT=6"
    assert text(Pattern(frequency="weekly", count=20), DAY) == "FREQ=WEEKLY;COUNT=20"


def test_ends_and_exceptions_go_along() -> None:
    """Dates by days, instants by as much as the starts."""
    daily = Pattern(frequency="daily", until=FIRST + 9 * DAY, exdates=(FIRST, date(2026, 9, 10)))
    assert text(daily, DAY + 1800) == "FREQ=DAILY;UNTIL=20260917T143000Z"


def test_what_has_begun_is_in_the_rule_no_more() -> None:
    """It begins with the first that is still to come, and counts those that are left."""
    now = FIRST + 2 * DAY + 60
    assert text(Pattern(frequency="daily", count=10), 3600, now=now) == "FREQ=DAILY;COUNT=7"
    excepted = Pattern(frequency="daily", count=10, exdates=(date(2026, 9, 10),))
    assert text(excepted, 3600, now=now) == "FREQ=DAILY;COUNT=6"
    every_other = Pattern(frequency="weekly", interval=2, count=4)
    assert text(every_other, DAY, now=now) == "FREQ=WEEKLY;INTERVAL=2;COUNT=3"
    assert found(Pattern(frequency="daily", count=2), 3600, now=FIRST + DAY) is None


def test_days_of_the_month_go_along_where_that_is_exact() -> None:
    """Not over the end of a month, nor where a first Monday has its first Tuesday before it."""
    middle = Pattern(frequency="monthly", by_month_day=(7, 14), count=8)
    assert text(middle, DAY) == "FREQ=MONTHLY;BYMONTHDAY=8,15;COUNT=8"
    assert text(Pattern(frequency="monthly", by_month_day=(-1,), count=3), DAY) == ""
    assert text(Pattern(frequency="monthly", by_month_day=(30,), count=6), DAY) == ""
    october = utc("2026-10-05 14:00")
    mondays = Pattern(frequency="monthly", by_weekday=("1MO",), count=2)
    assert text(mondays, DAY, october) == "FREQ=MONTHLY;BYDAY=1TU;COUNT=2"
    assert text(Pattern(frequency="monthly", by_weekday=("1MO",), count=12), DAY, october) == ""


def test_a_rule_that_would_say_something_else_is_not_taken() -> None:
    """Every other week is by Mondays: a Sunday that becomes a Monday would go to another week."""
    two = Pattern(frequency="weekly", interval=2, by_weekday=("MO", "SU"), count=6)
    assert text(two, DAY) == ""
