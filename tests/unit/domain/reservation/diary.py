"""The domain driven as the handlers drive it: bookings are kept, and each change has its event."""

from dataclasses import replace

from domain.reservation.acceptance import Accepted, Refused, Request, decide
from domain.reservation.availability import availability
from domain.reservation.booking import (
    Booking,
    Status,
    hold_deadline,
    initial_status,
    is_active,
    terms_for,
)
from domain.reservation.cancellation import NotCancelled, cancel, reschedule_standing
from domain.reservation.capacity import Busy
from domain.reservation.lifecycle import (
    CREATED,
    UPDATED,
    Caller,
    Extended,
    Forbidden,
    HoldExpired,
    HoldLimitReached,
    InvalidTransition,
    Moved,
    UseCancel,
    expire,
    extend_hold,
    transition,
)
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.instant import utc_of

Undone = InvalidTransition | HoldExpired | Forbidden | UseCancel | HoldLimitReached

_NAMES = {
    InvalidTransition: "invalid_transition",
    HoldExpired: "hold_expired",
    Forbidden: "forbidden",
    UseCancel: "use_cancel",
    HoldLimitReached: "hold_limit_reached",
}


class Diary:
    """All bookings of one resource, and the time it is."""

    def __init__(self, settings: OrganizationSettings, resource: Resource, now: int) -> None:
        self.settings = settings
        self.resource = resource
        self.now = now
        self.bookings: dict[str, Booking] = {}
        self.events: dict[str, list[str]] = {}

    def busy(self) -> list[Busy]:
        return [
            Busy(one.id, one.blocked.start, one.blocked.end, one.quantity)
            for one in self.bookings.values()
            if is_active(one, self.now)
        ]

    def create(self, name: str, request: Request, caller: Caller, *, held: bool) -> list[str]:
        """The codes of what speaks against it; none means that it stands."""
        terms = terms_for(self.settings, self.resource)
        answer = decide(
            self.settings,
            self.resource,
            terms,
            request,
            self.now,
            busy=self.busy(),
            active_bookings_of_user=self._counting(),
        )
        if isinstance(answer, Accepted):
            status = initial_status(self.settings, asked_held=held)
            self.bookings[name] = Booking(
                id=name,
                resource_id=self.resource.id,
                user_id=caller.user_id,
                created_by=caller.user_id,
                starts_at=request.starts_at,
                ends_at=request.ends_at,
                quantity=request.quantity,
                status=status,
                terms=terms,
                created_at=self.now,
                hold_expires_at=hold_deadline(terms, self.now) if status is Status.HELD else None,
            )
            self.events[name] = [CREATED]
        return _codes(answer)

    def move(self, name: str, request: Request, caller: Caller) -> list[str]:
        booking = self.bookings[name]
        standing = reschedule_standing(booking, self.now, caller)
        if standing.code is not None:
            return [standing.code]
        answer = decide(
            self.settings,
            self.resource,
            booking.terms,
            request,
            self.now,
            busy=self.busy(),
            exclude_booking_id=name,
        )
        if isinstance(answer, Accepted):
            place = {"starts_at": request.starts_at, "ends_at": request.ends_at}
            self._save(name, UPDATED, **place, quantity=request.quantity)
        return _codes(answer)

    def change_status(self, name: str, requested: str, caller: Caller) -> str:
        """The status that it has now, or why it has not."""
        answer = transition(
            self.bookings[name],
            Status(requested),
            now=self.now,
            caller=caller,
            requires_approval=self.settings.requires_approval,
        )
        if not isinstance(answer, Moved):
            return _NAMES[type(answer)]
        self._save(name, answer.event_type, status=answer.status, hold_expires_at=None)
        return answer.status.value

    def cancel(self, name: str, caller: Caller) -> str:
        answer = cancel(self.bookings[name], now=self.now, caller=caller)
        if isinstance(answer, NotCancelled):
            return answer.reason
        self._save(name, answer.event_type, status=answer.status, hold_expires_at=None)
        return answer.status.value

    def extend(self, name: str, caller: Caller) -> float | str:
        answer = extend_hold(self.bookings[name], now=self.now, caller=caller)
        if not isinstance(answer, Extended):
            return _NAMES[type(answer)]
        self._save(name, answer.event_type, hold_expires_at=answer.hold_expires_at)
        return answer.hold_expires_at

    def sweep(self, name: str) -> bool:
        answer = expire(self.bookings[name], now=self.now)
        if isinstance(answer, Moved):
            self._save(name, answer.event_type, status=answer.status)
        return isinstance(answer, Moved)

    def offered(self, minutes: int, quantity: int) -> dict[int, bool]:
        """Every start of today and tomorrow that availability lists, and whether it is free."""
        today = utc_of(self.now).date()
        tomorrow = today.fromordinal(today.toordinal() + 1)
        days = availability(
            self.settings, self.resource, today, tomorrow, minutes * 60, self.now, self.busy(),
            quantity,
        )  # fmt: skip
        return {slot.start: slot.available for day in days for slot in day.slots}

    def _counting(self) -> int:
        counted = (Status.PENDING, Status.CONFIRMED)
        return sum(
            one.status in counted and one.starts_at > self.now for one in self.bookings.values()
        )

    def _save(self, name: str, event: str, **changes: object) -> None:
        self.bookings[name] = replace(self.bookings[name], **changes)  # type: ignore[arg-type]  # fields by name
        self.events[name].append(event)


def _codes(answer: Accepted | Refused) -> list[str]:
    return [found.code for found in answer.violations] if isinstance(answer, Refused) else []
