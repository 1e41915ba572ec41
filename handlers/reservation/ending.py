"""Cancelling, changing the status, extending a hold, and what time does."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.commands import (
    BookingCancel,
    BookingChangeStatus,
    BookingExpire,
    BookingExtendHold,
)
from domain.reservation.acceptance import is_over_quota
from domain.reservation.booking import Status
from domain.reservation.cancellation import NotCancelled, cancel
from domain.reservation.lifecycle import (
    Extended,
    Forbidden,
    HoldExpired,
    HoldLimitReached,
    InvalidTransition,
    Moved,
    UseCancel,
    extend_hold,
    transition,
)
from domain.time.instant import exact_epoch, utc_of
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused
from handlers.reservation.knowledge import Knowledge, KnownSettings, settings_of
from handlers.reservation.own import held_for_change
from handlers.reservation.placing import locked
from handlers.reservation.saving import RAN_OUT, cancelled, expired, lapsed_too, saved
from handlers.reservation.views import booking_of, booking_view, caller_of
from storage.delivery.transaction import Writing, reading
from storage.reservation.bookings import BookingRow, active_bookings_of, find_booking

FORBIDDEN = refused("forbidden", "This booking's status is not yours to change.")


async def cancel_booking(work: Writing, asked: Asked[BookingCancel]) -> Outcome:
    """By the policy that the booking was made under; its place is free with the commit."""
    command, actor = asked.message, asked.actor
    row = await held_for_change(work, command.booking_id, actor, command.expected_version)
    if isinstance(row, Refused):
        return row
    found = cancel(booking_of(row), now=exact_epoch(work.now), caller=caller_of(actor))
    if isinstance(found, NotCancelled):
        return await _not_cancelled(work, row, found)
    wanted = cancelled(work, row, actor.label, command.reason)
    after, event = await saved(
        work, row, wanted, found.event_type, actor.label, reason=command.reason
    )
    return Done(200, booking_view(after, actor, work.now), events=(event,))


@dataclass(frozen=True, slots=True)
class KnownForStatus:
    """The tenant's rules, and whose quota a confirmed hold counts against."""

    settings: KnownSettings
    user_id: UUID | None


class StatusChange:
    """Handles `booking.change_status`."""

    def __init__(self, knowledge: Knowledge, engine: AsyncEngine) -> None:
        self._knowledge = knowledge
        self._engine = engine

    async def prepare(self, asked: Asked[BookingChangeStatus]) -> KnownForStatus | Refused:
        """The rules that stand now: whether approval is required, and the quota."""
        tenant_id = asked.tenant_id
        (body,) = await self._knowledge.recall(
            tenant_id, [("settings", tenant_id)], asked.envelope.traceparent
        )
        if body is None:
            return refused("not_found", "There is no such tenant.")
        async with reading(self._engine, tenant_id) as read:
            row = await find_booking(read, asked.message.booking_id)
        return KnownForStatus(settings_of(body), None if row is None else row.user_id)

    async def decide(self, work: Writing, asked: Asked[BookingChangeStatus]) -> Outcome:
        """A compare-and-set: a hold that ran out is not confirmed, whoever comes first."""
        command, actor, known = asked.message, asked.actor, asked.prepared
        if isinstance(known, Refused):
            return known
        rules = known.settings.rules
        quota = rules.max_active_bookings_per_user
        if quota is not None and known.user_id is not None:
            await locked(work, [known.user_id])
        row = await held_for_change(work, command.booking_id, actor, command.expected_version)
        if isinstance(row, Refused):
            return row
        found = transition(
            booking_of(row),
            Status(command.status),
            now=exact_epoch(work.now),
            caller=caller_of(actor),
            requires_approval=rules.requires_approval,
        )
        if not isinstance(found, Moved):
            return await _not_moved(work, row, found)
        if row.status == Status.HELD and row.user_id is not None and quota is not None:
            used = await active_bookings_of(work, row.user_id, work.now, row.booking_id)
            if is_over_quota(rules, used):
                return refused("quota_exceeded", "The quota of active bookings is used up.")
        wanted = replace(row, status=found.status.value, hold_expires_at=None)
        after, event = await saved(
            work, row, wanted, found.event_type, actor.label, reason=command.reason
        )
        return Done(200, booking_view(after, actor, work.now), events=(event,))


async def extend_booking_hold(work: Writing, asked: Asked[BookingExtendHold]) -> Outcome:
    """One more TTL for a hold that stands, up to four in all."""
    command, actor = asked.message, asked.actor
    row = await held_for_change(work, command.booking_id, actor, command.expected_version)
    if isinstance(row, Refused):
        return row
    found = extend_hold(booking_of(row), now=exact_epoch(work.now), caller=caller_of(actor))
    if isinstance(found, Extended):
        wanted = replace(row, hold_expires_at=utc_of(found.hold_expires_at))
        after, event = await saved(work, row, wanted, found.event_type, actor.label)
        return Done(200, booking_view(after, actor, work.now), events=(event,))
    if isinstance(found, HoldLimitReached):
        return refused("hold_limit_reached", "A hold lasts four times its time to live at most.")
    return await _not_moved(work, row, found)


async def expire_booking(work: Writing, asked: Asked[BookingExpire]) -> Outcome:
    """A hold at its deadline, a pending booking at its start; nothing when it has been decided."""
    row = await find_booking(work, asked.message.booking_id, lock=True)
    if row is None:
        return refused("not_found", "There is no such booking.")
    event = await expired(work, row)
    return Done(200, {}, events=() if event is None else (event,))


async def _not_cancelled(work: Writing, row: BookingRow, found: NotCancelled) -> Refused:
    if found.reason == "forbidden":
        return FORBIDDEN
    if found.reason == "cancellation_window_passed":
        return refused(found.reason, "The booking could be cancelled until earlier than now.")
    return await lapsed_too(work, row, _invalid(found.current_status, Status.CANCELLED))


async def _not_moved(
    work: Writing,
    row: BookingRow,
    found: InvalidTransition | HoldExpired | Forbidden | UseCancel,
) -> Refused:
    if isinstance(found, Forbidden):
        return FORBIDDEN
    if isinstance(found, UseCancel):
        return refused("use_cancel", "POST …/cancel cancels a booking.")
    if isinstance(found, HoldExpired):
        return await lapsed_too(work, row, RAN_OUT)
    return await lapsed_too(work, row, _invalid(found.current_status, found.requested_status))


def _invalid(current: Status, requested: Status) -> Refused:
    return refused(
        "invalid_transition",
        f"A booking that is {current} does not become {requested}.",
        current_status=current.value,
        requested_status=requested.value,
    )
