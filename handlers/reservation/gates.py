"""Closing, opening and limiting a resource, for the context that is about to change it.

    resource.delete ─► gate.close ─► resource.complete_deletion
    resource.restore ─► gate.open ─► resource.complete_restoration
    resource.update ─► gate.limit ─► resource.complete_update   (a smaller capacity only)

All of it under the resource's exclusive lock: no booking slips in between.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.reservation.gates import GateClose, GateLimit, GateOpen, GateUnlimit
from contracts.wire.envelope import Actor
from domain.reservation.capacity import peak
from domain.reservation.lifecycle import CANCELLED
from domain.time.instant import floor_epoch
from domain.time.interval import Interval
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused, Send, refused
from handlers.reservation.saving import cancelled
from handlers.reservation.series_saving import saved_all
from handlers.reservation.wishes import busy_of
from storage.delivery.transaction import Writing
from storage.reservation.bookings import ACTIVE, find_booking
from storage.reservation.gates import future_bookings, limit_gate, move_gate, unlimit_gate
from storage.reservation.places import busy_places, lock_places

# So many bookings are cancelled in one transaction; the rest follow in the next ones.
CANCELLED_AT_ONCE = 100
REASON = "resource_deleted"
# Longer than any booking can lie ahead: max_advance_days, and the longest booking.
_AHEAD = timedelta(days=3_660 + 33)


async def close_gate(work: Writing, asked: Asked[GateClose]) -> Outcome:
    """Afterwards nothing of the resource is booked, and nothing can be; or what is booked stands in
    the way, and nothing has happened."""
    command = asked.message
    await lock_places(work, [command.resource_id])
    found = await future_bookings(work, command.resource_id, work.now, CANCELLED_AT_ONCE + 1)
    if found and not command.cancel_bookings:
        return _told(
            asked, refused("has_future_bookings", "Cancel its bookings with it, or first.")
        )
    if not await move_gate(work, command.resource_id, command.version, closed=True):
        # It is open for a later version: its owner sees that, and asks again.
        return _told(asked, None)
    events = await _cancelled(work, found[:CANCELLED_AT_ONCE], command.requested_by.actor)
    if len(found) > CANCELLED_AT_ONCE:
        return Done(200, {}, events=events, sends=(Send(command, work.tenant_id),))
    return replace(_told(asked, None), events=events)


async def open_gate(work: Writing, asked: Asked[GateOpen]) -> Outcome:
    """Afterwards the resource can be booked, once its owner says that it is there."""
    command = asked.message
    await lock_places(work, [command.resource_id])
    await move_gate(work, command.resource_id, command.version + 1, closed=False)
    answer = COMMANDS["resource.complete_restoration"].model_validate(
        {
            "change_id": command.change_id,
            "resource_id": command.resource_id,
            "requested_by": command.requested_by,
        }
    )
    return Done(200, {}, sends=(Send(answer, work.tenant_id),))


async def limit_capacity(work: Writing, asked: Asked[GateLimit]) -> Outcome:
    """Afterwards nobody takes more than the smaller capacity; or more is taken already."""
    command = asked.message
    await lock_places(work, [command.resource_id])
    until = work.now + _AHEAD
    rows = await busy_places(work, [command.resource_id], work.now, until)
    within = Interval(floor_epoch(work.now), floor_epoch(until))
    most = peak(busy_of(rows), within)
    if most > command.capacity:
        message = f"Up to {most} of the capacity are booked at once."
        return _limited(asked, refused("has_future_bookings", message, booked=most))
    await limit_gate(work, command.resource_id, command.version, command.capacity)
    return _limited(asked, None)


async def unlimit_capacity(work: Writing, asked: Asked[GateUnlimit]) -> Outcome:
    """Afterwards the resource has its own capacity again."""
    command = asked.message
    await lock_places(work, [command.resource_id])
    await unlimit_gate(work, command.resource_id, command.version)
    return Done(200, {})


async def _cancelled(work: Writing, booking_ids: list[UUID], actor: Actor) -> tuple[Happened, ...]:
    """Cancelled by whoever deletes the resource, whatever their window: it will not be there."""
    found = [await find_booking(work, booking_id, lock=True) for booking_id in booking_ids]
    pairs = [
        (row, cancelled(work, row, actor.label, REASON))
        for row in found
        if row is not None and row.status in ACTIVE
    ]
    events = await saved_all(work, pairs, CANCELLED, actor.label, REASON)
    return tuple(replace(event, actor=actor) for event in events)


def _told(asked: Asked[GateClose], refusal: Refused | None) -> Done:
    return _answered(asked, "resource.complete_deletion", refusal, "cancel_bookings")


def _limited(asked: Asked[GateLimit], refusal: Refused | None) -> Done:
    return _answered(asked, "resource.complete_update", refusal, "update")


def _answered(asked: Asked[Any], completion: str, refusal: Refused | None, *names: str) -> Done:
    """What the resource context is told; of its messages only the name is known here."""
    command = asked.message
    same = ("change_id", "resource_id", "version", "requested_by", *names)
    answer = COMMANDS[completion].model_validate(
        {
            **{name: getattr(command, name) for name in same},
            "problem": None if refusal is None else refusal.problem.model_dump(mode="json"),
        }
    )
    return Done(200, {}, sends=(Send(answer, asked.tenant_id),))
