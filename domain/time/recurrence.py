"""Recurring patterns: RFC 5545 RRULE on the wall clock, expanded to instants.

The rule runs on local times without offsets, so that nine o'clock stays nine o'clock across a
change of the clocks; each local time then becomes an instant by `to_epoch`'s rule.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

from domain.time.instant import floor_epoch, utc_of
from domain.time.violation import Malformed, Violation
from domain.time.zone import MINUTES_A_DAY, date_exists, local_to_epoch, to_epoch

MAX_OCCURRENCES = 366
MAX_INTERVAL = 1_000
# No rule is followed further than instants are accepted.
_LAST_YEAR = 2100
_FREQUENCIES: dict[str, Literal[1, 2, 3]] = {"daily": DAILY, "weekly": WEEKLY, "monthly": MONTHLY}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`until` is a local date, inclusive, or an epoch second, inclusive; `exdates` likewise are
    local dates or the very starts. They take occurrences out after `count` has counted them.
    """

    frequency: str
    interval: int = 1
    by_weekday: tuple[str, ...] = ()
    by_month_day: tuple[int, ...] = ()
    count: int | None = None
    until: date | int | None = None
    exdates: tuple[date | int, ...] = ()


def pattern_from_document(document: Any) -> Pattern:
    """The pattern of `recurring_pattern`. Raises `Malformed`; `pattern_violations` judges it."""
    if not isinstance(document, Mapping):
        raise Malformed("a recurring pattern is an object")
    until = document.get("until")
    return Pattern(
        frequency=str(document.get("frequency")),
        interval=_whole(document.get("interval", 1)),
        by_weekday=tuple(str(day).upper() for day in document.get("by_weekday") or ()),
        by_month_day=tuple(_whole(day) for day in document.get("by_month_day") or ()),
        count=None if document.get("count") is None else _whole(document["count"]),
        until=None if until is None else _when(until),
        exdates=tuple(_when(one) for one in document.get("exdates") or ()),
    )


def pattern_violations(pattern: Pattern, field: str = "recurring_pattern") -> tuple[Violation, ...]:
    """Everything that is wrong with the pattern; empty is sound."""
    return tuple(Violation(f"{field}.{at}", code, text) for at, code, text in _faults(pattern))


def occurrences(pattern: Pattern, starts_at: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """The starts as epoch seconds, in order, 366 at most and one more where there are more.

    `starts_at` is the naive local time of the first; it is an occurrence only if the rule holds
    it. Its fold says which of a repeated time is meant (PEP 495). A month without the day is
    skipped, and so is a date that the zone skipped: neither is counted (RFC 5545 §3.3.10).
    """
    return tuple(islice(_starts(pattern, starts_at, zone), MAX_OCCURRENCES + 1))


def rrule_text(pattern: Pattern, zone: ZoneInfo) -> str:
    """The rule in RFC 5545's words, without DTSTART and EXDATE.

    UNTIL is in UTC, as it has to be where DTSTART has a zone (§3.3.10): a date is its last second.
    """
    parts = [f"FREQ={pattern.frequency.upper()}"]
    if pattern.interval != 1:
        parts.append(f"INTERVAL={pattern.interval}")
    if pattern.by_weekday:
        parts.append(f"BYDAY={','.join(pattern.by_weekday)}")
    if pattern.by_month_day:
        parts.append(f"BYMONTHDAY={','.join(map(str, pattern.by_month_day))}")
    if pattern.count is not None:
        parts.append(f"COUNT={pattern.count}")
    if pattern.until is not None:
        parts.append(f"UNTIL={utc_of(_last_second(pattern.until, zone)):%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


def _last_second(until: date | int, zone: ZoneInfo) -> int:
    return to_epoch(until, MINUTES_A_DAY, zone) - 1 if isinstance(until, date) else until


def _starts(pattern: Pattern, starts_at: datetime, zone: ZoneInfo) -> Iterator[int]:
    rule = rrule(
        _FREQUENCIES[pattern.frequency],
        dtstart=starts_at,
        interval=pattern.interval,
        byweekday=_by_days(pattern.by_weekday) or None,
        bymonthday=pattern.by_month_day or None,
    )
    existing = (wall for wall in rule if date_exists(wall.date(), zone))
    first = int(starts_at.replace(tzinfo=zone).timestamp())
    for wall in islice(existing, pattern.count):
        # The start is an instant that was asked for; only what follows is read off the clock.
        start = first if wall == starts_at else local_to_epoch(wall, zone)
        if wall.year > _LAST_YEAR or _is_past(pattern.until, wall, start):
            return
        if wall.date() not in pattern.exdates and start not in pattern.exdates:
            yield start


def _is_past(until: date | int | None, wall: datetime, start: int) -> bool:
    if isinstance(until, date):
        return wall.date() > until
    return until is not None and start > until


def _by_days(days: tuple[str, ...]) -> tuple[weekday, ...]:
    """Beside one with a position, one without is all five of its positions: dateutil would ask for
    days that are both.
    """
    found = tuple(_by_day(day) for day in days)
    if not any(day.n for day in found):
        return found
    return tuple(each for day in found for each in ((day,) if day.n else map(day, range(1, 6))))


def _by_day(text: str) -> weekday:
    matched = _BY_DAY.fullmatch(text)
    if matched is None:
        raise ValueError(f"{text!r} is no weekday of a rule")
    position = int(matched[1]) if matched[1] else None
    return weekday(_WEEKDAYS.index(matched[2]), position)


def _faults(pattern: Pattern) -> Iterator[tuple[str, str, str]]:
    if pattern.frequency not in _FREQUENCIES:
        yield "frequency", "invalid_value", "Give daily, weekly or monthly."
    if not 1 <= pattern.interval <= MAX_INTERVAL:
        yield "interval", "out_of_range", f"Accepted are 1 to {MAX_INTERVAL}."
    for index, day in enumerate(pattern.by_weekday):
        matched = _BY_DAY.fullmatch(day)
        positioned = matched is not None and matched[1] is not None
        if matched is None or (positioned and pattern.frequency != "monthly"):
            yield f"by_weekday.{index}", "invalid_value", "Give MO to SU; monthly also 2TU, -1FR."
    if pattern.by_weekday and pattern.frequency == "daily":
        yield "by_weekday", "invalid_value", "Weekdays are for weekly and monthly patterns."
    for index, number in enumerate(pattern.by_month_day):
        if number == 0 or not -31 <= number <= 31 or pattern.frequency != "monthly":
            message = "Monthly patterns take 1 to 31, or -31 to -1 from the end."
            yield f"by_month_day.{index}", "invalid_value", message
    if (pattern.count is None) == (pattern.until is None):
        yield "count", "one_of", "Give one of count and until."
    if pattern.count is not None and not 1 <= pattern.count <= MAX_OCCURRENCES:
        yield "count", "out_of_range", f"Accepted are 1 to {MAX_OCCURRENCES}."


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{value!r} is no whole number")
    return value


def _when(value: Any) -> date | int:
    """A date, or an instant as whole epoch seconds."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and len(value) == len("2026-01-01"):
            return date.fromisoformat(value)
        return floor_epoch(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    except (TypeError, ValueError):
        raise Malformed(f"{value!r} is neither a date nor an instant with an offset") from None
