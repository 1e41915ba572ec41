"""Series between their shapes, who may see them, and which of their bookings a change is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.reservation.series import SeriesCancel, SeriesGet, SeriesUpdate
from contracts.wire.envelope import Actor
from contracts.wire.problems import FieldError, Problem
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
_SENTENCES = {
    "cancellation_window_passed": "The booking could be cancelled until earlier than now.",
    "reschedule_window_passed": "The booking could be moved until earlier than now.",
    "forbidden": "This booking is not yours to change.",
    "invalid_transition": "The booking is not active.",
}
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


@dataclass(frozen=True, slots=True)
class Addressed:
    """The bookings that a change is about, by start; the `anchor` is the one that it names, or the
    first; `since` is the start from which on it holds, if it has one."""

    bookings: list[BookingRow]
    anchor: BookingRow | None
    since: datetime | None
    stands_in: bool = False


def addressed(
    rows: Sequence[BookingRow], command: SeriesUpdate | SeriesCancel, now: datetime
) -> Addressed | Refused:
    """`this` is the named booking whatever its state; `following` and `all` are those that have not
    begun and are active. Where there is none, the last one stands for them, to say why."""
    named = next((row for row in rows if row.booking_id == command.booking_id), None)
    if named is None and command.booking_id is not None:
        return NO_BOOKING
    if named is not None and command.scope == "this":
        return Addressed([named], named, None)
    since = named.starts_at if named is not None and command.scope == "following" else None
    within = [row for row in rows if since is None or row.starts_at >= since]
    upcoming = [
        row
        for row in within
        if row.starts_at > now and is_active(booking_of(row), exact_epoch(now))
    ]
    bookings = upcoming or within[-1:]
    return Addressed(bookings, named or next(iter(bookings), None), since)


def refused_occurrences(code: str, faults: Sequence[Faults], **extra: Any) -> Refused:
    """A refusal that lists each fault with the start of the occurrence that it is about."""
    errors = tuple(
        FieldError.model_validate(
            {"field": field, "code": kind, "message": message, "occurrence": rfc3339(start)}
        )
        for start, found in faults
        for field, kind, message in found
    )
    detail = next((one.message for one in errors if one.code == code), "")
    return Refused(Problem(code=code, detail=detail, errors=errors, extra=extra))


def code_of(found: Sequence[acceptance.Refused]) -> str:
    """The first broken rule's code; a conflict's only where no rule is broken."""
    return next((one.code for one in found if one.code != BOOKING_CONFLICT), BOOKING_CONFLICT)


def faults_of(start: datetime, found: acceptance.Refused) -> Faults:
    return start, [(one.field, one.code, one.message) for one in found.violations]


def standing_in_the_way(
    found: Sequence[tuple[BookingRow, str | None]], wanted: str | None = None
) -> Refused | None:
    """One refusal for all bookings that the policy does not let go."""
    named = [
        (row, "invalid_transition" if code == "not_active" else code)
        for row, code in found
        if code is not None
    ]
    if not named:
        return None
    row, code = named[0]
    faults = [(one.starts_at, [("booking_id", kind, _SENTENCES[kind])]) for one, kind in named]
    extra = {}
    if code == "invalid_transition":
        extra = {"current_status": row.status, "requested_status": wanted or row.status}
    return refused_occurrences(code, faults, **extra)
