"""Taking a place: the domain's decision, and the database's."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.reservation import acceptance
from domain.reservation.acceptance import Accepted
from handlers.delivery.work import Happened, Refused, refused
from handlers.reservation.saving import expire_overdue
from handlers.reservation.wishes import Wish, by_resource, conflict, refusal_of
from storage.delivery.transaction import Writing
from storage.reservation.gates import gates_of
from storage.reservation.places import (
    Stretch,
    busy_places,
    lock_places,
    put_places,
    take_place,
)

NO_RESOURCE = refused("not_found", "There is no such resource.")
TRIES = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """The place is taken; `overridden` are rules that were set aside, `events` of lapsed holds."""

    wish: Wish
    overridden: tuple[str, ...]
    events: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody else has it; `events` of holds that had lapsed all the same."""

    events: tuple[Happened, ...]


def to_lock(wishes: Sequence[Wish]) -> list[UUID]:
    """The resources that a constraint alone cannot decide about."""
    return [
        resource_id for wish in wishes if not wish.is_single for resource_id in wish.resource_ids
    ]


async def locked(work: Writing, object_ids: Sequence[UUID]) -> None:
    """The slow way's locks, all in one sorted statement before anything is read."""
    if object_ids:
        await lock_places(work, object_ids)


async def placed(work: Writing, wish: Wish) -> Placed | Refused:
    """Takes the place, or says why not. Nothing of this booking is written when it is refused."""
    return await placed_any(work, (wish,))


async def placed_any(work: Writing, wishes: Sequence[Wish]) -> Placed | Refused:
    """Takes the first of the places that is to be had: choice and taking are one step. The caller
    holds the locks of `to_lock(wishes)`."""
    refusal: Refused | None = None
    contested: Wish | None = None
    events: tuple[Happened, ...] = ()
    for wish in wishes:
        outcome = await _attempt(work, wish)
        events += outcome.events
        match outcome:
            case Placed():
                return Placed(wish, outcome.overridden, events)
            case Refused():
                refusal = refusal or outcome
            case Taken():
                contested = contested or wish
    if contested is not None:
        refusal = await conflict(work, contested)
    return Refused((refusal or NO_RESOURCE).problem, events)


async def _attempt(work: Writing, wish: Wish) -> Placed | Taken | Refused:
    accepted, refusals = [], []
    for part in wish.parts:
        decided = wish.decided(part, work.now, ())
        if isinstance(decided, acceptance.Refused):
            refusals.append(decided)
        else:
            accepted.append(decided)
    if refusals:
        return refusal_of(acceptance.together(refusals))
    if wish.is_single:
        return await _fast(work, wish, accepted[0])
    return await _slow(work, wish)


async def _fast(work: Writing, wish: Wish, accepted: Accepted) -> Placed | Taken | Refused:
    (part,) = wish.parts
    stretch = Stretch(part.blocked_from, part.blocked_to, wish.hold)
    events: tuple[Happened, ...] = ()
    for _ in range(TRIES):
        answer = await take_place(work, part.resource_id, wish.booking_id, stretch)
        if answer == "ok":
            return Placed(wish, accepted.overridden, events)
        if answer == "gone":
            return Refused(NO_RESOURCE.problem, events)
        if answer == "taken":
            break
        events += await expire_overdue(work, [part.resource_id], stretch.from_, stretch.to)
    return Taken(events)


async def _slow(work: Writing, wish: Wish) -> Placed | Taken | Refused:
    """The caller holds the locks of every resource concerned."""
    gates = await gates_of(work, wish.resource_ids)
    if any(gate.closed for gate in gates.values()):
        return NO_RESOURCE
    wish = wish.behind(gates)
    since = min(part.blocked_from for part in wish.parts)
    until = max(part.blocked_to for part in wish.parts)
    events = await expire_overdue(work, wish.resource_ids, since, until)
    rows = await busy_places(work, wish.resource_ids, since, until, with_lapsed=True)
    busy = by_resource(rows)
    overridden: dict[str, None] = {}
    for part in wish.parts:
        decided = wish.decided(part, work.now, busy[part.resource_id])
        if isinstance(decided, acceptance.Refused):
            return Taken(events)
        overridden |= dict.fromkeys(decided.overridden)
    for part in sorted(wish.parts, key=lambda one: one.resource_id):
        await put_places(
            work,
            wish.booking_id,
            [part.resource_id],
            [part.resource_id] if part.capacity == 1 else [],
            Stretch(part.blocked_from, part.blocked_to, wish.hold),
            part.request.quantity,
        )
    return Placed(wish, tuple(overridden), events)
