"""Moving and editing a booking: a move is decided like a creation, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.commands import BookingUpdate
from contracts.wire.envelope import Actor
from domain.reservation.acceptance import Request
from domain.reservation.booking import Terms, terms_for
from domain.reservation.cancellation import reschedule_standing
from domain.reservation.lifecycle import UPDATED, ran_out
from domain.tenant.settings import merge_patch
from domain.time.instant import exact_epoch
from handlers.delivery.attributes import too_large
from handlers.delivery.work import (
    Asked,
    Done,
    Happened,
    Outcome,
    Refused,
    Unavailable,
    refused,
    refused_fields,
)
from handlers.reservation.creating import FORBIDDEN_OVERRIDE, MAX_ATTRIBUTES
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
)
from handlers.reservation.own import NOT_FOUND, held_for_change, may_see
from handlers.reservation.placing import NO_RESOURCE, locked, placed
from handlers.reservation.saving import RAN_OUT, lapsed_too, saved
from handlers.reservation.views import booking_of, booking_view, caller_of, terms_of
from handlers.reservation.wishes import Part, Wish
from storage.delivery.transaction import Writing, reading
from storage.reservation.bookings import BookingRow, find_booking
from storage.reservation.places import leave_places, places_of

PLACE = frozenset({"starts_at", "ends_at", "resource_id", "quantity"})
FORBIDDEN = refused("forbidden", "This booking is not yours to change.")


@dataclass(frozen=True, slots=True)
class Known:
    """What a move rests on: the rules, the resources it goes to, and those it comes from."""

    settings: KnownSettings
    resources: tuple[KnownResource, ...]
    from_ids: tuple[UUID, ...]

    @property
    def target_ids(self) -> list[UUID]:
        return [UUID(one.resource.id) for one in self.resources]


class BookingChange:
    """Handles `booking.update`."""

    def __init__(self, knowledge: Knowledge, engine: AsyncEngine) -> None:
        self._knowledge = knowledge
        self._engine = engine

    async def prepare(self, asked: Asked[BookingUpdate]) -> Known | Refused | None:
        """The rules of the place that is wanted; None when no other place is."""
        command = asked.message
        emptied = [
            name for name in PLACE & command.model_fields_set if _value(command, name) is None
        ]
        if emptied:
            return refused_fields(
                "validation_failed",
                [(name, "invalid_value", "This cannot be empty.") for name in sorted(emptied)],
            )
        async with reading(self._engine, asked.tenant_id) as read:
            row = await find_booking(read, command.booking_id)
        if row is None or not may_see(asked.actor, row):
            return NOT_FOUND
        if not PLACE & command.model_fields_set:
            return None
        targets = dict.fromkeys((command.resource_id or row.resource_id, *row.resource_ids[1:]))
        wanted = [("settings", asked.tenant_id), *(("resource", one) for one in targets)]
        bodies = await self._knowledge.recall(asked.tenant_id, wanted, asked.envelope.traceparent)
        found = [body for body in bodies if body is not None]
        if len(found) < len(wanted):
            return NO_RESOURCE
        resources = tuple(resource_of(body) for body in found[1:])
        return Known(settings_of(found[0]), resources, tuple(row.resource_ids))

    async def decide(self, work: Writing, asked: Asked[BookingUpdate]) -> Outcome:
        """The old place is kept if the new one is not to be had; nothing happens if nothing
        changes. The quota is not asked: a booking that is moved is left out of its own count, so
        a move takes no more of it than before, and one lowered since forbids no move.
        """
        command, actor, known = asked.message, asked.actor, asked.prepared
        if isinstance(known, Refused):
            return known
        if known is not None:
            # Before the row, as every writer of places does it: locks come in one order.
            await locked(work, [*known.from_ids, *known.target_ids])
        row = await held_for_change(work, command.booking_id, actor, command.expected_version)
        if isinstance(row, Refused):
            return row
        forbidden = _forbidden(row, actor, command)
        if forbidden is not None:
            return forbidden
        wanted = _edited(row, command)
        unfit = too_large(wanted.attributes, MAX_ATTRIBUTES)
        if unfit is not None:
            return unfit
        events: tuple[Happened, ...] = ()
        overridden: tuple[str, ...] = ()
        if known is not None and _place(wanted) != _place(row):
            if tuple(row.resource_ids) != known.from_ids:
                raise Unavailable("the booking is being moved by somebody else")
            moved = await self._moved(work, row, wanted, known, asked)
            if isinstance(moved, Refused):
                return moved
            wanted, overridden, events = moved
        if wanted == row:
            return Done(200, booking_view(row, actor, work.now))
        after, event = await saved(work, row, wanted, UPDATED, actor.label, overridden=overridden)
        return Done(200, booking_view(after, actor, work.now), events=(*events, event))

    async def _moved(
        self,
        work: Writing,
        row: BookingRow,
        wanted: BookingRow,
        known: Known,
        asked: Asked[BookingUpdate],
    ) -> tuple[BookingRow, tuple[str, ...], tuple[Happened, ...]] | Refused:
        denied = await _denied(work, row, asked.actor)
        if denied is not None:
            return denied
        terms = await _terms(work, row, known)
        wish = _wish(row, wanted, known, terms, frozenset(asked.message.override_rules))
        place = await placed(work, wish)
        if isinstance(place, Refused):
            return place
        await leave_places(work, row.booking_id, but_for=known.target_ids)
        return _settled(wanted, known, wish.parts[0].terms), place.overridden, place.events


def _wish(
    row: BookingRow,
    wanted: BookingRow,
    known: Known,
    terms: Sequence[Terms],
    override: frozenset[str],
) -> Wish:
    request = Request.of(wanted.starts_at, wanted.ends_at, wanted.quantity)
    quantities = (wanted.quantity, *(1 for _ in known.resources[1:]))
    return Wish(
        settings=known.settings,
        parts=tuple(
            Part(one, one.id, kept, replace(request, quantity=quantity))
            for one, kept, quantity in zip(known.resources, terms, quantities, strict=True)
        ),
        booking_id=row.booking_id,
        hold=row.hold_expires_at,
        override=override,
        moving=True,
    )


def _forbidden(row: BookingRow, actor: Actor, command: BookingUpdate) -> Refused | None:
    if not actor.may("booking:update:any") and not actor.is_user(row.user_id):
        return FORBIDDEN
    if command.override_rules and not actor.may("booking:override"):
        return FORBIDDEN_OVERRIDE
    return None


async def _denied(work: Writing, row: BookingRow, actor: Actor) -> Refused | None:
    now, booking = exact_epoch(work.now), booking_of(row)
    standing = reschedule_standing(booking, now, caller_of(actor))
    if standing.code == "reschedule_window_passed":
        return refused(standing.code, "The booking could be moved until earlier than now.")
    if ran_out(booking, now):
        return await lapsed_too(work, row, RAN_OUT)
    if standing.code == "not_active":
        return refused(
            "invalid_transition",
            f"A booking that is {row.status} is not moved.",
            current_status=row.status,
            requested_status=row.status,
        )
    return None if standing.code is None else FORBIDDEN


def _edited(row: BookingRow, command: BookingUpdate) -> BookingRow:
    """The booking as the merge patch has it (RFC 7396)."""
    given: dict[str, Any] = {
        name: _value(command, name)
        for name in (*PLACE, "notes")
        if name in command.model_fields_set
    }
    if "attributes" in command.model_fields_set:
        given["attributes"] = merge_patch(row.attributes, command.attributes or {})
    return replace(row, **given)


async def _terms(work: Writing, row: BookingRow, known: Known) -> list[Terms]:
    """For each resource: the terms stay those the booking was made under, and a resource that is
    new to it brings its own buffers."""
    made = terms_of(row)
    buffers = {row.resource_id: (made.buffer_before_minutes, made.buffer_after_minutes)}
    if known.target_ids != [row.resource_id]:
        # Those of the other resources stand nowhere but in what they keep free.
        had = Request.of(row.starts_at, row.ends_at)
        for place in await places_of(work, row.booking_id):
            kept = (had.starts_at - place.begins) // 60, (place.ends - had.ends_at) // 60
            buffers.setdefault(place.resource_id, kept)
    found = []
    for one in known.resources:
        new = terms_for(known.settings.rules, one.resource, known.settings.version)
        before, after = buffers.get(one.id, (new.buffer_before_minutes, new.buffer_after_minutes))
        found.append(replace(made, buffer_before_minutes=before, buffer_after_minutes=after))
    return found


def _settled(wanted: BookingRow, known: Known, terms: Terms) -> BookingRow:
    category = known.resources[0].document["category_id"]
    return replace(
        wanted,
        resource_ids=known.target_ids,
        category_id=None if category is None else UUID(category),
        timezone=known.resources[0].document["timezone"] or known.settings.rules.timezone,
        buffer_before_minutes=terms.buffer_before_minutes,
        buffer_after_minutes=terms.buffer_after_minutes,
    )


def _place(row: BookingRow) -> tuple[Any, ...]:
    return (row.resource_id, row.starts_at, row.ends_at, row.quantity)


def _value(command: BookingUpdate, name: str) -> Any:
    return getattr(command, name)
