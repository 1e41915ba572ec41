"""Bookings as calendar feeds show them: when, and nothing about whom."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.feeds import BookingFeed
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from domain.reservation.booking import Status
from handlers.delivery.fitting import fitting
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.reservation.knowledge import Knowledge, resource_of
from storage.delivery.transaction import Reading, reading
from storage.reservation.bookings import BookingFilter, BookingRow, list_bookings

# What lies behind is of little use, and would leave less room for what is ahead.
BACK, AHEAD = timedelta(days=14), timedelta(days=400)
SHOWN = tuple(status.value for status in Status if status is not Status.EXPIRED)
NO_FEED = refused("not_found", "There is no such calendar.")


class Feed:
    """Handles `booking.feed`. It is read beforehand: names are asked of the resource context."""

    def __init__(self, knowledge: Knowledge, engine: AsyncEngine, secret: str) -> None:
        self._knowledge = knowledge
        self._engine = engine
        self._cursors = Cursors.of(secret, "feeds")

    async def prepare(self, asked: Asked[BookingFeed]) -> Done | Refused:
        """A page; 404 in a tenant that is suspended or gone."""
        query, tenant_id = asked.message, asked.tenant_id
        (settings,) = await self._knowledge.recall(tenant_id, [("settings", tenant_id)])
        if settings is None or await self._knowledge.is_suspended(tenant_id):
            return NO_FEED
        try:
            after = self._cursors.read_moment(tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        async with reading(self._engine, tenant_id) as read:
            wanted = BookingFilter(
                resource_id=query.resource_id,
                user_id=query.user_id,
                status=SHOWN,
                since=read.now - BACK,
                until=read.now + AHEAD,
            )
            rows = await list_bookings(read, wanted, query.limit + 1, after)
        names = {} if query.user_id is None else await self._names(asked, rows)

        def entry(row: BookingRow) -> dict[str, Any]:
            return _entry(row, names.get(row.resource_id))

        count = fitting(rows, query.limit, entry)
        page = self._cursors.page(tenant_id, rows, count, entry, _place)
        return Done(200, {**page, "locale": orjson.loads(settings).get("locale")})

    async def answer(self, _read: Reading, asked: Asked[BookingFeed]) -> Done | Refused:
        found: Done | Refused = asked.prepared
        return found

    async def _names(self, asked: Asked[BookingFeed], rows: list[BookingRow]) -> dict[UUID, str]:
        """Names of resources; those that are gone have none."""
        ids = list(dict.fromkeys(row.resource_id for row in rows))
        bodies = await self._knowledge.recall(
            asked.tenant_id, [("resource", one) for one in ids], asked.envelope.traceparent
        )
        found = zip(ids, bodies, strict=True)
        return {one: resource_of(body).document["name"] for one, body in found if body is not None}


def _entry(row: BookingRow, resource: str | None) -> dict[str, Any]:
    """A FeedEntry."""
    return {
        "id": str(row.booking_id),
        "starts_at": rfc3339(row.starts_at),
        "ends_at": rfc3339(row.ends_at),
        "status": row.status,
        "resource": resource,
        "version": row.version,
        "updated_at": rfc3339(row.updated_at),
    }


def _place(row: BookingRow) -> list[str]:
    return [rfc3339(row.starts_at), str(row.booking_id)]
