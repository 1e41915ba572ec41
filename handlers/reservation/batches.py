"""Creating many bookings with one command: each with an outcome of its own, or all or none."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.reservation.commands import BookingCreate, BookingCreateBatch
from contracts.wire.identity import object_id_for_command
from contracts.wire.problems import Problem
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused
from handlers.reservation.creating import BookingCreation, Creation, Known, created, denied_to
from handlers.reservation.placing import locked
from handlers.reservation.views import booking_view
from storage.delivery.transaction import Writing


class _TakenBack(Exception):
    """An atomic batch in which one was refused."""


class BatchCreation:
    """Handles `booking.create_batch`."""

    def __init__(self, creation: BookingCreation) -> None:
        self._creation = creation

    async def prepare(self, asked: Asked[BookingCreateBatch]) -> list[Known | Refused]:
        """What each of them rests on."""
        return [
            await self._creation.prepare(Asked(command, asked.envelope))
            for command in asked.message.bookings
        ]

    async def decide(self, work: Writing, asked: Asked[BookingCreateBatch]) -> Outcome:
        """One transaction; the locks of all come first, in one order."""
        creations = _creations(work, asked)
        await locked(work, [one for made in creations for one in _locks(made)])
        results: list[dict[str, Any]] = []
        events: list[Happened] = []
        try:
            async with work.savepoint():
                for index, creation in enumerate(creations):
                    outcome = (
                        creation if isinstance(creation, Refused) else await created(work, creation)
                    )
                    results.append(_result(index, outcome, asked, work))
                    events += outcome.events if isinstance(outcome, Refused) else outcome[1]
                if asked.message.atomic and any("problem" in found for found in results):
                    raise _TakenBack
        except _TakenBack:
            return _none(results, asked.envelope.trace_id)
        return Done(200, {"results": results}, events=tuple(events))


def _creations(work: Writing, asked: Asked[BookingCreateBatch]) -> list[Creation | Refused]:
    found: list[Creation | Refused] = []
    pairs = zip(asked.message.bookings, asked.prepared, strict=True)
    for index, (command, known) in enumerate(pairs):
        if isinstance(known, Refused):
            found.append(known)
            continue
        denied = denied_to(asked.actor, known.user_id, command)
        booking_id = _id(command, asked, index)
        creation = Creation(asked.actor, command, known, booking_id, work.now, alone=False)
        found.append(denied or creation)
    return found


def _id(command: BookingCreate, asked: Asked[BookingCreateBatch], index: int) -> UUID:
    return command.id or object_id_for_command(asked.envelope.id, str(index))


def _locks(creation: Creation | Refused) -> Sequence[UUID]:
    return () if isinstance(creation, Refused) else creation.locks


def _result(
    index: int, outcome: Any, asked: Asked[BookingCreateBatch], work: Writing
) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        problem = outcome.problem
        shown = problem.on_the_wire(asked.envelope.trace_id)
        return {"index": index, "http_status": problem.status, "problem": shown}
    view = booking_view(outcome[0], asked.actor, work.now)
    return {"index": index, "http_status": 201, "booking": view}


def _none(results: list[dict[str, Any]], trace_id: str) -> Refused:
    """Nothing was booked: the first refusal is the batch's, and each has an outcome of its own,
    which for those that could have been had is that the others could not."""
    first = next(found for found in results if "problem" in found)
    of_the_others = Problem(
        code="not_booked", detail=f"Booking {first['index']} was refused, so that none was made."
    )
    shown = {
        "http_status": of_the_others.status,
        "problem": of_the_others.on_the_wire(trace_id),
    }
    listed = [
        found if "problem" in found else {"index": found["index"], **shown} for found in results
    ]
    problem = first["problem"]
    return Refused(
        Problem(
            code=problem["code"],
            detail=f"Booking {first['index']}: {problem['detail']}",
            extra={"results": listed},
        )
    )
