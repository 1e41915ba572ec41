"""Saving a booking: every change is one version, one history row and one event."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.wire.envelope import Actor
from domain.reservation.booking import Status, has_lapsed
from domain.reservation.lifecycle import HOLD_EXPIRED, Moved, expire
from domain.time.instant import exact_epoch
from handlers.delivery.work import Happened, Refused, refused
from handlers.reservation.free_text import closed
from handlers.reservation.views import booking_event, booking_of, changes_between
from storage.delivery.transaction import Writing
from storage.reservation.bookings import (
    ACTIVE,
    BookingRow,
    HistoryRow,
    add_booking,
    find_booking,
    save_booking,
)
from storage.reservation.places import leave_places, overdue_holds, set_hold

CLOCK = "system:clock"
# Nobody's doing: whoever met the hold did not end it.
NOBODY = Actor("system", "clock")
RAN_OUT = refused("hold_expired", "The hold has run out.")


async def added(
    work: Writing, row: BookingRow, event_type: str, overridden: tuple[str, ...]
) -> Happened:
    """The booking is stored as version 1; its event."""
    changes = changes_between(None, row)
    history = _history(row, event_type, row.created_by, changes, overridden)
    (stored,) = await closed(work, row.user_id, [history])
    await add_booking(work, row, stored)
    return booking_event(event_type, row, changes)


async def saved(  # a change and its circumstances
    work: Writing,
    before: BookingRow,
    after: BookingRow,
    event_type: str,
    actor: str,
    *,
    overridden: tuple[str, ...] = (),
    reason: str | None = None,
) -> tuple[BookingRow, Happened]:
    """The changed booking is stored as the next version, and what it no longer takes is free."""
    row = replace(after, version=before.version + 1, updated_at=work.now)
    changes = changes_between(before, row)
    history = _history(row, event_type, actor, changes, overridden, reason)
    (stored,) = await closed(work, row.user_id, [history])
    await save_booking(work, row, stored)
    if row.status not in ACTIVE:
        await leave_places(work, row.booking_id)
    elif before.hold_expires_at != row.hold_expires_at:
        await set_hold(work, row.booking_id, row.hold_expires_at)
    return row, booking_event(event_type, row, changes)


def cancelled(work: Writing, row: BookingRow, by: str, reason: str | None) -> BookingRow:
    """The booking as it is once somebody has cancelled it."""
    return replace(
        row,
        status=Status.CANCELLED.value,
        cancelled_at=work.now,
        cancelled_by=by,
        cancellation_reason=reason,
        hold_expires_at=None,
    )


async def expired(work: Writing, row: BookingRow) -> Happened | None:
    """What time has done to a booking that was loaded under lock; None when it has done nothing."""
    outcome = expire(booking_of(row), now=exact_epoch(work.now))
    if not isinstance(outcome, Moved):
        return None
    after = replace(row, status=Status.EXPIRED.value)
    _, event = await saved(work, row, after, outcome.event_type, CLOCK)
    return replace(event, actor=NOBODY)


async def lapsed_too(work: Writing, row: BookingRow, answer: Refused) -> Refused:
    """A hold that is found to have run out is expired here and now, with its one event."""
    if not has_lapsed(booking_of(row), exact_epoch(work.now)):
        return answer
    event = await expired(work, row)
    return Refused(answer.problem, () if event is None else (event,))


async def expire_overdue(
    work: Writing, resource_ids: Sequence[UUID], from_: datetime, to: datetime
) -> tuple[Happened, ...]:
    """Expires the holds that have run out and still sit in the way; their events.

    Overdue is what the database's clock says now; one that was confirmed or extended while its row
    was waited for is left alone.
    """
    events = []
    for booking_id, deadline in await overdue_holds(work, resource_ids, from_, to):
        row = await find_booking(work, booking_id, lock=True)
        if row is None or row.status != Status.HELD or row.hold_expires_at != deadline:
            continue
        _, event = await saved(
            work, row, replace(row, status=Status.EXPIRED.value), HOLD_EXPIRED, CLOCK
        )
        events.append(replace(event, actor=NOBODY))
    return tuple(events)


def _history(  # one row's columns
    row: BookingRow,
    event_type: str,
    actor: str,
    changes: dict[str, dict[str, object]],
    overridden: tuple[str, ...],
    reason: str | None = None,
) -> HistoryRow:
    return HistoryRow(
        tenant_id=row.tenant_id,
        booking_id=row.booking_id,
        version=row.version,
        type=event_type,
        at=row.updated_at,
        actor=actor,
        changes=changes,
        overridden=list(overridden),
        reason=reason,
    )
