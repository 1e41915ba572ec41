"""Creating a booking."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.reservation.commands import BookingCreate
from contracts.wire.envelope import Actor
from contracts.wire.identity import object_id_for_command
from domain.reservation.acceptance import Request
from domain.reservation.booking import Status, Terms, initial_status, terms_for
from domain.reservation.lifecycle import CREATED
from handlers.delivery.attributes import too_large
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused, refused
from handlers.reservation.choosing import in_order
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
)
from handlers.reservation.placing import locked, placed_any, to_lock
from handlers.reservation.saving import added
from handlers.reservation.views import booking_view
from handlers.reservation.wishes import Part, Wish
from storage.delivery.transaction import Writing
from storage.reservation.bookings import BookingRow, active_bookings_of, find_booking

FORBIDDEN_FOR_OTHERS = refused("forbidden", "booking:create:any is needed to book for others.")
NAMES = {"settings": "tenant"}
MAX_ATTRIBUTES = 65_536
FORBIDDEN_OVERRIDE = refused("forbidden", "booking:override is needed to set rules aside.")


@dataclass(frozen=True, slots=True)
class Known:
    """All that a creation rests on, found before its transaction began: one of the `candidates`
    is taken, and all of the `additional`."""

    settings: KnownSettings
    candidates: tuple[KnownResource, ...]
    additional: tuple[KnownResource, ...]
    user_id: UUID | None


class BookingCreation:
    """Handles `booking.create`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def prepare(self, asked: Asked[BookingCreate]) -> Known | Refused:
        """Step 0: resources, category and user exist in this tenant, else 404 before all else."""
        command, tenant_id = asked.message, asked.tenant_id
        user_id = user_of(command.user_id, asked.actor)
        wanted = _wanted(command, tenant_id, user_id)
        traceparent = asked.envelope.traceparent
        bodies = await self._knowledge.recall(tenant_id, wanted, traceparent)
        found = [body for body in bodies if body is not None]
        if len(found) < len(wanted):
            missing = next(kind for (kind, _), body in zip(wanted, bodies, strict=True) if not body)
            return refused("not_found", f"There is no such {NAMES.get(missing, missing)}.")
        additional = [resource_of(body) for body in found[2 : 2 + _count(command)]]
        if command.category_id is None:
            candidates = [resource_of(found[1])]
        else:
            candidates = await self._knowledge.members(tenant_id, command.category_id, traceparent)
            taken = {resource.resource.id for resource in additional}
            candidates = [one for one in candidates if one.resource.id not in taken]
        return Known(settings_of(found[0]), tuple(candidates), tuple(additional), user_id)

    async def decide(self, work: Writing, asked: Asked[BookingCreate]) -> Outcome:
        """Afterwards the places are taken and the booking stands, or nothing has happened."""
        command, known = asked.message, asked.prepared
        if isinstance(known, Refused):
            return known
        denied = denied_to(asked.actor, known.user_id, command)
        if denied is not None:
            return denied
        booking_id = command.id or object_id_for_command(asked.envelope.id)
        creation = Creation(asked.actor, command, known, booking_id, work.now)
        await locked(work, creation.locks)
        made = await created(work, creation)
        if isinstance(made, Refused):
            return made
        row, events = made
        return Done(201, booking_view(row, asked.actor, work.now), events=events)


@dataclass(frozen=True, slots=True)
class Creation:
    """One booking to be made, at an instant; `alone` in its transaction or with others."""

    actor: Actor
    command: BookingCreate
    known: Known
    booking_id: UUID
    now: datetime
    alone: bool = True

    @property
    def status(self) -> Status:
        asked_held = self.command.status == "held"
        return initial_status(self.known.settings.rules, asked_held=asked_held)

    @property
    def counted(self) -> UUID | None:
        """Whose bookings a quota counts, where there is one."""
        quota = self.known.settings.rules.max_active_bookings_per_user
        return None if quota is None else self.known.user_id

    @property
    def wishes(self) -> list[Wish]:
        """One for each candidate; whatever is added to it is taken once."""
        command, known = self.command, self.known
        request = Request.of(command.starts_at, command.ends_at, command.quantity)
        others = [_part(known, one, replace(request, quantity=1)) for one in known.additional]
        ttl = timedelta(seconds=known.settings.rules.hold_ttl_seconds)
        return [
            Wish(
                settings=known.settings,
                parts=(
                    _part(known, candidate, request),
                    *(part for part in others if part.resource_id != candidate.id),
                ),
                booking_id=self.booking_id,
                hold=self.now + ttl if self.status is Status.HELD else None,
                override=frozenset(command.override_rules),
                alone=self.alone,
            )
            for candidate in known.candidates
        ]

    @property
    def locks(self) -> list[UUID]:
        """What a constraint cannot decide about: resources, and the user where there is a quota."""
        counted = [] if self.counted is None else [self.counted]
        return [*to_lock(self.wishes), *counted]


