"""Who may wait, for what, and which place that has become free fits whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.reservation.availability import MAX_DAYS, availability, busy_range
from domain.reservation.booking import Status, terms_for
from domain.reservation.capacity import Busy
from domain.reservation.opening import zone_of
from domain.reservation.rules import (
    CAPACITY_EXCEEDED,
    IN_THE_PAST,
    INVALID_INTERVAL,
    RESOURCE_UNAVAILABLE,
    TOO_FAR_AHEAD,
    TOO_SOON,
    duration_faults,
)
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval
from domain.time.zone import local_date

RANGE_TOO_LONG = "range_too_long"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place of `duration` seconds anywhere within `within`, of so much capacity."""

    within: Interval
    duration: int
    quantity: int = 1


def faults(
    settings: OrganizationSettings, resources: Sequence[Resource], wanted: Wanted, now: float
) -> tuple[str, ...]:
    """Why nobody can wait for that: codes as of a booking, in their order; none when they can.

    `resources` are those that would do. That it is closed or taken just now is no fault.
    """
    within = wanted.within
    found = []
    if within.length < wanted.duration:
        found.append(INVALID_INTERVAL)
    if within.length > MAX_DAYS * 86_400:
        found.append(RANGE_TOO_LONG)
    if within.end - wanted.duration < now:
        found.append(IN_THE_PAST)
    elif within.end - wanted.duration < now + settings.min_advance_minutes * 60:
        found.append(TOO_SOON)
    if within.start > now + settings.max_advance_days * 86_400:
        found.append(TOO_FAR_AHEAD)
    found += duration_faults(settings, wanted.duration)
    active = [resource for resource in resources if resource.active]
    if not active:
        found.append(RESOURCE_UNAVAILABLE)
    elif wanted.quantity > max(resource.capacity for resource in active):
        found.append(CAPACITY_EXCEEDED)
    return tuple(found)


def looked_at(
    settings: OrganizationSettings, resource: Resource, wanted: Wanted, freed: Interval
) -> Interval:
    """The stretch of time whose busy rows `fitting` depends on."""
    first, last = _dates(settings, resource, wanted, freed)
    return busy_range(settings, resource, first, last, wanted.duration)


def fitting(
    settings: OrganizationSettings,
    resource: Resource,
    wanted: Wanted,
    freed: Interval,
    now: float,
    *,
    busy: Iterable[Busy],
) -> Interval | None:
    """A slot that can be had of the place `freed`, which was given back; or none.

    It lies within what is wanted, and could not be had before: buffers included it reaches into
    what was taken. Of several the first that needs no more than that place, else the first.
    """
    terms = terms_for(settings, resource)
    given_back = terms.blocked(freed.start, freed.end)
    first, last = _dates(settings, resource, wanted, freed)
    days = availability(
        settings, resource, first, last, wanted.duration, now, busy, wanted.quantity
    )
    places = [
        Interval(slot.start, slot.end)
        for day in days
        for slot in day.slots
        if slot.available and terms.blocked(slot.start, slot.end).overlaps(given_back)
    ]
    fit = [place for place in places if wanted.within.contains(place)]
    return min(fit, key=lambda place: (not freed.contains(place), place.start), default=None)


def outcome(booking: Status) -> str | None:
    """What becomes of an offer whose hold is in this status now; null while it stands."""
    if booking is Status.HELD:
        return None
    gone = (Status.CANCELLED, Status.EXPIRED, Status.REJECTED)
    return "lapsed" if booking in gone else "fulfilled"


def has_one_start(settings: OrganizationSettings, wanted: Wanted) -> bool:
    """Whether only one start will do: who then waits, waits for a place that they have seen."""
    return wanted.within.length < wanted.duration + settings.interval_seconds


def _dates(
    settings: OrganizationSettings, resource: Resource, wanted: Wanted, freed: Interval
) -> tuple[date, date]:
    """The dates whose slots may reach into both; a night's slots stand under the date before."""
    zone = zone_of(settings, resource)
    terms = terms_for(settings, resource)
    longest = 2 * terms.blocked(0, wanted.duration).length
    since = max(wanted.within.start, freed.start - longest)
    until = max(since, min(wanted.within.end, freed.end + longest))
    return local_date(since, zone) - timedelta(days=1), local_date(until, zone)
