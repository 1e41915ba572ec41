"""Free time: of one resource, and across the resources of a tenant."""

import asyncio
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.reservation.queries import AvailabilityGet, AvailabilitySearch
from contracts.wire.cursor import InvalidCursor
from domain.reservation.availability import MAX_DAYS, Day, availability, busy_range
from domain.reservation.booking import Terms
from domain.reservation.capacity import Busy
from domain.reservation.opening import zone_of
from domain.time.instant import exact_epoch, utc_of
from domain.time.interval import Interval
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
from handlers.reservation.own import may_see
from handlers.reservation.placing import NO_RESOURCE
from handlers.reservation.views import terms_of
from handlers.reservation.wishes import busy_between, busy_of, by_resource
from storage.delivery.transaction import Reading
from storage.reservation.bookings import BookingRow, find_booking
from storage.reservation.places import busy_places

Dates = AvailabilityGet | AvailabilitySearch
# Across resources, closed hours included: what one answer can carry.
MAX_SLOTS = 120_000
TOO_MUCH = refused("range_too_long", "Ask for fewer days, or for fewer resources (limit).")
TOO_LONG = refused("range_too_long", f"At most {MAX_DAYS} days are answered at once.")


class FreeTime:
    """Handles `availability.get` and `availability.search`: what a booking request at this
    instant, of this state, would get."""

    def __init__(self, knowledge: Knowledge, secret: str) -> None:
        self._knowledge = knowledge
        self._cursors = Cursors.of(secret, "availability")

    async def prepare(
        self, asked: Asked[AvailabilityGet]
    ) -> tuple[KnownSettings, KnownResource] | Refused:
        """The rules and the resource, before a connection is taken."""
        wanted = [("settings", asked.tenant_id), ("resource", asked.message.resource_id)]
        settings, resource = await self._knowledge.recall(
            asked.tenant_id, wanted, asked.envelope.traceparent
        )
        if settings is None or resource is None:
            return NO_RESOURCE
        known = resource_of(resource)
        if asked.actor.kind == "anonymous" and not known.document["active"]:
            # Strangers hear of what can be booked, and of nothing else.
            return NO_RESOURCE
        return settings_of(settings), known

    async def answer(self, read: Reading, asked: Asked[AvailabilityGet]) -> Done | Refused:
        """The slots of one resource."""
        query, prepared = asked.message, asked.prepared
        if isinstance(prepared, Refused):
            return prepared
        settings, known = prepared
        first, last = _range(query)
        if (last - first).days >= MAX_DAYS:
            return TOO_LONG
        moved = await self._moved(read, asked)
        same = moved is not None and moved.resource_id == query.resource_id
        terms = terms_of(moved) if moved is not None and same else None
        span = _span(settings, known, query, terms)
        busy = await busy_between(read, query.resource_id, span.start, span.end)
        excluded = None if moved is None else str(moved.booking_id)
        days = _days(settings, known, query, exact_epoch(read.now), busy, terms, excluded)
        return Done(200, _shown(settings, known, query, days))

    async def prepare_search(
        self, asked: Asked[AvailabilitySearch]
    ) -> tuple[KnownSettings, list[KnownResource]] | Refused:
        """The rules, and a page of the active resources that are asked about, and one more."""
        query, tenant_id = asked.message, asked.tenant_id
        traceparent = asked.envelope.traceparent
        wanted = [("settings", tenant_id)]
        if query.category_id is not None:
            wanted.append(("category", query.category_id))
        bodies = await self._knowledge.recall(tenant_id, wanted, traceparent)
        if bodies[0] is None or None in bodies:
            return refused("not_found", "There is no such category.")
        try:
            after = self._cursors.read_moment(tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        found = await self._knowledge.members(
            tenant_id, query.category_id, traceparent, query.attribute
        )
        listed = [one for one in found if after is None or _age(one) > after]
        return settings_of(bodies[0]), listed[: query.limit + 1]

    async def search(self, read: Reading, asked: Asked[AvailabilitySearch]) -> Done | Refused:
        """The slots of each resource; one query to the database however many they are."""
        query, prepared = asked.message, asked.prepared
        if isinstance(prepared, Refused):
            return prepared
        settings, found = prepared
        resources = found[: query.limit]
        first, last = _range(query)
        days = (last - first).days + 1
        if days > MAX_DAYS:
            return TOO_LONG
        starts_a_day = 1440 // settings.rules.slot_interval_minutes
        if len(resources) * days * starts_a_day > MAX_SLOTS:
            return TOO_MUCH
        spans = [_span(settings, known, query, None) for known in resources]
        rows = []
        if resources:
            rows = await busy_places(
                read,
                [known.id for known in resources],
                utc_of(min(span.start for span in spans)),
                utc_of(max(span.end for span in spans)),
            )
        busy, now = by_resource(rows), exact_epoch(read.now)
        slots: dict[UUID, dict[str, Any]] = {}
        for known in resources:
            shown = _days(settings, known, query, now, busy_of(busy[known.id]), None, None)
            slots[known.id] = _shown(settings, known, query, shown)
            # Many resources are many slots: others get their turn in between.
            await asyncio.sleep(0)

        def view(known: KnownResource) -> dict[str, Any]:
            return {"name": known.document["name"], **slots[known.id]}

        page = self._cursors.page(read.tenant_id, found, query.limit, view, _place)
        return Done(200, page)

    async def _moved(self, read: Reading, asked: Asked[AvailabilityGet]) -> BookingRow | None:
        """The booking that is left out, where the caller may see it."""
        if asked.message.exclude_booking_id is None:
            return None
        row = await find_booking(read, asked.message.exclude_booking_id)
        return row if row is not None and may_see(asked.actor, row) else None


def _age(known: KnownResource) -> tuple[datetime, UUID]:
    """What resources are listed by."""
    return datetime.fromisoformat(known.document["created_at"]), known.id


def _place(known: KnownResource) -> list[str]:
    return [known.document["created_at"], known.document["id"]]


def _range(query: Dates) -> tuple[date, date]:
    if query.date is not None:
        return query.date, query.date
    if query.first is None or query.last is None:
        raise ValueError("the contract asks for a date or a range")
    return query.first, query.last


def _seconds(query: Dates) -> int | None:
    return None if query.duration_minutes is None else query.duration_minutes * 60


def _span(
    settings: KnownSettings, known: KnownResource, query: Dates, terms: Terms | None
) -> Interval:
    first, last = _range(query)
    return busy_range(settings.rules, known.resource, first, last, _seconds(query), terms=terms)


def _days(  # each is a fact that the answer rests on
    settings: KnownSettings,
    known: KnownResource,
    query: Dates,
    now: float,
    busy: list[Busy],
    terms: Terms | None,
    excluded: str | None,
) -> tuple[Day, ...]:
    first, last = _range(query)
    return availability(
        settings.rules,
        known.resource,
        first,
        last,
        _seconds(query),
        now,
        busy,
        query.quantity,
        excluded,
        terms=terms,
    )


def _shown(
    settings: KnownSettings, known: KnownResource, query: Dates, days: tuple[Day, ...]
) -> dict[str, Any]:
    """An AvailabilityView."""
    zone = load_zone(query.timezone) if query.timezone else zone_of(settings.rules, known.resource)
    return {
        "resource_id": known.resource.id,
        "timezone": zone.key,
        "slot_interval_minutes": settings.rules.slot_interval_minutes,
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
