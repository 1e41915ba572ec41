"""A booking, its status, and the terms it was made under.

Starts and ends are whole epoch seconds. `now` and deadlines may carry a fraction: a hold runs out
at its microsecond.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval

# How many times its TTL a hold may last in all.
HOLD_LIFETIMES = 4


class Status(StrEnum):
    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    NO_SHOW = "no_show"
    EXPIRED = "expired"


# Those that take capacity; a hold only until it runs out.
ACTIVE = frozenset({Status.HELD, Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What still matters later of the rules a booking was made under; settings may change since.

    `reschedule_window_hours` is already resolved: never null.
    """

    rules_version: int = 0
    cancellation_window_hours: int = 24
    reschedule_window_hours: int = 24
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    hold_ttl_seconds: int = 300

    def blocked(self, starts_at: int, ends_at: int) -> Interval:
        """The time that a booking keeps free for itself, buffers included."""
        before, after = self.buffer_before_minutes * 60, self.buffer_after_minutes * 60
        return Interval(starts_at - before, ends_at + after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A booking as far as it is decided on; ids are strings.

    `hold_expires_at` is set while it is held and stays on a hold that ran out; it is cleared when
    the hold is confirmed or made pending. `created_by` is the id of whoever made it.
    """

    id: str
    resource_id: str
    user_id: str | None
    starts_at: int
    ends_at: int
    status: Status
    terms: Terms
    created_at: float
    quantity: int = 1
    resource_ids: tuple[str, ...] = ()
    created_by: str | None = None
    hold_expires_at: float | None = None

    @property
    def blocked(self) -> Interval:
        return self.terms.blocked(self.starts_at, self.ends_at)


def terms_for(settings: OrganizationSettings, resource: Resource, rules_version: int = 0) -> Terms:
    """The terms of a booking of this resource that is made now."""
    reschedule = settings.reschedule_window_hours
    before, after = resource.buffer_before_minutes, resource.buffer_after_minutes
    return Terms(
        rules_version=rules_version,
        cancellation_window_hours=settings.cancellation_window_hours,
        reschedule_window_hours=(
            settings.cancellation_window_hours if reschedule is None else reschedule
        ),
        buffer_before_minutes=settings.buffer_before_minutes if before is None else before,
        buffer_after_minutes=settings.buffer_after_minutes if after is None else after,
        hold_ttl_seconds=settings.hold_ttl_seconds,
    )


def initial_status(settings: OrganizationSettings, asked_held: bool) -> Status:
    """Held where that was asked for, else pending or confirmed as the tenant has it."""
    if asked_held:
        return Status.HELD
    return Status.PENDING if settings.requires_approval else Status.CONFIRMED


def hold_deadline(terms: Terms, held_at: float) -> float:
    """When a hold that begins now runs out."""
    return held_at + terms.hold_ttl_seconds


def hold_limit(booking: Booking) -> float:
    """The instant beyond which the hold cannot be extended."""
    return booking.created_at + HOLD_LIFETIMES * booking.terms.hold_ttl_seconds


def has_lapsed(booking: Booking, now: float) -> bool:
    """A hold that ran out, from that very instant, whether or not a sweeper has come by."""
    return (
        booking.status is Status.HELD
        and booking.hold_expires_at is not None
        and booking.hold_expires_at <= now
    )


def is_active(booking: Booking, now: float) -> bool:
    """Whether it takes capacity at this instant."""
    return booking.status in ACTIVE and not has_lapsed(booking, now)
