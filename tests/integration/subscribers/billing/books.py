"""Bookings of one tenant whose every change is an event, and what billing makes of them."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import orjson

from contracts.reservation.views import BookingState
from contracts.subscriber.billing import BillingStatement, BillingUsage, StatementView, UsageView
from contracts.wire.envelope import SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from handlers.subscribers.billing.hearing import hear
from storage.delivery.transaction import writing
from tests.integration.desk import Desk

OWNER = Actor("user", str(new_id()), ("owner",), frozenset({"billing:read"}))
PRICE = {"amount": "30.00", "currency": "BRL", "per": "hour"}


@dataclass
class Told:
    """One booking: what is told of it, in the order in which it happened."""

    tenant_id: UUID
    state: dict[str, Any] = field(default_factory=dict)
    events: list[Envelope] = field(default_factory=list)

    def change(self, event_type: str, at: str, **changed: Any) -> Envelope:
        """The event of a change at that instant."""
        before = self.state
        version = before.get("version", 0) + 1
        self.state = {**before, **changed, "updated_at": at, "version": version}
        changes = {
            name: {"before": before.get(name), "after": value}
            for name, value in changed.items()
            if before.get(name) != value
        }
        BookingState.model_validate_json(orjson.dumps(self.state))
        event = Envelope(
            id=new_id(),
            type=event_type,
            source="reservation",
            subject=f"booking/{self.state['id']}",
            tenant_id=self.tenant_id,
            actor=SYSTEM,
            sequence=version,
            data=orjson.dumps({**self.state, "changes": changes}),
        )
        self.events.append(event)
        return event

    def status(self, status: str, at: str) -> Envelope:
        return self.change("booking.status_changed", at, status=status)

    def cancel(self, at: str) -> Envelope:
        return self.change("booking.cancelled", at, status="cancelled", cancelled_at=at)


def booked(tenant_id: UUID, at: str = "2026-11-10T12:00:00Z", **fields: Any) -> Told:
    """A confirmed booking of an hour on the tenth of December in São Paulo, made at that instant,
    at 30 an hour, with a window of a day."""
    told = Told(tenant_id)
    resource_id = fields.get("resource_id", str(new_id()))
    made = {
        "id": str(new_id()),
        "tenant_id": str(tenant_id),
        "resource_id": resource_id,
        "resource_ids": [resource_id],
        "user_id": str(new_id()),
        "starts_at": "2026-12-10T15:00:00Z",
        "ends_at": "2026-12-10T16:00:00Z",
        "timezone": "America/Sao_Paulo",
        "quantity": 1,
        "status": "confirmed",
        "series_id": None,
        "price": PRICE,
        "hold_expires_at": None,
        "rules_version": 1,
        "cancellation_window_hours": 24,
        "created_by": "system:tests",
        "created_at": at,
        "cancelled_at": None,
        "cancelled_by": None,
        **fields,
    }
    told.change("booking.created", at, **made)
    return told


def resource_event(
    tenant_id: UUID, event_type: str, resource_id: UUID, at: str, version: int = 1, **said: Any
) -> Envelope:
    """What the resource context tells, as far as billing looks at it."""
    state = {"id": str(resource_id), "active": True, "deleted_at": None, **said}
    state |= {"updated_at": at, "version": version, "changes": said.get("changes", {})}
    return _of(tenant_id, event_type, state)


def settings_event(tenant_id: UUID, timezone: str, at: str, version: int = 1) -> Envelope:
    """The tenant has a zone from then on."""
    changes = {} if version == 1 else {"timezone": {"before": "UTC", "after": timezone}}
    state = {"timezone": timezone, "updated_at": at, "version": version, "changes": changes}
    return _of(tenant_id, "tenant.settings_updated", state)


def _of(tenant_id: UUID, event_type: str, state: dict[str, Any]) -> Envelope:
    source = event_type.partition(".")[0]
    data = orjson.dumps(state)
    return Envelope(new_id(), event_type, source, data, tenant_id=tenant_id, actor=SYSTEM)


class Books:
    """Billing at a desk."""

    def __init__(self, desk: Desk, tenant_id: UUID | None = None) -> None:
        self.desk = desk
        self.tenant_id = tenant_id or new_id()

    async def hear(self, *events: Envelope) -> None:
        """Each once, however often it is told."""
        for event in events:
            await self.desk.persist(partial(self._heard, event))

    async def _heard(self, event: Envelope) -> None:
        inbox_id = uuid5(event.id, "billing")
        how = {"fingerprint": "billing", "actor": "", "reply_to": "", "traceparent": ""}
        engine, tenant_id = self.desk.engine, event.tenant_id
        async with writing(engine, tenant_id, inbox_id, **how) as (work, found):
            if found.state == "new":
                await hear(work, event)
                await work.finish(work.tenant_id, inbox_id, state="done", reply=None, effects=None)

    async def usage(self, first: str, last: str) -> dict[str, dict[str, int]]:
        """What is not zero, by day."""
        fields: dict[str, Any] = {"from": first, "to": last}
        reply = await self.desk.ask(BillingUsage, self.tenant_id, OWNER, **fields)
        assert reply.status == 200, reply
        UsageView.model_validate_json(orjson.dumps(reply.body))
        return {
            day["date"]: {name: many for name, many in day.items() if many and name != "date"}
            for day in reply.body["days"]
            if any(many for name, many in day.items() if name != "date")
        }

    async def statement(self, month: str, **fields: Any) -> dict[str, Any]:
        """As it is answered."""
        reply = await self.desk.ask(BillingStatement, self.tenant_id, OWNER, month=month, **fields)
        assert reply.status == 200, reply
        StatementView.model_validate_json(orjson.dumps(reply.body))
        return dict(reply.body)

    async def amounts(self, month: str) -> list[tuple[str, str, str, str]]:
        """Currency, charges, corrections and total of a month."""
        amounts = (await self.statement(month))["amounts"]
        names = ("currency", "charges", "corrections", "total")
        return [tuple(one[name] for name in names) for one in amounts]
