"""Availability: every slot of a range of dates, free or with the reason why it is not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.reservation.booking import Terms, terms_for
from domain.reservation.capacity import Busy, Load
from domain.reservation.hours import hours_between
from domain.reservation.opening import dates, zone_of
from domain.reservation.rules import (
    IN_THE_PAST,
    OUTSIDE_BUSINESS_HOURS,
    RESOURCE_UNAVAILABLE,
    TOO_FAR_AHEAD,
    TOO_SOON,
    Facts,
    Judgement,
    duration_faults,
    judge,
)
from domain.resource.resource import Resource
from domain.tenant.ranges import MAX_DURATION_MINUTES
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval
from domain.time.zone import to_epoch

# The longest range that is answered at once.
MAX_DAYS = 62


@dataclass(frozen=True, slots=True)
class Slot:
    """`[start, end)`; `reason` is null when available; `remaining` is 0 where none can be had."""

    start: int
    end: int
    available: bool
    remaining: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """The slots of the windows that open on a date, by start."""

    on: date
    slots: tuple[Slot, ...]


def default_duration(settings: OrganizationSettings) -> int:
    """Seconds of a slot when none are asked for: the interval, or more where a minimum says so."""
    step = settings.interval_seconds
    least = (settings.min_duration_minutes or 0) * 60
    return max(1, -(-least // step)) * step


def availability(  # noqa: PLR0913, PLR0917 - each is a fact of its own that slots rest on
    settings: OrganizationSettings,
    resource: Resource,
    first: date,
    last: date,
    duration_seconds: int | None,
    now: float,
    busy: Iterable[Busy],
    quantity: int = 1,
    exclude_booking_id: str | None = None,
    *,
    terms: Terms | None = None,
) -> tuple[Day, ...]:
    """The slots of each date from `first` to `last`, both inclusive, in the resource's zone.

    `busy` holds what is booked within `busy_range`. A slot is listed where it fits the windows;
    a length that no booking may have has no slots. `terms` are those of the booking that is to be
    moved; without them, of a new one.
    """
    duration = default_duration(settings) if duration_seconds is None else duration_seconds
    bookable = not duration_faults(settings, duration)
    facts = Facts(
        settings=settings,
        resource=resource,
        terms=terms or terms_for(settings, resource),
        hours=hours_between(settings, resource, first, last, duration if bookable else 0),
        load=Load(busy, exclude_booking_id),
        now=now,
    )
    return tuple(
        Day(on, slots_on(facts, on, duration, quantity) if bookable else ())
        for on in dates(first, last)
    )


def slots_on(facts: Facts, on: date, duration: int, quantity: int) -> tuple[Slot, ...]:
    """The slots of one date; each is judged as a booking of it would be."""
    hours = facts.hours
    return tuple(
        _slot(judge(facts, start, start + duration, quantity), start, start + duration, quantity)
        for start in hours.starts_on(on, facts.settings.interval_seconds)
        if hours.places(start, start + duration)
    )


def busy_range(
    settings: OrganizationSettings,
    resource: Resource,
    first: date,
    last: date,
    duration_seconds: int | None = None,
    *,
    terms: Terms | None = None,
) -> Interval:
    """The stretch of time whose busy rows the slots of these dates depend on, buffers included.

    Empty where nothing opens.
    """
    duration = default_duration(settings) if duration_seconds is None else duration_seconds
    duration = min(max(duration, 0), MAX_DURATION_MINUTES * 60)
    hours = hours_between(settings, resource, first, last, 0)
    spans = [window.span for on in dates(first, last) for window in hours.windows_on(on)]
    if not spans:
        begin = to_epoch(first, 0, zone_of(settings, resource))
        return Interval(begin, begin)
    kept = terms or terms_for(settings, resource)
    start = min(span.start for span in spans)
    return kept.blocked(start, max(span.end for span in spans) + duration)


def _slot(judgement: Judgement, start: int, end: int, quantity: int) -> Slot:
    reason = _reason(judgement, quantity)
    left = judgement.remaining if reason in (None, "booked") else 0
    return Slot(start, end, reason is None, left, reason)


def _reason(judgement: Judgement, quantity: int) -> str | None:
    broken = judgement.broken
    if judgement.unmet == RESOURCE_UNAVAILABLE or OUTSIDE_BUSINESS_HOURS in broken:
        return "closed"
    if IN_THE_PAST in broken:
        return "past"
    for code in (TOO_SOON, TOO_FAR_AHEAD):
        if code in broken:
            return code
    # What else a booking could be refused for makes a slot no less taken.
    if broken or judgement.unmet or judgement.remaining < quantity:
        return "booked"
    return None
