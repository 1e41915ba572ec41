"""Taking a place: the domain's decision, and the database's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.wire.problems import FieldError, Problem
from contracts.wire.strict import rfc3339
from domain.reservation import acceptance
from domain.reservation.acceptance import Accepted, Request, decide, next_available
from domain.reservation.booking import Terms
from domain.reservation.capacity import Busy
from domain.time.instant import exact_epoch, utc_of
from handlers.delivery.work import Happened, Refused, refused
from handlers.reservation.knowledge import KnownResource, KnownSettings
from handlers.reservation.saving import expire_overdue
from storage.delivery.transaction import Reading, Writing
from storage.reservation.places import (
    BusyRow,
    Stretch,
    busy_places,
    closed_gates,
    lock_places,
    put_places,
    take_place,
)

NO_RESOURCE = refused("not_found", "There is no such resource.")
TRIES = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """A place that is wanted, and all that is known about it before the database is asked."""

    settings: KnownSettings
    resource: KnownResource
    resource_id: UUID
    booking_id: UUID
    terms: Terms
    request: Request
    hold: datetime | None = None
    quota_used: int | None = None
    override: frozenset[str] = frozenset()
    moving: bool = False

    @property
    def but_for(self) -> str | None:
        """A booking that is moved is not in its own way."""
        return str(self.booking_id) if self.moving else None

    def decided(self, now: datetime, busy: list[BusyRow]) -> "Accepted | acceptance.Refused":
        """The domain's answer on this state of affairs."""
        return decide(
            self.settings.rules,
            self.resource.resource,
            self.terms,
            self.request,
            exact_epoch(now),
            busy=busy_of(busy),
            active_bookings_of_user=self.quota_used,
            override=self.override,
            exclude_booking_id=self.but_for,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """The place is taken; `overridden` are rules that were set aside, `events` of lapsed holds."""

    overridden: tuple[str, ...]
    events: tuple[Happened, ...]


async def placed(work: Writing, wish: Wish) -> Placed | Refused:
    """Takes the place, or says why not. Nothing of this booking is written when it is refused."""
    accepted = wish.decided(work.now, [])
    if isinstance(accepted, acceptance.Refused):
        return refusal_of(accepted)
    blocked = Stretch(utc_of(accepted.blocked.start), utc_of(accepted.blocked.end), wish.hold)
    single = wish.resource.resource.capacity == 1 and not wish.moving
    if single:
        return await _fast(work, wish, accepted, blocked)
    return await _slow(work, wish, blocked)


async def _fast(
    work: Writing, wish: Wish, accepted: Accepted, blocked: Stretch
) -> Placed | Refused:
    events: tuple[Happened, ...] = ()
    for _ in range(TRIES):
        answer = await take_place(work, wish.resource_id, wish.booking_id, blocked)
        if answer == "ok":
            return Placed(accepted.overridden, events)
        if answer == "gone":
            return Refused(NO_RESOURCE.problem, events)
        if answer == "taken":
            break
        lapsed = await expire_overdue(work, [wish.resource_id], blocked.from_, blocked.to)
        events += lapsed
    return Refused((await _conflict(work, wish, blocked)).problem, events)


async def _slow(work: Writing, wish: Wish, blocked: Stretch) -> Placed | Refused:
    """The caller holds the locks of every resource concerned."""
    if await closed_gates(work, [wish.resource_id]):
        return NO_RESOURCE
    events = await expire_overdue(work, [wish.resource_id], blocked.from_, blocked.to)
    busy = await busy_places(work, [wish.resource_id], blocked.from_, blocked.to, with_lapsed=True)
    decided = wish.decided(work.now, busy)
    if isinstance(decided, acceptance.Refused):
        return Refused((await _conflict(work, wish, blocked)).problem, events)
    capacity = wish.resource.resource.capacity
    await put_places(
        work,
        wish.booking_id,
        [wish.resource_id],
        [wish.resource_id] if capacity == 1 else [],
        blocked,
        wish.request.quantity,
    )
    return Placed(decided.overridden, events)


async def locked(work: Writing, object_ids: list[UUID]) -> None:
    """The slow way's locks, all in one statement before anything is read."""
    await lock_places(work, object_ids)


async def _conflict(work: Writing, wish: Wish, blocked: Stretch) -> Refused:
    """What is taken (never whose), and the next slot of the same length that is free."""
    ahead = acceptance.next_available_range(wish.terms, wish.request, exact_epoch(work.now))
    until = max(utc_of(ahead.end), blocked.to)
    busy = await busy_places(work, [wish.resource_id], blocked.from_, until)
    decided = wish.decided(work.now, busy)
    conflicts = decided.conflicts if isinstance(decided, acceptance.Refused) else ()
    following = next_available(
        wish.settings.rules,
        wish.resource.resource,
        wish.terms,
        wish.request,
        exact_epoch(work.now),
        busy=busy_of(busy),
        exclude_booking_id=wish.but_for,
    )
    return refused(
        "booking_conflict",
        "The time is taken.",
        conflicts=[
            {"starts_at": _shown(found.start), "ends_at": _shown(found.end)} for found in conflicts
        ],
        next_available=None
        if following is None
        else {"starts_at": _shown(following.start), "ends_at": _shown(following.end)},
    )


def refusal_of(found: acceptance.Refused, **extra: Any) -> Refused:
    """The domain's refusal in the words of the wire."""
    errors = tuple(
        FieldError(field=one.field, code=one.code, message=one.message) for one in found.violations
    )
    detail = found.violations[0].message if found.violations else ""
    return Refused(Problem(code=found.code, detail=detail, errors=errors, extra=extra))


def busy_of(rows: list[BusyRow]) -> list[Busy]:
    """Stored places as the domain counts them."""
    return [Busy(str(row.booking_id), row.begins, row.ends, row.quantity) for row in rows]


async def busy_between(read: Reading, resource_id: UUID, start: int, end: int) -> list[Busy]:
    """What is taken of a resource between two epoch seconds."""
    return busy_of(await busy_places(read, [resource_id], utc_of(start), utc_of(end)))


def _shown(second: int) -> str:
    return rfc3339(utc_of(second))
