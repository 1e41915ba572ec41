"""Whether a booking is acceptable: a decision with everything that speaks against it.

decide(…) ── Accepted    the time it blocks, and which rules were set aside for it
          └─ Refused     the first violation's code, all violations, what is taken
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.reservation.availability import slots_on
from domain.reservation.booking import Terms
from domain.reservation.capacity import Busy, Load
from domain.reservation.hours import hours_around, hours_between
from domain.reservation.opening import dates, zone_of
from domain.reservation.rules import (
    BOOKING_CONFLICT,
    IN_ORDER,
    OVERRIDABLE,
    QUOTA_EXCEEDED,
    TOLD_TOGETHER,
    UNKNOWN_OVERRIDE,
    Facts,
    duration_faults,
    judge,
    violation,
)
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings, Violation
from domain.time.instant import ceil_epoch, floor_epoch
from domain.time.interval import Interval, Intervals
from domain.time.zone import local_date

__all__ = [
    "LOOK_AHEAD_DAYS",
    "OVERRIDABLE",
    "Accepted",
    "Busy",
    "Refused",
    "Request",
    "decide",
    "is_over_quota",
    "next_available",
    "next_available_range",
    "together",
]

LOOK_AHEAD_DAYS = 14


@dataclass(frozen=True, slots=True)
class Request:
    """A place asked for: whole epoch seconds, and how much of the resource's capacity."""

    starts_at: int
    ends_at: int
    quantity: int = 1

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"a quantity is 1 at least, not {self.quantity}")

    @classmethod
    def of(cls, starts_at: datetime, ends_at: datetime, quantity: int = 1) -> "Request":
        """A fraction of a second is rounded outwards, so that it makes the length no multiple."""
        return cls(floor_epoch(starts_at), ceil_epoch(ends_at), quantity)


@dataclass(frozen=True, slots=True)
class Accepted:
    """`blocked` includes buffers; `overridden` lists the rules that were broken and set aside."""

    blocked: Interval
    overridden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """`code` is that of the first violation; `conflicts` are taken intervals, nobody's names."""

    code: str
    violations: tuple[Violation, ...]
    conflicts: Intervals = ()


def decide(  # noqa: PLR0913 - each is a fact of its own that the decision rests on
    settings: OrganizationSettings,
    resource: Resource,
    terms: Terms,
    request: Request,
    now: float,
    *,
    busy: Iterable[Busy],
    active_bookings_of_user: int | None = None,
    override: frozenset[str] = frozenset(),
    exclude_booking_id: str | None = None,
) -> Accepted | Refused:
    """Steps 1 to 9 in their order; the caller has made sure of step 0.

    `busy` holds at least what overlaps the blocked interval. `active_bookings_of_user` are the
    user's future pending and confirmed bookings, without one that is being moved; null where no
    quota is asked. `override` are rules that a caller with `booking:override` names.
    """
    if override - OVERRIDABLE:
        return _refused((UNKNOWN_OVERRIDE,))
    start, end = request.starts_at, request.ends_at
    hours = hours_around(settings, resource, start, end)
    load = Load(busy, exclude_booking_id)
    facts = Facts(settings, resource, terms, hours, load, now)
    judgement = judge(facts, start, end, request.quantity)
    standing = tuple(code for code in judgement.broken if code not in override)
    if standing:
        return _refused(standing)
    if judgement.unmet is not None:
        return _refused((judgement.unmet,))
    over_quota = is_over_quota(settings, active_bookings_of_user)
    if over_quota and QUOTA_EXCEEDED not in override:
        return _refused((QUOTA_EXCEEDED,))
    blocked = terms.blocked(start, end)
    if judgement.remaining < request.quantity:
        limit = resource.capacity - request.quantity
        return _refused((BOOKING_CONFLICT,), load.over(limit, blocked.start, blocked.end))
    return Accepted(blocked, judgement.broken + ((QUOTA_EXCEEDED,) if over_quota else ()))


def together(refused: Iterable[Refused]) -> Refused:
    """One answer about a booking of several resources: all of steps 1 to 6 that any of them breaks,
    in the order of the steps; else the first of what else stands against it.
    """
    said = {one.code for answer in refused for one in answer.violations}
    codes = [code for code in IN_ORDER if code in said]
    return _refused(tuple(code for code in codes if code in TOLD_TOGETHER) or tuple(codes[:1]))


def is_over_quota(settings: OrganizationSettings, active_bookings: int | None) -> bool:
    """Whether one more booking would exceed the quota; also asked when a hold is confirmed."""
    quota = settings.max_active_bookings_per_user
    return quota is not None and active_bookings is not None and active_bookings >= quota


def next_available(
    settings: OrganizationSettings,
    resource: Resource,
    terms: Terms,
    request: Request,
    now: float,
    *,
    busy: Iterable[Busy],
    days: int = LOOK_AHEAD_DAYS,
    exclude_booking_id: str | None = None,
) -> Interval | None:
    """The first grid slot after the asked start that would be accepted, of the same length and
    quantity; null when there is none within so many days. `busy` covers `next_available_range`.
    """
    duration = request.ends_at - request.starts_at
    if duration_faults(settings, duration):
        return None
    first, last = _looked_at(settings, resource, request, now, days)
    hours = hours_between(settings, resource, first, last, duration)
    facts = Facts(settings, resource, terms, hours, Load(busy, exclude_booking_id), now)
    zone = zone_of(settings, resource)
    best: Interval | None = None
    for on in dates(first, last):
        # A night reaches into other dates, which may have begun to open before it ends: into the
        # next, and where clocks left a date out, into the one after that.
        if best is not None and on > local_date(best.start, zone):
            break
        free = (
            Interval(slot.start, slot.end)
            for slot in slots_on(facts, on, duration, request.quantity)
            if slot.available and slot.start > request.starts_at
        )
        here = next(free, None)
        if here is not None and (best is None or here.start < best.start):
            best = here
    return best


def next_available_range(
    terms: Terms,
    request: Request,
    now: float,
    days: int = LOOK_AHEAD_DAYS,
) -> Interval:
    """The stretch of time whose busy rows `next_available` depends on."""
    since = max(request.starts_at, int(now))
    duration = max(0, request.ends_at - request.starts_at)
    return terms.blocked(since, since + (days + 3) * 86_400 + duration)


def _looked_at(
    settings: OrganizationSettings, resource: Resource, request: Request, now: float, days: int
) -> tuple[date, date]:
    """From the date before, whose night may still be on, to so many days ahead; clocks may have
    left a date out (Pacific/Apia, 30 December 2011), so one more."""
    on = local_date(max(request.starts_at, now), zone_of(settings, resource))
    return on - timedelta(days=2), on + timedelta(days=days)


def _refused(codes: tuple[str, ...], conflicts: Intervals = ()) -> Refused:
    return Refused(codes[0], tuple(violation(code) for code in codes), conflicts)
