"""The rule of a series of which all that is still to come was moved."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.time.recurrence import Pattern, occurrences, pattern_violations
from domain.time.zone import in_zone

Moved = Callable[[int], int]
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class MovedRule:
    """The start it begins with, and the pattern; None where no pattern says when they are."""

    starts_at: int
    pattern: Pattern | None


def moved_rule(
    pattern: Pattern, starts_at: int, moved: Moved, zone: ZoneInfo, now: float
) -> MovedRule | None:
    """The rule of the occurrences after now, where each went to `moved` of its start; None where
    the pattern has none. It is tried out: a rule that says anything else is not taken.
    """
    ahead = [start for start in _starts(pattern, starts_at, zone) if start > now]
    if not ahead:
        return None
    first = moved(ahead[0])
    days = (_wall(first, zone).date() - _wall(ahead[0], zone).date()).days
    counted = _starts(replace(pattern, exdates=()), starts_at, zone)
    begun = sum(start < ahead[0] for start in counted)
    found = replace(
        pattern,
        by_weekday=tuple(_weekday(day, days) for day in pattern.by_weekday),
        by_month_day=tuple(number + days for number in pattern.by_month_day),
        count=None if pattern.count is None else pattern.count - begun,
        until=None if pattern.until is None else _when(pattern.until, days, moved),
        exdates=tuple(_when(one, days, moved) for one in pattern.exdates),
    )
    wanted = [moved(start) for start in ahead]
    said = not pattern_violations(found) and list(_starts(found, first, zone)) == wanted
    return MovedRule(first, found if said else None)


def _starts(pattern: Pattern, starts_at: int, zone: ZoneInfo) -> Iterable[int]:
    return occurrences(pattern, _wall(starts_at, zone), zone)


def _weekday(day: str, days: int) -> str:
    """`2TU` a day later is `2WE`, as long as that is what the trial finds."""
    number = _WEEKDAYS.index(day[-2:])
    return day[:-2] + _WEEKDAYS[(number + days) % len(_WEEKDAYS)]


def _when(value: date | int, days: int, moved: Moved) -> date | int:
    return value + timedelta(days=days) if isinstance(value, date) else moved(value)


def _wall(epoch: int, zone: ZoneInfo) -> datetime:
    return in_zone(epoch, zone).replace(tzinfo=None)
