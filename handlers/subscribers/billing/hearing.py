"""Events become counts and lines. Each says how things stood before it: order does not matter."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

import orjson

from contracts.wire.envelope import Envelope
from handlers.subscribers.billing.metering import Standing, before_of, measured
from storage.delivery.transaction import Writing
from storage.subscriber.billing import (
    LineRow,
    Move,
    add_activity,
    add_line,
    add_zone,
    move_tally,
)

Hear = Callable[[Writing, Envelope, dict[str, Any]], Awaitable[None]]


async def hear(work: Writing, event: Envelope) -> None:
    """Afterwards what the event adds is counted."""
    await HEARD[event.type](work, event, orjson.loads(event.data))


async def _of_booking(work: Writing, event: Envelope, state: dict[str, Any]) -> None:
    at = datetime.fromisoformat(state["updated_at"])
    found = measured(Standing.of(state), before_of(state), at)
    if found.counts:
        moves = [
            Move(one.day, one.month, one.metric, one.currency, one.quantity) for one in found.counts
        ]
        await move_tally(work, moves)
    if found.charge is not None:
        line = LineRow(
            line_id=uuid5(event.id, "billing"),
            day=found.charge.day,
            at=at,
            booking_id=UUID(state["id"]),
            resource_id=UUID(state["resource_id"]),
            kind="correction" if found.charge.is_correction else "charge",
            amount=found.charge.amount,
            currency=found.charge.currency,
        )
        await add_line(work, found.charge.day.replace(day=1), line)


async def _of_resource(work: Writing, event: Envelope, state: dict[str, Any]) -> None:
    changes = state["changes"]
    if event.type == "resource.updated" and "active" not in changes:
        return
    at = datetime.fromisoformat(state["updated_at"])
    active = state["active"] and state["deleted_at"] is None
    await add_activity(work, UUID(state["id"]), state["version"], at, active=active)


async def _of_settings(work: Writing, event: Envelope, state: dict[str, Any]) -> None:
    del event
    if state["version"] > 1 and "timezone" not in state["changes"]:
        return
    at = datetime.fromisoformat(state["updated_at"])
    await add_zone(work, state["version"], at, state["timezone"])


HEARD: Mapping[str, Hear] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "booking.created",
                "booking.updated",
                "booking.cancelled",
                "booking.status_changed",
            ),
            _of_booking,
        ),
        **dict.fromkeys(
            ("resource.created", "resource.updated", "resource.deleted", "resource.restored"),
            _of_resource,
        ),
        "tenant.settings_updated": _of_settings,
    }
)
# A hold that ran out was no booking yet: booking.hold_expired adds nothing.
TYPES = frozenset(HEARD)
SOURCES = ("reservation", "resource", "tenant")