async def created(
    work: Writing, creation: Creation
) -> tuple[BookingRow, tuple[Happened, ...]] | Refused:
    """The booking stands, with its event; the caller holds the locks. Nothing of it is written
    when it is refused."""
    command = creation.command
    unfit = too_large(command.attributes, MAX_ATTRIBUTES)
    if unfit is not None:
        return unfit
    if not creation.known.candidates:
        return refused("resource_unavailable", "The category has no active resource.")
    if command.id is not None and await find_booking(work, command.id) is not None:
        return refused("id_in_use", "Another booking has this id.")
    wishes = creation.wishes
    if creation.counted is not None:
        used = await active_bookings_of(work, creation.counted, work.now)
        wishes = [replace(wish, quota_used=used) for wish in wishes]
    place = await placed_any(work, await in_order(work, wishes, command.assignment))
    if isinstance(place, Refused):
        return place
    row = _row(work, creation, place.wish)
    event = await added(work, row, CREATED, place.overridden)
    return row, (*place.events, event)


def _wanted(
    command: BookingCreate, tenant_id: UUID, user_id: UUID | None
) -> list[tuple[str, UUID]]:
    """What must exist, settings first, then what is booked."""
    target = command.resource_id or command.category_id
    if target is None:
        raise ValueError("the contract asks for a resource or a category")
    kind = "category" if command.resource_id is None else "resource"
    wanted = [("settings", tenant_id), (kind, target)]
    wanted += [("resource", one) for one in dict.fromkeys(command.additional_resource_ids)]
    return wanted if user_id is None else [*wanted, ("user", user_id)]


def _count(command: BookingCreate) -> int:
    return len(dict.fromkeys(command.additional_resource_ids))


def _part(known: Known, resource: KnownResource, request: Request) -> Part:
    terms = terms_for(known.settings.rules, resource.resource, known.settings.version)
    return Part(resource, resource.id, terms, request)


def user_of(named: UUID | None, actor: Actor) -> UUID | None:
    """Whose booking it is: who is named, else the caller; nobody's, for a machine."""
    if named is not None:
        return named
    return UUID(actor.id) if actor.kind == "user" and actor.id else None


def denied_to(actor: Actor, user_id: UUID | None, command: BookingCreate) -> Refused | None:
    """Why this caller may not ask for such a booking."""
    if not actor.may("booking:create:any") and not actor.is_user(user_id):
        return FORBIDDEN_FOR_OTHERS
    if command.override_rules and not actor.may("booking:override"):
        return FORBIDDEN_OVERRIDE
    return None


def _row(work: Writing, creation: Creation, wish: Wish) -> BookingRow:
    command, known, first = creation.command, creation.known, wish.parts[0]
    document, terms = first.known.document, first.terms
    category = document["category_id"]
    now = work.now
    return BookingRow(
        tenant_id=work.tenant_id,
        booking_id=wish.booking_id,
        resource_id=first.resource_id,
        resource_ids=wish.resource_ids,
        category_id=None if category is None else UUID(category),
        user_id=known.user_id,
        series_id=None,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        timezone=document["timezone"] or known.settings.rules.timezone,
        quantity=command.quantity,
        status=creation.status.value,
        notes=command.notes,
        attributes=command.attributes,
        price=document["price"],
        hold_expires_at=wish.hold,
        created_by=creation.actor.label,
        created_at=now,
        updated_at=now,
        cancelled_at=None,
        cancelled_by=None,
        cancellation_reason=None,
        version=1,
        **_terms_columns(terms),
    )


def _terms_columns(terms: Terms) -> dict[str, int]:
    return {
        "rules_version": terms.rules_version,
        "cancellation_window_hours": terms.cancellation_window_hours,
        "reschedule_window_hours": terms.reschedule_window_hours,
        "buffer_before_minutes": terms.buffer_before_minutes,
        "buffer_after_minutes": terms.buffer_after_minutes,
        "hold_ttl_seconds": terms.hold_ttl_seconds,
    }
