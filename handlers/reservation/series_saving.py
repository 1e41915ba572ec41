"""Saving many bookings of a series at once: still one version, history row and event for each."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.reservation.lifecycle import CREATED
from handlers.delivery.work import Happened
from handlers.reservation.free_text import closed_all
from handlers.reservation.views import booking_event, changes_between
from storage.delivery.transaction import Writing
from storage.reservation.bookings import ACTIVE, BookingRow, HistoryRow
from storage.reservation.series import add_bookings, leave_many_places, save_bookings

Pair = tuple[BookingRow, BookingRow]


async def added_all(work: Writing, rows: Sequence[BookingRow]) -> tuple[Happened, ...]:
    """The bookings are stored as version 1; their events."""
    if not rows:
        return ()
    changes = [changes_between(None, row) for row in rows]
    history = [
        _history(row, CREATED, row.created_by, change, None)
        for row, change in zip(rows, changes, strict=True)
    ]
    await add_bookings(work, rows, await closed_all(work, rows, history))
    return tuple(
        booking_event(CREATED, row, change) for row, change in zip(rows, changes, strict=True)
    )


async def saved_all(
    work: Writing, pairs: Sequence[Pair], event_type: str, actor: str, reason: str | None = None
) -> tuple[Happened, ...]:
    """Each changed booking (before, after) is stored as its next version; what is no longer active
    takes no place; their events."""
    if not pairs:
        return ()
    rows = [
        replace(after, version=before.version + 1, updated_at=work.now) for before, after in pairs
    ]
    changes = [changes_between(before, row) for (before, _), row in zip(pairs, rows, strict=True)]
    history = [
        _history(row, event_type, actor, change, reason)
        for row, change in zip(rows, changes, strict=True)
    ]
    await save_bookings(work, rows, await closed_all(work, rows, history))
    ended = [row.booking_id for row in rows if row.status not in ACTIVE]
    if ended:
        await leave_many_places(work, ended)
    return tuple(
        booking_event(event_type, row, change) for row, change in zip(rows, changes, strict=True)
    )


def _history(
    row: BookingRow, event_type: str, actor: str, changes: dict[str, Any], reason: str | None
) -> HistoryRow:
    return HistoryRow(
        tenant_id=row.tenant_id,
        booking_id=row.booking_id,
        version=row.version,
        type=event_type,
        at=row.updated_at,
        actor=actor,
        changes=changes,
        overridden=[],
        reason=reason,
    )
