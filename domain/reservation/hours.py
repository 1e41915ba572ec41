"""Opening time over a stretch: what fits the union of windows, and which starts are on a grid."""

from bisect import bisect_right
from datetime import date, timedelta

from domain.reservation.opening import (
    REACH_DAYS,
    DayOpening,
    OpenWindow,
    opening_between,
    zone_of,
)
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval, contains, merge
from domain.time.zone import local_date

# No window is longer: a day, and once in history a second one that a zone skipped.
_LONGEST_WINDOW = REACH_DAYS * 86_400
# Further than this from its start no request is looked at; it does not fit.
_FURTHEST = timedelta(days=400)
# The dates before, whose windows may still be open.
_BEFORE = timedelta(days=REACH_DAYS)


class OpeningTime:
    """The windows of consecutive dates. Windows that touch or overlap count as one for a fit."""

    __slots__ = ("_by_date", "_listed", "_open", "_spans", "_starts")

    def __init__(self, days: tuple[DayOpening, ...]) -> None:
        windows = [window for day in days for window in day.windows]
        self._by_date = {day.on: day.windows for day in days}
        self._spans = sorted(window.span for window in windows)
        self._starts = [span.start for span in self._spans]
        self._listed = merge(self._spans)
        self._open = merge(part for window in windows for part in window.open)

    def places(self, start: int, end: int) -> bool:
        """Whether `[start, end)` lies within the windows, closures of instants left aside."""
        return contains(self._listed, start, end)

    def is_open(self, start: int, end: int) -> bool:
        """Whether `[start, end)` lies within what is open."""
        return contains(self._open, start, end)

    def is_aligned(self, start: int, step: int) -> bool:
        """Whether `start` is on the grid of a window it falls in; true where it falls in none."""
        around = self._holding(start)
        return not around or any((start - span.start) % step == 0 for span in around)

    def windows_on(self, day: date) -> tuple[OpenWindow, ...]:
        return self._by_date.get(day, ())

    def starts_on(self, day: date, step: int) -> list[int]:
        """The grid starts of a date's windows, sorted, without those of earlier dates' grids."""
        windows = self.windows_on(day)
        if not windows:
            return []
        starts = {s for window in windows for s in range(window.span.start, window.span.end, step)}
        opening = windows[0].span.start
        for back in range(1, REACH_DAYS + 1):
            for window in self.windows_on(day - timedelta(days=back)):
                if window.span.end > opening:
                    starts.difference_update(range(window.span.start, window.span.end, step))
        return sorted(starts)

    def _holding(self, start: int) -> list[Interval]:
        found = []
        for index in range(bisect_right(self._starts, start) - 1, -1, -1):
            span = self._spans[index]
            if span.start <= start - _LONGEST_WINDOW:
                break
            if start < span.end:
                found.append(span)
        return found


def hours_between(
    settings: OrganizationSettings, resource: Resource, first: date, last: date, longest: int
) -> OpeningTime:
    """All windows that matter to slots of the dates, up to `longest` seconds each."""
    beyond = min(timedelta(seconds=longest), _FURTHEST) + timedelta(days=REACH_DAYS + 1)
    return OpeningTime(opening_between(settings, resource, first - _BEFORE, last + beyond))


def hours_around(
    settings: OrganizationSettings, resource: Resource, start: int, end: int
) -> OpeningTime:
    """All windows that matter to one interval."""
    zone = zone_of(settings, resource)
    first = local_date(start, zone)
    # The end may be shown on the date before: the clocks of St. John's went back at 00:01 to 23:01
    # (until 2011). What opens later than the date after it cannot hold any of it.
    last = min(local_date(max(start, end), zone) + timedelta(days=1), first + _FURTHEST)
    return OpeningTime(opening_between(settings, resource, first - _BEFORE, last))
