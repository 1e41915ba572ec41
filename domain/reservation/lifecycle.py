"""The life of a booking: which status may follow which, who may say so, and the event it makes.

    held       → confirmed | pending (where approval is required) | expired | cancelled
    pending    → confirmed | rejected | cancelled | expired (its start passed undecided)
    confirmed  → checked_in | completed | no_show | cancelled
    checked_in → completed | cancelled (staff only)

Cancelling has a call of its own (cancellation), and only time makes anything expire.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.reservation.booking import Booking, Status, has_lapsed, hold_limit

CREATED = "booking.created"
UPDATED = "booking.updated"
CANCELLED = "booking.cancelled"
STATUS_CHANGED = "booking.status_changed"
HOLD_EXPIRED = "booking.hold_expired"

_S = Status
TRANSITIONS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        _S.HELD: frozenset({_S.CONFIRMED, _S.PENDING, _S.EXPIRED, _S.CANCELLED}),
        _S.PENDING: frozenset({_S.CONFIRMED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED}),
        _S.CONFIRMED: frozenset({_S.CHECKED_IN, _S.COMPLETED, _S.NO_SHOW, _S.CANCELLED}),
        _S.CHECKED_IN: frozenset({_S.COMPLETED, _S.CANCELLED}),
        _S.COMPLETED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.REJECTED: frozenset(),
        _S.NO_SHOW: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks: `user_id` is null for a machine, which owns no booking."""

    user_id: str | None
    permissions: frozenset[str]
    # A machine's own: it tells the holds that it made, and makes no booking its own.
    service_id: str | None = None

    def is_of(self, booking: Booking) -> bool:
        return self.user_id is not None and self.user_id == booking.user_id

    def made(self, booking: Booking) -> bool:
        made_by = booking.created_by
        return self.is_of(booking) or (
            made_by is not None and made_by in (self.user_id, self.service_id)
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """The booking goes to this status with this one event; a hold's deadline is then cleared,
    unless it expired by it.
    """

    status: Status
    event_type: str


@dataclass(frozen=True, slots=True)
class InvalidTransition:
    current_status: Status
    requested_status: Status


@dataclass(frozen=True, slots=True)
class HoldExpired:
    """The hold ran out, swept or not."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The caller may see the booking and may not do this to it."""


@dataclass(frozen=True, slots=True)
class UseCancel:
    """Cancelling has its own call."""


@dataclass(frozen=True, slots=True)
class Extended:
    hold_expires_at: float
    event_type: str = UPDATED


@dataclass(frozen=True, slots=True)
class HoldLimitReached:
    """The hold has lasted, or is already set to last, as long as it may in all."""


@dataclass(frozen=True, slots=True)
class HoldStanding:
    """Whether a hold keeps its place now, until when, and until when it could be extended."""

    stands: bool
    expires_at: float | None
    extendable_until: float | None


def event_of(before: Status, after: Status) -> str:
    """The one event of a change of status."""
    if after is Status.CANCELLED:
        return CANCELLED
    if before is Status.HELD and after is Status.EXPIRED:
        return HOLD_EXPIRED
    return STATUS_CHANGED


def transition(
    booking: Booking,
    requested: Status,
    *,
    now: float,
    caller: Caller,
    requires_approval: bool = False,
) -> Moved | InvalidTransition | HoldExpired | Forbidden | UseCancel:
    """What becomes of a request to change the status. `requires_approval` is the tenant's rule
    now: under it a confirmed hold becomes pending, whoever confirms it.
    """
    if requested is Status.CANCELLED:
        return UseCancel()
    if not _may_request(booking, requested, caller):
        return Forbidden()
    confirming = requested in (Status.CONFIRMED, Status.PENDING)
    if confirming and ran_out(booking, now):
        return HoldExpired()
    if has_lapsed(booking, now):
        return InvalidTransition(Status.EXPIRED, requested)
    current = booking.status
    allowed = requested in TRANSITIONS[current] and requested is not Status.EXPIRED
    if not allowed or (requested is Status.PENDING and not requires_approval):
        return InvalidTransition(current, requested)
    target = Status.PENDING if current is Status.HELD and requires_approval else requested
    return Moved(target, STATUS_CHANGED)


def expire(booking: Booking, *, now: float) -> Moved | InvalidTransition:
    """What time does to it: a hold at its deadline, a pending booking at its start."""
    overdue = booking.status is Status.PENDING and booking.starts_at <= now
    if has_lapsed(booking, now) or overdue:
        return Moved(Status.EXPIRED, event_of(booking.status, Status.EXPIRED))
    return InvalidTransition(booking.status, Status.EXPIRED)


def hold_standing(booking: Booking, now: float) -> HoldStanding:
    if booking.status is not Status.HELD:
        return HoldStanding(False, None, None)
    stands = not has_lapsed(booking, now)
    return HoldStanding(stands, booking.hold_expires_at, hold_limit(booking) if stands else None)


def extend_hold(
    booking: Booking, *, now: float, caller: Caller
) -> Extended | HoldExpired | HoldLimitReached | InvalidTransition | Forbidden:
    """One more TTL on top of what the hold has, up to four TTLs from when it was made."""
    permitted = "booking:update:any" in caller.permissions or (
        caller.made(booking) and "booking:update:own" in caller.permissions
    )
    if not permitted:
        return Forbidden()
    if ran_out(booking, now):
        return HoldExpired()
    if booking.status is not Status.HELD or booking.hold_expires_at is None:
        return InvalidTransition(booking.status, Status.HELD)
    deadline = min(booking.hold_expires_at + booking.terms.hold_ttl_seconds, hold_limit(booking))
    if deadline <= booking.hold_expires_at:
        return HoldLimitReached()
    return Extended(deadline)


def ran_out(booking: Booking, now: float) -> bool:
    """A hold that ran out, expired by somebody already or not: the answers are the same."""
    was_hold = booking.status is Status.EXPIRED and booking.hold_expires_at is not None
    return was_hold or has_lapsed(booking, now)


def _may_request(booking: Booking, requested: Status, caller: Caller) -> bool:
    """Staff change any status; a customer confirms their own holds, never their own pending."""
    if "booking:confirm" in caller.permissions:
        return True
    confirming = requested in (Status.CONFIRMED, Status.PENDING)
    own = caller.is_of(booking) and "booking:update:own" in caller.permissions
    return own and confirming and booking.status is not Status.PENDING
