"""Answering questions about bookings."""

from datetime import datetime
from typing import Any

from contracts.reservation.queries import BookingGet, BookingHistory, BookingList
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.fitting import fitting
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.reservation.free_text import opened
from handlers.reservation.own import people_shown, visible
from handlers.reservation.views import booking_view, history_view
from storage.delivery.transaction import Reading
from storage.reservation.bookings import (
    BookingFilter,
    BookingRow,
    HistoryRow,
    history_of,
    list_bookings,
)


async def get_booking(read: Reading, asked: Asked[BookingGet]) -> Done | Refused:
    row = await visible(read, asked.message.booking_id, asked.actor)
    return row if isinstance(row, Refused) else Done(200, booking_view(row, asked.actor, read.now))


class BookingHistories:
    """Histories, each with cursors of its own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def list(self, read: Reading, asked: Asked[BookingHistory]) -> Done | Refused:
        """Oldest first, as many as fit."""
        query = asked.message
        row = await visible(read, query.booking_id, asked.actor)
        if isinstance(row, Refused):
            return row
        cursors = Cursors.of(self._secret, f"history/{query.booking_id}")
        try:
            last = cursors.read(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        after = 0 if last is None else int(last[0])
        found = await history_of(read, row.booking_id, query.limit + 1, after)
        entries = await opened(read, row.user_id, found)
        count = fitting(entries, query.limit, history_view)
        return Done(200, cursors.page(read.tenant_id, entries, count, history_view, _version))


class BookingLists:
    """Lists of bookings, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "bookings")

    async def list(self, read: Reading, asked: Asked[BookingList]) -> Done | Refused:
        """By start. A customer's list is of their own bookings, whatever they ask."""
        query, actor = asked.message, asked.actor
        whose = people_shown(actor, query.user_id)
        if whose is None:
            return Done(200, {"items": [], "next_cursor": None})
        try:
            after = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = BookingFilter(
            resource_id=query.resource_id,
            user_id=whose.user_id,
            category_id=query.category_id,
            series_id=query.series_id,
            status=query.status,
            since=query.since,
            until=query.until,
            text=query.q,
        )
        rows = await list_bookings(read, wanted, query.limit + 1, after)

        def view(row: BookingRow) -> dict[str, Any]:
            return booking_view(row, actor, read.now)

        count = fitting(rows, query.limit, view)
        return Done(200, self._cursors.page(read.tenant_id, rows, count, view, _place))


def _version(entry: HistoryRow) -> list[str]:
    return [str(entry.version)]


def _place(row: BookingRow) -> list[str]:
    moment: datetime = row.starts_at
    return [rfc3339(moment), str(row.booking_id)]
