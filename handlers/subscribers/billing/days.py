"""The days of a tenant, and what was there on them. Pure: no clock, no I/O."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby
from uuid import UUID

from domain.time.instant import utc_of
from domain.time.zone import load_zone, to_epoch

# Until a tenant's zone is heard of.
DEFAULT_ZONE = "UTC"
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ZoneSince:
    """The tenant's zone, from an instant on."""

    since: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class Activity:
    """Whether a resource could be booked, from an instant on."""

    resource_id: UUID
    version: int
    at: datetime
    active: bool


def dates(first: date, last: date) -> list[date]:
    """Every date, both inclusive."""
    return [first + _ONE * place for place in range((last - first).days + 1)]


def bounds(first: date, last: date, zones: Sequence[ZoneSince]) -> list[datetime]:
    """When each of the dates begins, and when the last one ends, by the zone that was the tenant's
    then: a zone that is chosen later moves no day that has begun. `zones` are by time."""
    found: list[datetime] = []
    for day in dates(first, last + _ONE):
        begin = _begin(day, zones)
        found.append(max(begin, found[-1]) if found else begin)
    return found


def _begin(day: date, zones: Sequence[ZoneSince]) -> datetime:
    begin = _midnight(day, zones[0].timezone if zones else DEFAULT_ZONE)
    for one in zones[1:]:
        if one.since <= _midnight(day, one.timezone):
            begin = _midnight(day, one.timezone)
    return begin


def _midnight(day: date, timezone: str) -> datetime:
    return utc_of(to_epoch(day, 0, load_zone(timezone)))


def active_resources(
    activities: Iterable[Activity], limits: Sequence[datetime], now: datetime
) -> list[int]:
    """For each day between two of the limits, how many resources were active at some time of it;
    none on days that have not begun. `activities` are by resource and version."""
    starts: Counter[int] = Counter()
    for _, group in groupby(activities, lambda one: one.resource_id):
        for begins, ends in _ranges(list(group), limits, now):
            starts[begins] += 1
            starts[ends] -= 1
    days = len(limits) - 1
    return list(accumulate(starts[place] for place in range(days)))


def _ranges(
    changes: Sequence[Activity], limits: Sequence[datetime], now: datetime
) -> list[tuple[int, int]]:
    """The days on which one resource was active, as places `[begins, ends)` that do not touch."""
    found: list[tuple[int, int]] = []
    ends_at = [*(one.at for one in changes[1:]), now]
    for one, until in zip(changes, ends_at, strict=True):
        if not one.active or until <= one.at:
            continue
        begins = max(bisect_right(limits, one.at) - 1, 0)
        ends = min(bisect_left(limits, until), len(limits) - 1)
        if found and begins <= found[-1][1]:
            begins, before = found.pop()
            ends = max(ends, before)
        if begins < ends:
            found.append((begins, ends))
    return found
