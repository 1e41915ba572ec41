"""Stretches of time by the hour that the clocks of a zone show: what statistics by day are made of.

An hour that is shown twice has up to 120 minutes, one that is skipped has none.
"""

from datetime import date
from zoneinfo import ZoneInfo

from domain.time.interval import Interval
from domain.time.zone import in_zone

HOURS_A_DAY = 24
_HOUR, _DAY = 3_600, 86_400
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

ClockHour = tuple[date, int]


def by_clock_hour(interval: Interval, zone: ZoneInfo) -> dict[ClockHour, int]:
    """Seconds of the interval by the local date and hour (0 to 23) in which they lie; hours without
    any are left out, and all together are as long as the interval."""
    found: dict[ClockHour, int] = {}
    start = interval.start
    while start < interval.end:
        # No zone changes its clocks twice within a day.
        end = min(interval.end, start + _DAY)
        before, after = _offset(start, zone), _offset(end - 1, zone)
        if before != after:
            end = _change(start, end - 1, zone)
        _add(found, start + before, end + before)
        start = end
    return found


def _offset(epoch: int, zone: ZoneInfo) -> int:
    offset = in_zone(epoch, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _change(low: int, high: int, zone: ZoneInfo) -> int:
    """The first instant after `low` at which the offset is no longer that of `low`."""
    before = _offset(low, zone)
    while low + 1 < high:
        middle = (low + high) // 2
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def _add(found: dict[ClockHour, int], start: int, end: int) -> None:
    """Adds a stretch of local seconds, in which clocks run on without a change."""
    while start < end:
        number = start // _HOUR
        until = min(end, (number + 1) * _HOUR)
        day, hour = divmod(number, HOURS_A_DAY)
        key = (date.fromordinal(_EPOCH_ORDINAL + day), hour)
        found[key] = found.get(key, 0) + until - start
        start = until
