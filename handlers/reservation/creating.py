"""Creating a booking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.reservation.commands import BookingCreate
from contracts.wire.envelope import Actor
from contracts.wire.identity import object_id_for_command
from domain.reservation.acceptance import Request
from domain.reservation.booking import Status, Terms, initial_status, terms_for
from domain.reservation.lifecycle import CREATED
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
)
from handlers.reservation.placing import Wish, locked, placed
from handlers.reservation.saving import added
from handlers.reservation.views import booking_view
from storage.delivery.transaction import Writing
from storage.reservation.bookings import BookingRow, active_bookings_of, find_booking

FORBIDDEN_FOR_OTHERS = refused("forbidden", "booking:create:any is needed to book for others.")
FORBIDDEN_OVERRIDE = refused("forbidden", "booking:override is needed to set rules aside.")


@dataclass(frozen=True, slots=True)
class Known:
    """All that a creation rests on, found before its transaction began."""

    settings: KnownSettings
    resource: KnownResource
    user_id: UUID | None


class BookingCreation:
    """Handles `booking.create`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def prepare(self, asked: Asked[BookingCreate]) -> Known | Refused:
        """Step 0: resource and user exist in this tenant, else 404 before all else."""
        command = asked.message
        if command.resource_id is None or command.additional_resource_ids:
            return refused("not_supported", "Book one resource by its resource_id.")
        user_id = user_of(command.user_id, asked.actor)
        wanted = [("settings", asked.tenant_id), ("resource", command.resource_id)]
        if user_id is not None:
            wanted.append(("user", user_id))
        found = await self._knowledge.recall(asked.tenant_id, wanted, asked.envelope.traceparent)
        missing = _missing(found)
        if missing is not None:
            return refused("not_found", f"There is no such {missing}.")
        settings, resource = found[0], found[1]
        if settings is None or resource is None:
            return refused("not_found", "There is no such resource.")
        return Known(settings_of(settings), resource_of(resource), user_id)

    async def decide(self, work: Writing, asked: Asked[BookingCreate]) -> Outcome:
        """Afterwards the place is taken and the booking stands, or nothing has happened."""
        command, known = asked.message, asked.prepared
        if isinstance(known, Refused):
            return known
        denied = _denied(asked.actor, known.user_id, command)
        if denied is not None:
            return denied
        booking_id = command.id or object_id_for_command(asked.envelope.id)
        if command.id is not None and await find_booking(work, booking_id) is not None:
            return refused("id_in_use", "Another booking has this id.")
        quota_used = await self._locked(work, known, command)
        terms = terms_for(known.settings.rules, known.resource.resource, known.settings.version)
        status = initial_status(known.settings.rules, asked_held=command.status == "held")
        held = status is Status.HELD
        hold = work.now + timedelta(seconds=terms.hold_ttl_seconds) if held else None
        wish = Wish(
            settings=known.settings,
            resource=known.resource,
            resource_id=_resource_id(command),
            booking_id=booking_id,
            terms=terms,
            request=Request.of(command.starts_at, command.ends_at, command.quantity),
            hold=hold,
            quota_used=quota_used,
            override=frozenset(command.override_rules),
        )
        place = await placed(work, wish)
        if isinstance(place, Refused):
            return place
        row = _row(work, asked, known, wish, status)
        event = await added(work, row, CREATED, place.overridden)
        view = booking_view(row, asked.actor, work.now)
        return Done(201, view, events=(*place.events, event))

    async def _locked(self, work: Writing, known: Known, command: BookingCreate) -> int | None:
        """Takes the locks that a constraint cannot replace; the user's bookings where there is a
        quota on them."""
        quota = known.settings.rules.max_active_bookings_per_user
        counted = known.user_id if quota is not None else None
        shared = [_resource_id(command)] if known.resource.resource.capacity > 1 else []
        if counted is not None:
            await locked(work, [*shared, counted])
            return await active_bookings_of(work, counted, work.now)
        if shared:
            await locked(work, shared)
        return None


def user_of(named: UUID | None, actor: Actor) -> UUID | None:
    """Whose booking it is: who is named, else the caller; nobody's, for a machine."""
    if named is not None:
        return named
    return UUID(actor.id) if actor.kind == "user" and actor.id else None


def _denied(actor: Actor, user_id: UUID | None, command: BookingCreate) -> Refused | None:
    if not actor.may("booking:create:any") and not actor.is_user(user_id):
        return FORBIDDEN_FOR_OTHERS
    if command.override_rules and not actor.may("booking:override"):
        return FORBIDDEN_OVERRIDE
    return None


def _missing(found: Sequence[bytes | None]) -> str | None:
    names = ("tenant", "resource", "user")
    return next((name for name, body in zip(names, found, strict=False) if body is None), None)


def _resource_id(command: BookingCreate) -> UUID:
    if command.resource_id is None:
        raise ValueError("prepare refuses a booking without a resource")
    return command.resource_id


def _row(
    work: Writing,
    asked: Asked[BookingCreate],
    known: Known,
    wish: Wish,
    status: Status,
) -> BookingRow:
    command, document, terms = asked.message, known.resource.document, wish.terms
    category = document["category_id"]
    now: datetime = work.now
    return BookingRow(
        tenant_id=work.tenant_id,
        booking_id=wish.booking_id,
        resource_id=wish.resource_id,
        resource_ids=[wish.resource_id],
        category_id=None if category is None else UUID(category),
        user_id=known.user_id,
        series_id=None,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        timezone=document["timezone"] or known.settings.rules.timezone,
        quantity=command.quantity,
        status=status.value,
        notes=command.notes,
        attributes=command.attributes,
        price=document["price"],
        hold_expires_at=wish.hold,
        created_by=asked.actor.label,
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
