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
from storage.reservation.bookings import BookingFilter, BookingRow, list_bookings
from storage.reservation.people import histories_of, series_of
from storage.reservation.series import SeriesRow
from storage.reservation.waitlist import EntryFilter, EntryRow, list_entries

T = TypeVar("T", BookingRow, SeriesRow, EntryRow)
# Several such pages go into one reply of the user context.
PAGE_BYTES = 400_000


class PersonExport:
    """Answers `booking.export_person`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def answer(self, read: Reading, asked: Asked[BookingExportPerson]) -> Done | Refused:
        """`{items, next_cursor}` of the kind that is asked for."""
        query = asked.message
        cursors = Cursors.of(self._secret, f"export/{query.kind}/{query.user_id}")
        try:
            after = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        kinds = {"bookings": self._bookings, "series": self._series, "waitlist": self._waitlist}
        return Done(200, await kinds[query.kind](read, asked, cursors, after))

    async def _bookings(
        self,
        read: Reading,
        asked: Asked[BookingExportPerson],
        cursors: Cursors,
        after: tuple[datetime, UUID] | None,
    ) -> dict[str, Any]:
        user_id, limit = asked.message.user_id, asked.message.limit
        wanted = BookingFilter(user_id=user_id)
        rows = await list_bookings(read, wanted, limit + 1, after)
        histories = await histories_of(read, [row.booking_id for row in rows])
        for booking_id, entries in histories.items():
            histories[booking_id] = await opened(read, user_id, entries)

        def view(row: BookingRow) -> dict[str, Any]:
            history = [history_view(entry) for entry in histories[row.booking_id]]
            return {**booking_stored(row), "history": history}

        return _page(read, cursors, rows, limit, view, lambda row: (row.starts_at, row.booking_id))

    async def _series(
        self,
        read: Reading,
        asked: Asked[BookingExportPerson],
        cursors: Cursors,
        after: tuple[datetime, UUID] | None,
    ) -> dict[str, Any]:
        limit = asked.message.limit
        rows = await series_of(read, asked.message.user_id, limit + 1, after)
        return _page(
            read, cursors, rows, limit, _series_view, lambda row: (row.created_at, row.series_id)
        )

    async def _waitlist(
        self,
        read: Reading,
        asked: Asked[BookingExportPerson],
        cursors: Cursors,
        after: tuple[datetime, UUID] | None,
    ) -> dict[str, Any]:
        limit = asked.message.limit
        wanted = EntryFilter(user_id=asked.message.user_id)
        rows = await list_entries(read, wanted, limit + 1, after)
        return _page(
            read, cursors, rows, limit, entry_view, lambda row: (row.created_at, row.entry_id)
        )


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
