"""The rules a booking is held to: the one judgement behind acceptance and availability."""

from dataclasses import dataclass

from domain.reservation.booking import Terms
from domain.reservation.capacity import Load
from domain.reservation.hours import OpeningTime
from domain.resource.resource import Resource
from domain.tenant.ranges import MAX_DURATION_MINUTES
from domain.tenant.settings import OrganizationSettings, Violation

INVALID_INTERVAL = "invalid_interval"
IN_THE_PAST = "in_the_past"
TOO_SOON = "too_soon"
TOO_FAR_AHEAD = "too_far_ahead"
DURATION_NOT_MULTIPLE = "duration_not_multiple"
DURATION_OUT_OF_BOUNDS = "duration_out_of_bounds"
OUTSIDE_BUSINESS_HOURS = "outside_business_hours"
NOT_ALIGNED = "not_aligned"
RESOURCE_UNAVAILABLE = "resource_unavailable"
CAPACITY_EXCEEDED = "capacity_exceeded"
QUOTA_EXCEEDED = "quota_exceeded"
BOOKING_CONFLICT = "booking_conflict"
UNKNOWN_OVERRIDE = "unknown_override"

# What `booking:override` can set aside.
OVERRIDABLE = frozenset(
    {
        IN_THE_PAST,
        TOO_SOON,
        TOO_FAR_AHEAD,
        DURATION_NOT_MULTIPLE,
        DURATION_OUT_OF_BOUNDS,
        OUTSIDE_BUSINESS_HOURS,
        NOT_ALIGNED,
        QUOTA_EXCEEDED,
    }
)

_SENTENCES = {
    INVALID_INTERVAL: ("ends_at", "The end must lie after the start."),
    IN_THE_PAST: ("starts_at", "The start lies in the past."),
    TOO_SOON: ("starts_at", "The start is closer than the organisation allows."),
    TOO_FAR_AHEAD: ("starts_at", "The start is further ahead than the organisation allows."),
    DURATION_NOT_MULTIPLE: ("ends_at", "The duration is no multiple of the slot interval."),
    DURATION_OUT_OF_BOUNDS: ("ends_at", "The duration is shorter or longer than allowed."),
    OUTSIDE_BUSINESS_HOURS: ("starts_at", "The time does not lie within the opening hours."),
    NOT_ALIGNED: ("starts_at", "The start does not lie on the grid of its opening window."),
    RESOURCE_UNAVAILABLE: ("resource_id", "The resource is not active."),
    CAPACITY_EXCEEDED: ("quantity", "The quantity exceeds the capacity of the resource."),
    QUOTA_EXCEEDED: ("user_id", "The user has as many active bookings as are allowed."),
    BOOKING_CONFLICT: ("starts_at", "The time is taken."),
    UNKNOWN_OVERRIDE: ("override_rules", "No rule of this name can be set aside."),
}

# In the order in which they are asked; those of steps 1 to 6 are all told at once.
IN_ORDER = tuple(_SENTENCES)
TOLD_TOGETHER = frozenset(IN_ORDER[: IN_ORDER.index(NOT_ALIGNED) + 1])


def violation(code: str) -> Violation:
    field, message = _SENTENCES[code]
    return Violation(field, code, message)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a judgement rests on; hours and load cover the time that is asked about."""

    settings: OrganizationSettings
    resource: Resource
    terms: Terms
    hours: OpeningTime
    load: Load
    now: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`broken`: codes of steps 1 to 6 in their order; `unmet`: of step 7; `remaining` places."""

    broken: tuple[str, ...]
    unmet: str | None
    remaining: int


def judge(facts: Facts, start: int, end: int, quantity: int) -> Judgement:
    """Steps 1 to 7 and 9 for `[start, end)`. It is free if nothing is broken or unmet and
    `remaining` is at least the quantity.
    """
    blocked = facts.terms.blocked(start, max(start, end))
    return Judgement(
        broken=_broken(facts, start, end),
        unmet=unmet(facts.resource, quantity),
        remaining=max(0, facts.resource.capacity - facts.load.peak(blocked.start, blocked.end)),
    )


def unmet(resource: Resource, quantity: int) -> str | None:
    """Step 7: what no override helps with."""
    if not resource.active:
        return RESOURCE_UNAVAILABLE
    return CAPACITY_EXCEEDED if quantity > resource.capacity else None


def duration_faults(settings: OrganizationSettings, seconds: int) -> tuple[str, ...]:
    """Step 4. Without a bound of the tenant's own, 31 days are the longest."""
    found = []
    if seconds <= 0 or seconds % settings.interval_seconds:
        found.append(DURATION_NOT_MULTIPLE)
    least = (settings.min_duration_minutes or 0) * 60
    most = (settings.max_duration_minutes or MAX_DURATION_MINUTES) * 60
    if not least <= seconds <= most:
        found.append(DURATION_OUT_OF_BOUNDS)
    return tuple(found)


def _broken(facts: Facts, start: int, end: int) -> tuple[str, ...]:
    settings = facts.settings
    found = [] if start < end else [INVALID_INTERVAL]
    if start < facts.now:
        found.append(IN_THE_PAST)
    lead = settings.min_advance_minutes * 60
    if lead and start < facts.now + lead:
        found.append(TOO_SOON)
    if start > facts.now + settings.max_advance_days * 86_400:
        found.append(TOO_FAR_AHEAD)
    if start < end:
        # Neither a length nor a place can be asked of what ends before it starts.
        found += duration_faults(settings, end - start)
        if not facts.hours.is_open(start, end):
            found.append(OUTSIDE_BUSINESS_HOURS)
        if settings.enforce_slot_alignment and not facts.hours.is_aligned(
            start, settings.interval_seconds
        ):
            found.append(NOT_ALIGNED)
    return tuple(found)
