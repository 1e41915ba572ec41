"""Offering what has become free to those who wait for it, and what becomes of an offer.

An offer is a hold, made as every booking is. It lapses as every hold does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.commands import BookingCreate
from contracts.reservation.waitlist import WaitlistExpire, WaitlistOffer, WaitlistSettle
from contracts.wire.envelope import Actor
from contracts.wire.identity import object_id_for_command
from domain.reservation.booking import Status
from domain.reservation.waitlist import Wanted, fitting, looked_at, outcome
from domain.time.instant import ceil_epoch, exact_epoch, floor_epoch, utc_of
from domain.time.interval import Interval
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused, Send, refused
from handlers.reservation import creating
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
    user_is_active,
)
from handlers.reservation.placing import locked
from handlers.reservation.waitlist_views import moved, offered_place
from handlers.reservation.wishes import busy_between
from storage.delivery.transaction import Reading, Writing, reading
from storage.reservation.bookings import find_booking
from storage.reservation.waitlist import EntryRow, Freed, find_entry, line_for

# So many of the line are looked at in one transaction; the rest in the next ones.
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Known:
    """The rules, what has become free, and of those who come next which could be offered it."""

    settings: KnownSettings
    resources: tuple[KnownResource, ...]
    freed: Freed
    people: frozenset[UUID]
    passed_over: frozenset[UUID]


class Offering:
    """Handles `waitlist.offer`."""

    def __init__(self, knowledge: Knowledge, engine: AsyncEngine) -> None:
        self._knowledge = knowledge
        self._engine = engine

    async def prepare(self, asked: Asked[WaitlistOffer]) -> Known | None:
        """What is known of the resources and of who comes next; None where nothing is."""
        command, tenant_id = asked.message, asked.tenant_id
        traceparent = asked.envelope.traceparent
        wanted = [("settings", tenant_id), *(("resource", one) for one in command.resource_ids)]
        settings, *bodies = await self._knowledge.recall(tenant_id, wanted, traceparent)
        resources = tuple(resource_of(body) for body in bodies if body is not None)
        if settings is None or not resources:
            return None
        freed = Freed(
            [one.id for one in resources],
            [UUID(one.document["category_id"]) for one in resources if one.document["category_id"]],
            command.freed_from,
            command.freed_to,
        )
        async with reading(self._engine, tenant_id) as read:
            line = await line_for(read, freed, AT_ONCE, command.after_id)
        users = list(dict.fromkeys(entry.user_id for entry in line))
        facts = await self._knowledge.recall(
            tenant_id, [("user", user_id) for user_id in users], traceparent
        )
        people = frozenset(
            user_id
            for user_id, body in zip(users, facts, strict=True)
            if body is not None and user_is_active(body)
        )
        passed_over = frozenset(users) - people
        return Known(settings_of(settings), resources, freed, people, passed_over)

    async def offer(self, work: Writing, asked: Asked[WaitlistOffer]) -> Outcome:
        """Afterwards whoever comes first and fits has a hold, until nothing fits any more."""
        command, known = asked.message, asked.prepared
        if known is None:
            return Done(200, {})
        # All locks come first: of the resources, and of those whose quota may be asked about.
        await locked(work, [*known.freed.resource_ids, *sorted(known.people)])
        line = await line_for(work, known.freed, AT_ONCE, command.after_id, lock=True)
        events: list[Happened] = []
        looked_at_last, more = command.after_id, len(line) == AT_ONCE
        for entry in line:
            if entry.user_id in known.people:
                events += await _offered(work, asked, known, entry)
            elif entry.user_id not in known.passed_over:
                # The line has moved up since it was looked at: go on from here.
                more = True
                break
            looked_at_last = entry.entry_id
        following = command.model_copy(update={"after_id": looked_at_last})
        sends = (Send(following, work.tenant_id),) if more else ()
        return Done(200, {}, events=tuple(events), sends=sends)


async def settle(work: Writing, asked: Asked[WaitlistSettle]) -> Outcome:
    """Afterwards the entry says what became of its offer."""
    command = asked.message
    entry = await find_entry(work, command.entry_id, lock=True)
    booking = await find_booking(work, command.booking_id)
    if entry is None or booking is None:
        return refused("not_found", "There is no such entry, or no such booking.")
    if entry.status != "offered" or entry.offered_booking_id != command.booking_id:
        return Done(200, {})
    # By what the hold became then: what became of the booking since is another matter.
    found = outcome(Status(command.status))
    if found is not None:
        _, event = await moved(work, entry, found, f"waitlist.{found}")
    elif booking.hold_expires_at not in (None, entry.offer_expires_at):
        _, event = await moved(
            work,
            entry,
            "offered",
            "waitlist.extended",
            offer_expires_at=booking.hold_expires_at,
            offer=offered_place(booking),
        )
    else:
        return Done(200, {})
    return Done(200, {}, events=(event,))


async def expire_entry(work: Writing, asked: Asked[WaitlistExpire]) -> Outcome:
    """Afterwards nobody waits for a start that has passed."""
    entry = await find_entry(work, asked.message.entry_id, lock=True)
    if entry is None:
        return refused("not_found", "There is no such entry.")
    last_start = entry.until - timedelta(minutes=entry.duration_minutes)
    if entry.status != "waiting" or work.now <= last_start:
        return Done(200, {})
    _, event = await moved(work, entry, "expired", "waitlist.expired")
    return Done(200, {}, events=(event,))


async def _offered(
    work: Writing, asked: Asked[WaitlistOffer], known: Known, entry: EntryRow
) -> list[Happened]:
    """A hold for whoever waits there, if anything of what has become free is to be had."""
    events: list[Happened] = []
    for resource in _wanted_of(entry, known.resources):
        place = await _place(work, known, resource, entry)
        if place is None:
            continue
        made = await creating.created(work, _creation(work, asked, known, resource, entry, place))
        if isinstance(made, Refused):
            events += made.events
            continue
        booking, happened = made
        _, offered = await moved(
            work,
            entry,
            "offered",
            "waitlist.offered",
            offered_booking_id=booking.booking_id,
            offer_expires_at=booking.hold_expires_at,
            offer=offered_place(booking),
        )
        return [*events, *happened, offered]
    return events


def _wanted_of(entry: EntryRow, resources: Sequence[KnownResource]) -> list[KnownResource]:
    if entry.resource_id is not None:
        return [one for one in resources if one.id == entry.resource_id]
    return [one for one in resources if one.document["category_id"] == str(entry.category_id)]


async def _place(
    read: Reading, known: Known, resource: KnownResource, entry: EntryRow
) -> Interval | None:
    rules = known.settings.rules
    freed = Interval(floor_epoch(known.freed.since), ceil_epoch(known.freed.until))
    wanted = Wanted(
        Interval(ceil_epoch(entry.since), floor_epoch(entry.until)),
        entry.duration_minutes * 60,
        entry.quantity,
    )
    span = looked_at(rules, resource.resource, wanted, freed)
    busy = await busy_between(read, resource.id, span.start, span.end)
    return fitting(rules, resource.resource, wanted, freed, exact_epoch(read.now), busy=busy)


def _creation(
    work: Writing,
    asked: Asked[WaitlistOffer],
    known: Known,
    resource: KnownResource,
    entry: EntryRow,
    place: Interval,
) -> creating.Creation:
    command = BookingCreate(
        resource_id=resource.id,
        user_id=entry.user_id,
        starts_at=utc_of(place.start),
        ends_at=utc_of(place.end),
        quantity=entry.quantity,
        status="held",
    )
    return creating.Creation(
        # Whoever waited is the hold's maker: they may give it back.
        actor=Actor("user", str(entry.user_id)),
        command=command,
        known=creating.Known(known.settings, (resource,), (), entry.user_id),
        booking_id=object_id_for_command(asked.envelope.id, str(entry.entry_id)),
        now=work.now,
        alone=False,
    )
