"""Series between their shapes, who may see them, and which of their bookings a change is about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.reservation.series import SeriesCancel, SeriesGet, SeriesUpdate
from contracts.wire.envelope import Actor
from contracts.wire.problems import Problem
from contracts.wire.strict import rfc3339
from domain.reservation import acceptance
from domain.reservation.booking import is_active
from domain.reservation.rules import BOOKING_CONFLICT
from domain.time.instant import exact_epoch
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.reservation.views import booking_of, booking_view
from storage.delivery.transaction import Reading, Writing
from storage.reservation.bookings import BookingRow
from storage.reservation.series import (
    SeriesRow,
    SkippedRow,
    bookings_of_series,
    find_series,
    skipped_of,
)

NO_SERIES = refused("not_found", "There is no such series.")
NO_BOOKING = refused("not_found", "The series has no such booking.")
# A start, and each thing that speaks against it: field, code, message.
Faults = tuple[datetime, Sequence[tuple[str, str, str]]]


async def get_series(read: Reading, asked: Asked[SeriesGet]) -> Done | Refused:
    row = await find_series(read, asked.message.series_id)
    if row is None or not may_see_series(asked.actor, row):
        return NO_SERIES
    return Done(200, await series_as_stored(read, row, asked.actor))


def may_see_series(actor: Actor, row: SeriesRow) -> bool:
    """Staff see every series of their tenant, a customer their own."""
    return actor.may("booking:read:any") or actor.is_user(row.user_id)


async def held_series(
    work: Writing, series_id: UUID, actor: Actor, expected_version: int | None
) -> SeriesRow | Refused:
    """The series under lock, at the version that the caller expects."""
    row = await find_series(work, series_id, lock=True)
    if row is None or not may_see_series(actor, row):
        return NO_SERIES
    if expected_version not in (None, row.version):
        return refused("stale_version", f"The version is {row.version}.")
    return row


async def series_as_stored(read: Reading, row: SeriesRow, actor: Actor) -> dict[str, Any]:
    """A SeriesView of what the database has."""
    bookings = await bookings_of_series(read, row.series_id)
    return series_view(row, bookings, await skipped_of(read, row.series_id), actor, read.now)


def series_view(
    row: SeriesRow,
    bookings: Sequence[BookingRow],
    skipped: Sequence[SkippedRow],
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """A SeriesView."""
    return {
        "id": str(row.series_id),
        "rrule": row.rrule,
        "bookings": [booking_view(booking, actor, now) for booking in bookings],
        "skipped": [
            {
                "starts_at": rfc3339(one.starts_at),
                "ends_at": rfc3339(one.ends_at),
                "code": one.code,
            }
            for one in skipped
        ],
        "version": row.version,
    }


def addressed(
    rows: Sequence[BookingRow], command: SeriesUpdate | SeriesCancel, now: datetime
) -> tuple[list[BookingRow], datetime | None] | Refused:
    """The bookings that a change is about, and the start from which on it holds, if it has one.

    `this` is the named booking whatever its state; the others are those that have not begun and
    are active. Where there is none the last one stands for them, to say why.
    """
    named = next((row for row in rows if row.booking_id == command.booking_id), None)
    if named is None and command.booking_id is not None:
        return NO_BOOKING
    if named is not None and command.scope == "this":
        return [named], None
    since = named.starts_at if named is not None and command.scope == "following" else None
    within = [row for row in rows if since is None or row.starts_at >= since]
    upcoming = [
        row for row in within if row.starts_at > now and is_active(booking_of(row), exact_epoch(now))
    ]
    return upcoming or within[-1:], since


def refused_occurrences(code: str, faults: Sequence[Faults], **extra: Any) -> Refused:
    """A refusal that lists each fault with the start of the occurrence that it is about."""
    errors = [
        {"field": field, "code": kind, "message": message, "occurrence": rfc3339(start)}
        for start, found in faults
        for field, kind, message in found
    ]
    detail = errors[0]["message"] if errors else ""
    return Refused(Problem(code=code, detail=detail, extra={**extra, "errors": errors}))


def code_of(found: Sequence[acceptance.Refused]) -> str:
    """The first broken rule's code; a conflict's only where no rule is broken."""
    return next((one.code for one in found if one.code != BOOKING_CONFLICT), BOOKING_CONFLICT)


def faults_of(start: datetime, found: acceptance.Refused) -> Faults:
    return start, [(one.field, one.code, one.message) for one in found.violations]
