"""Until when a booking may be cancelled or moved, and by whom; and cancelling itself.

The standing that is shown and the cancellation that is done are one decision.
"""

from dataclasses import dataclass

from domain.reservation.booking import Booking, Status, is_active
from domain.reservation.lifecycle import CANCELLED, Caller, Moved

__all__ = [
    "Caller",
    "NotCancelled",
    "RescheduleStanding",
    "Standing",
    "cancel",
    "cancellation_standing",
    "reschedule_standing",
]

WINDOW_PASSED = "cancellation_window_passed"
RESCHEDULE_PASSED = "reschedule_window_passed"
NOT_ACTIVE = "not_active"
FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Standing:
    """`can_cancel_until` is an epoch second that still counts; null where it is never possible.

    A fraction is kept where the deadline is that of a hold.
    """

    can_cancel: bool
    can_cancel_until: float | None
    cannot_cancel_reason: str | None


@dataclass(frozen=True, slots=True)
class RescheduleStanding:
    """`code`: `reschedule_window_passed`, `not_active`, `forbidden`; null when it can be moved."""

    can_reschedule: bool
    can_reschedule_until: int | None
    code: str | None


@dataclass(frozen=True, slots=True)
class NotCancelled:
    """`reason` is that of the standing; `current_status` counts a hold that ran out as expired."""

    reason: str
    current_status: Status


def cancellation_standing(booking: Booking, now: float, caller: Caller) -> Standing:
    """Whether this caller could cancel at this instant; the boundary itself still counts."""
    if not is_active(booking, now):
        return Standing(False, None, NOT_ACTIVE)
    if "booking:cancel:any" in caller.permissions:
        return _until(booking.ends_at, now)
    if "booking:cancel:own" not in caller.permissions:
        return Standing(False, None, FORBIDDEN)
    if booking.status is Status.HELD and caller.made(booking):
        # A hold can always be released by its maker: as long as it stands, which is checked.
        return Standing(True, booking.hold_expires_at, None)
    if not caller.is_of(booking) or booking.status is Status.CHECKED_IN:
        return Standing(False, None, FORBIDDEN)
    return _until(booking.starts_at - booking.terms.cancellation_window_hours * 3600, now)


def cancel(booking: Booking, *, now: float, caller: Caller) -> Moved | NotCancelled:
    standing = cancellation_standing(booking, now, caller)
    if standing.cannot_cancel_reason is None:
        return Moved(Status.CANCELLED, CANCELLED)
    lapsed = booking.status is Status.HELD and not is_active(booking, now)
    return NotCancelled(standing.cannot_cancel_reason, Status.EXPIRED if lapsed else booking.status)


def reschedule_standing(booking: Booking, now: float, caller: Caller) -> RescheduleStanding:
    """Whether this caller could move it at this instant, by the terms it was made under.

    A customer's own booking up to the window before its start; staff any active one up to its end.
    """
    if not is_active(booking, now):
        return RescheduleStanding(False, None, NOT_ACTIVE)
    if "booking:update:any" in caller.permissions:
        until = booking.ends_at
    elif (
        caller.is_of(booking)
        and "booking:update:own" in caller.permissions
        and booking.status is not Status.CHECKED_IN
    ):
        until = booking.starts_at - booking.terms.reschedule_window_hours * 3600
    else:
        return RescheduleStanding(False, None, FORBIDDEN)
    passed = now > until
    return RescheduleStanding(not passed, until, RESCHEDULE_PASSED if passed else None)


def _until(until: int, now: float) -> Standing:
    passed = now > until
    return Standing(not passed, until, WINDOW_PASSED if passed else None)
