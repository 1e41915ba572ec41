"""Answering questions about bookings and free time."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.reservation.queries import AvailabilityGet, BookingGet, BookingHistory, BookingList
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from domain.reservation.availability import MAX_DAYS, Day, availability, busy_range
from domain.reservation.opening import zone_of
from domain.time.instant import exact_epoch
from domain.time.zone import in_zone, load_zone
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
)
from handlers.reservation.own import may_see, visible
from handlers.reservation.placing import NO_RESOURCE
from handlers.reservation.views import booking_view, history_view, terms_of
from handlers.reservation.wishes import busy_between
from storage.delivery.transaction import Reading
from storage.reservation.bookings import (
    BookingFilter,
    BookingRow,
    find_booking,
    history_of,
    list_bookings,
)


async def get_booking(read: Reading, asked: Asked[BookingGet]) -> Done | Refused:
    row = await visible(read, asked.message.booking_id, asked.actor)
    return row if isinstance(row, Refused) else Done(200, booking_view(row, asked.actor, read.now))


async def get_history(read: Reading, asked: Asked[BookingHistory]) -> Done | Refused:
    row = await visible(read, asked.message.booking_id, asked.actor)
    if isinstance(row, Refused):
        return row
    entries = await history_of(read, row.booking_id)
    return Done(200, {"items": [history_view(entry) for entry in entries], "next_cursor": None})


class BookingLists:
    """Lists of bookings, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "bookings")

    async def list(self, read: Reading, asked: Asked[BookingList]) -> Done | Refused:
        """By start. A customer's list is of their own bookings, whatever they ask."""
        query, actor = asked.message, asked.actor
        user_id = query.user_id
        if not actor.may("booking:read:any"):
            own = UUID(actor.id) if actor.kind == "user" and actor.id else None
            if own is None or user_id not in (None, own):
                return Done(200, {"items": [], "next_cursor": None})
            user_id = own
        try:
            after = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = BookingFilter(
            resource_id=query.resource_id,
            user_id=user_id,
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

        return Done(200, self._cursors.page(read.tenant_id, rows, query.limit, view, _place))


class Availabilities:
    """Handles `availability.get`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def prepare(
        self, asked: Asked[AvailabilityGet]
    ) -> tuple[KnownSettings, KnownResource] | Refused:
        """The rules and the resource, before a connection is taken."""
        query = asked.message
        wanted = [("settings", asked.tenant_id), ("resource", query.resource_id)]
        settings, resource = await self._knowledge.recall(
            asked.tenant_id, wanted, asked.envelope.traceparent
        )
        if settings is None or resource is None:
            return NO_RESOURCE
        return settings_of(settings), resource_of(resource)

    async def answer(self, read: Reading, asked: Asked[AvailabilityGet]) -> Done | Refused:
        """What a booking request at this instant, of this state, would get."""
        query, prepared = asked.message, asked.prepared
        if isinstance(prepared, Refused):
            return prepared
        known, resource = prepared
        first, last = _range(query)
        if (last - first).days >= MAX_DAYS:
            return refused("range_too_long", f"At most {MAX_DAYS} days are answered at once.")
        duration = None if query.duration_minutes is None else query.duration_minutes * 60
        moved = None
        if query.exclude_booking_id is not None:
            moved = await find_booking(read, query.exclude_booking_id)
            if moved is not None and not may_see(asked.actor, moved):
                moved = None
        terms = None
        if moved is not None and moved.resource_id == query.resource_id:
            terms = terms_of(moved)
        span = busy_range(known.rules, resource.resource, first, last, duration, terms=terms)
        days = availability(
            known.rules,
            resource.resource,
            first,
            last,
            duration,
            exact_epoch(read.now),
            await busy_between(read, query.resource_id, span.start, span.end),
            query.quantity,
            None if moved is None else str(moved.booking_id),
            terms=terms,
        )
        zone = (
            load_zone(query.timezone) if query.timezone else zone_of(known.rules, resource.resource)
        )
        return Done(200, _shown(query, known, days, zone))


def _range(query: AvailabilityGet) -> tuple[date, date]:
    if query.date is not None:
        return query.date, query.date
    if query.first is None or query.last is None:
        raise ValueError("the contract asks for a date or a range")
    return query.first, query.last


def _shown(
    query: AvailabilityGet, known: KnownSettings, days: tuple[Day, ...], zone: ZoneInfo
) -> dict[str, Any]:
    return {
        "resource_id": str(query.resource_id),
        "timezone": zone.key,
        "slot_interval_minutes": known.rules.slot_interval_minutes,
        "days": [
            {
                "date": day.on.isoformat(),
                "slots": [
                    {
                        "start": _written(slot.start, zone),
                        "end": _written(slot.end, zone),
                        "available": slot.available,
                        "remaining": slot.remaining,
                        "reason": slot.reason,
                    }
                    for slot in day.slots
                ],
            }
            for day in days
        ],
    }


def _written(second: int, zone: ZoneInfo) -> str:
    """In the zone asked for, with its offset; UTC is written as everywhere else."""
    return (
        in_zone(second, zone).isoformat().replace("+00:00", "Z" if zone.key == "UTC" else "+00:00")
    )


def _place(row: BookingRow) -> list[str]:
    moment: datetime = row.starts_at
    return [rfc3339(moment), str(row.booking_id)]
