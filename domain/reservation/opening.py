"""When a resource is open: windows by date, each with its own grid, less closures and holidays.

Business hours, schedules and dates of closures are all read in one zone: the resource's if it has
one, else the tenant's. A tenant in Lisbon that opens at nine opens its resource in Sao Paulo at
nine in Sao Paulo.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.resource.override import Override
from domain.resource.resource import Resource
from domain.tenant.settings import DateClosure, InstantClosure, OrganizationSettings
from domain.time.interval import Interval, Intervals, intersect, merge, subtract
from domain.time.wall import windows_on
from domain.time.zone import load_zone

# A window reaches a day past its date, and one more where a zone skips a date (Apia 2011-12-30).
REACH_DAYS = 2


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A window of the date `on`: its grid starts at `span.start`; `open` is what closures leave."""

    on: date
    span: Interval
    open: Intervals


@dataclass(frozen=True, slots=True)
class DayOpening:
    """The windows that open on a date, by start; none is a closed day."""

    on: date
    windows: tuple[OpenWindow, ...]


def zone_of(settings: OrganizationSettings, resource: Resource) -> ZoneInfo:
    """The zone in which the resource's hours and dates are read. Raises `UnknownZone`."""
    return load_zone(resource.timezone or settings.timezone)


def opening(settings: OrganizationSettings, resource: Resource, day: date) -> DayOpening:
    """The windows of one date. An inactive resource keeps its windows: activity is no opening."""
    return opening_between(settings, resource, day, day)[0]


def opening_between(
    settings: OrganizationSettings, resource: Resource, first: date, last: date
) -> tuple[DayOpening, ...]:
    """The windows of each date from `first` to `last`, both inclusive."""
    hours = _Hours(settings, resource)
    return tuple(hours.on(day) for day in dates(first, last))


def dates(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both inclusive."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


class _Hours:
    """The rules that opening times come from, sorted out once for many dates."""

    def __init__(self, settings: OrganizationSettings, resource: Resource) -> None:
        self.zone = zone_of(settings, resource)
        self.week = settings.business_hours
        self.schedule = resource.availability_schedule
        # The owner of overrides keeps one a date; were there two, the later one would hold.
        self.overrides = {override.on: override for override in resource.overrides}
        self.closed_on = [one for one in settings.closures if isinstance(one, DateClosure)]
        self.holidays = settings.holidays
        self.closed_at = merge(
            Interval(one.starts_at, max(one.starts_at, one.ends_at))
            for one in settings.closures
            if isinstance(one, InstantClosure)
        )
        self._business: dict[date, Intervals] = {}

    def on(self, day: date) -> DayOpening:
        override = self.overrides.get(day)
        if override is not None and override.beyond_business_hours:
            own = sorted(windows_on(override.opens, day, self.zone))
            return DayOpening(day, tuple(OpenWindow(day, span, (span,)) for span in own))
        if self._is_closed(day):
            return DayOpening(day, ())
        spans = sorted(self._spans(day, override))
        return DayOpening(
            day, tuple(OpenWindow(day, span, self._without_closures(span)) for span in spans)
        )

    def _spans(self, day: date, override: Override | None) -> Intervals:
        if override is None and self.schedule is None:
            return self._business_on(day)
        if override is not None:
            own = override.opens
        else:
            own = self.schedule[day.weekday()] if self.schedule is not None else ()
        around = dates(day - timedelta(days=REACH_DAYS), day + timedelta(days=REACH_DAYS))
        business = merge(span for near in around for span in self._business_on(near))
        pieces: list[Interval] = []
        for span in windows_on(own, day, self.zone):
            pieces += intersect((span,), business)
        return tuple(pieces)

    def _business_on(self, day: date) -> Intervals:
        """The tenant's hours that open on the date; a closed date's night is closed with it."""
        known = self._business.get(day)
        if known is None:
            windows = () if self._is_closed(day) else self.week[day.weekday()]
            known = self._business[day] = windows_on(windows, day, self.zone)
        return known

    def _is_closed(self, day: date) -> bool:
        if any(closure.covers(day) for closure in self.closed_on):
            return True
        return self.holidays is not None and self.holidays.closes(day)

    def _without_closures(self, span: Interval) -> Intervals:
        return subtract((span,), self.closed_at) if self.closed_at else (span,)
