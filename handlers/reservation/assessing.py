"""What a change of opening time means for the bookings that are made: which lie outside it now.

    tenant.update_settings, closure.create ─┬─► hours.assess ─► tenant.answer_change
    resource.update, override.create ───────┘                or resource.answer_change

The bookings are left alone. Whoever changed the hours is told, in the answer to that change.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.catalogue import COMMANDS
from contracts.reservation.gates import HoursAssess
from contracts.wire.affected import AffectedBooking
from domain.reservation.affected import left_outside
from domain.tenant.settings import OrganizationSettings
from domain.time.instant import ceil_epoch, floor_epoch
from domain.time.interval import Interval
from handlers.delivery.work import Asked, Done, Outcome, Send
from handlers.reservation.knowledge import Knowledge, KnownResource, resource_of, settings_of
from storage.delivery.transaction import Writing, reading
from storage.reservation.standing import Standing, booked_resources, standing_bookings

# So many are listed; how many there are is said besides.
LISTED = 200


@dataclass(frozen=True, slots=True)
class Known:
    """The rules to assess by; a resource that is gone is not among them."""

    settings: OrganizationSettings
    resources: tuple[KnownResource, ...]


class Assessment:
    """Handles `hours.assess`."""

    def __init__(self, knowledge: Knowledge, engine: AsyncEngine) -> None:
        self._knowledge = knowledge
        self._engine = engine

    async def prepare(self, asked: Asked[HoursAssess]) -> Known | None:
        """The rules as they were just stored, and those around them as they are known; None where
        the tenant is gone."""
        command, tenant_id = asked.message, asked.tenant_id
        wanted = [("settings", tenant_id)]
        if command.resource is None:
            async with reading(self._engine, tenant_id) as read:
                booked = await booked_resources(read)
            wanted += [("resource", resource_id) for resource_id in booked]
        bodies = await self._knowledge.recall(tenant_id, wanted, asked.envelope.traceparent)
        settings = _written(command.settings) or bodies[0]
        if settings is None:
            return None
        changed = _written(command.resource)
        resources = bodies[1:] if changed is None else [changed]
        return Known(
            settings_of(settings).rules,
            tuple(resource_of(body) for body in resources if body is not None),
        )

    async def decide(self, work: Writing, asked: Asked[HoursAssess]) -> Outcome:
        """Afterwards the answer is on its way, with the bookings that the new hours leave out."""
        command, known = asked.message, asked.prepared
        affected = [] if known is None else await _affected(work, known)
        body = {
            **command.body,
            "affected_bookings": [_shown(one) for one in affected[:LISTED]],
            "affected_bookings_count": len(affected),
        }
        # What answers nothing, such as a deletion, has something to say all the same.
        status = 200 if command.status == 204 and affected else command.status
        answer = {"change_id": command.change_id, "status": status, "body": body}
        if command.owner == "tenant":
            answer["tenant_id"] = asked.tenant_id
        completion = COMMANDS[f"{command.owner}.answer_change"].model_validate(answer)
        return Done(200, {}, sends=(Send(completion, asked.tenant_id),))


async def _affected(work: Writing, known: Known) -> Sequence[Standing]:
    """By start; one that takes several resources is there once."""
    found: dict[UUID, Standing] = {}
    for resource in known.resources:
        bookings = await standing_bookings(work, resource.id)
        times = {one.booking_id: _time(one) for one in bookings}
        outside = left_outside(known.settings, resource.resource, list(times.values()))
        found |= {one.booking_id: one for one in bookings if times[one.booking_id] in outside}
        # Many resources are many windows to make: others get their turn in between.
        await asyncio.sleep(0)
    return sorted(found.values(), key=lambda one: (one.starts_at, one.booking_id))


def _time(one: Standing) -> Interval:
    return Interval(floor_epoch(one.starts_at), ceil_epoch(one.ends_at))


def _written(document: dict[str, Any] | None) -> bytes | None:
    return None if document is None else orjson.dumps(document)


def _shown(one: Standing) -> dict[str, Any]:
    return AffectedBooking(
        id=one.booking_id,
        resource_id=one.resource_id,
        user_id=one.user_id,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        status=one.status,
        version=one.version,
    ).model_dump(mode="json")
