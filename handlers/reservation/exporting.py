"""Giving out what is held about a person, a page of one kind at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from contracts.reservation.personal_data import BookingExportPerson
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.fitting import fitting
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.reservation.free_text import opened
from handlers.reservation.views import booking_stored, history_view
from handlers.reservation.waitlist_views import entry_view
from storage.delivery.transaction import Reading
from storage.reservation.bookings import (
    BookingFilter,
    BookingRow,
    HistoryRow,
    list_bookings,
)
from storage.reservation.people import histories_of, series_of
from storage.reservation.series import SeriesRow
from storage.reservation.waitlist import EntryFilter, EntryRow, list_entries

T = TypeVar("T", BookingRow, SeriesRow, EntryRow)
# Several such pages go into one reply of the user context.
PAGE_BYTES = 400_000


Place = tuple[datetime, UUID] | None


class PersonExport:
    """Answers `booking.export_person`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def answer(self, read: Reading, asked: Asked[BookingExportPerson]) -> Done | Refused:
        """`{items, next_cursor}` of the kind that is asked for."""
        query = asked.message
        cursors = Cursors.of(self._secret, f"export/{query.kind}/{query.user_id}")
        try:
            if query.kind == "history":
                after = _change(cursors.read(read.tenant_id, query.cursor))
                return Done(200, await _history(read, query, cursors, after))
            place = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        return Done(200, await _KINDS[query.kind](read, query, cursors, place))


async def _bookings(
    read: Reading, query: BookingExportPerson, cursors: Cursors, after: Place
) -> dict[str, Any]:
    wanted = BookingFilter(user_id=query.user_id)
    rows = await list_bookings(read, wanted, query.limit + 1, after)
    return _page(
        read,
        cursors,
        rows,
        query.limit,
        booking_stored,
        lambda row: (row.starts_at, row.booking_id),
    )


async def _series(
    read: Reading, query: BookingExportPerson, cursors: Cursors, after: Place
) -> dict[str, Any]:
    rows = await series_of(read, query.user_id, query.limit + 1, after)
    return _page(
        read, cursors, rows, query.limit, _series_view, lambda row: (row.created_at, row.series_id)
    )


async def _waitlist(
    read: Reading, query: BookingExportPerson, cursors: Cursors, after: Place
) -> dict[str, Any]:
    wanted = EntryFilter(user_id=query.user_id)
    rows = await list_entries(read, wanted, query.limit + 1, after)
    return _page(
        read, cursors, rows, query.limit, entry_view, lambda row: (row.created_at, row.entry_id)
    )


_KINDS = {"bookings": _bookings, "series": _series, "waitlist": _waitlist}


async def _history(
    read: Reading, query: BookingExportPerson, cursors: Cursors, after: tuple[UUID, int] | None
) -> dict[str, Any]:
    """A booking that changed often has more to say than one answer holds, so each change counts."""
    found = await histories_of(read, query.user_id, query.limit + 1, after)
    rows = await opened(read, query.user_id, found)

    def view(row: HistoryRow) -> dict[str, Any]:
        return {"booking_id": str(row.booking_id), **history_view(row)}

    def last(row: HistoryRow) -> list[str]:
        return [str(row.booking_id), str(row.version)]

    count = fitting(rows, query.limit, view, PAGE_BYTES)
    return cursors.page(read.tenant_id, rows, count, view, last)


def _change(last: list[str] | None) -> tuple[UUID, int] | None:
    return None if last is None else (UUID(last[0]), int(last[1]))


def _page(
    read: Reading,
    cursors: Cursors,
    rows: Sequence[T],
    limit: int,
    view: Callable[[T], dict[str, Any]],
    place: Callable[[T], tuple[datetime, UUID]],
) -> dict[str, Any]:
    def last(row: T) -> list[str]:
        moment, identity = place(row)
        return [rfc3339(moment), str(identity)]

    count = fitting(rows, limit, view, PAGE_BYTES)
    return cursors.page(read.tenant_id, rows, count, view, last)


def _series_view(row: SeriesRow) -> dict[str, Any]:
    """What is stored of a series itself; its bookings stand among the bookings."""
    return {
        "id": str(row.series_id),
        "resource_id": str(row.resource_id),
        "rrule": row.rrule,
        "starts_at": rfc3339(row.starts_at),
        "ends_at": rfc3339(row.ends_at),
        "timezone": row.timezone,
        "quantity": row.quantity,
        "notes": row.notes,
        "attributes": row.attributes,
        "created_by": row.created_by,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "version": row.version,
    }
