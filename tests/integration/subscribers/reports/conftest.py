"""A tenant whose events reach the reports: through the consumer, its inbox and a real Redis."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest_asyncio

from contracts.wire.codec import encode
from contracts.wire.envelope import SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Message
from domain.reservation.open_time import OpenTime
from domain.user.roles import BUILT_IN_ROLES
from handlers.delivery.asking import Asker
from handlers.delivery.entries import Entry
from handlers.delivery.events import EventIntake, InTransaction
from handlers.delivery.outage import Outage
from handlers.delivery.redis_clock import RedisClock
from handlers.delivery.writer import Writer
from handlers.subscribers.reports.hearing import HEARD, hear
from handlers.subscribers.reports.set_up import report_routes
from storage.delivery.known import KnownObjects
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk
from tests.integration.patience import patient_client
from tests.integration.postgres import Databases
from tests.integration.reservation.salon import Salon

MANAGER = Actor("user", str(new_id()), ("manager",), BUILT_IN_ROLES["manager"])


class Inside(Asker):
    """Asks the desk itself, without a stream in between."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def ask(
        self,
        message: Message,
        tenant_id: UUID | None,
        traceparent: str = "",
        message_id: UUID | None = None,
    ) -> Reply:
        told = message.model_dump(mode="json", exclude_unset=True, by_alias=True)
        return await self._desk.ask(type(message), tenant_id, **told)


class Reports:
    """What is heard, and what is asked of it."""

    def __init__(self, desk: Desk, intake: EventIntake, tenant_id: UUID) -> None:
        self.desk = desk
        self.tenant_id = tenant_id
        self._intake = intake

    async def take(self, *events: Envelope) -> None:
        """The events come, one after the other."""
        for place, one in enumerate(events, 1):
            fields = {
                name.encode(): value if isinstance(value, bytes) else value.encode()
                for name, value in encode(one).items()
            }
            await self._intake.take(Entry("reservation.events", "report", f"{place}-0", fields))

    async def rule(self, event_type: str, since: str, **state: Any) -> Envelope:
        """The owner of settings or of a resource has said so; `version` is that of the object."""
        event = Envelope(
            id=new_id(),
            type=event_type,
            source=event_type.partition(".")[0],
            subject="",
            time=since,
            tenant_id=self.tenant_id,
            actor=SYSTEM,
            sequence=state["version"],
            data=orjson.dumps({"tenant_id": str(self.tenant_id), **state}),
        )
        await self.take(event)
        return event

    async def settings(self, since: str, version: int = 1, **state: Any) -> Envelope:
        rules = {"closures": [], "business_hours": {}, "timezone": "UTC", **state}
        return await self.rule("tenant.settings_updated", since, version=version, **rules)

    async def resource(self, resource_id: UUID, since: str, **state: Any) -> Envelope:
        whole = {
            "id": str(resource_id),
            "category_id": None,
            "capacity": 1,
            "timezone": None,
            "availability_schedule": None,
            "active": True,
            "overrides": [],
            "created_at": since,
            "deleted_at": None,
            "version": 1,
            **state,
        }
        return await self.rule("resource.updated", since, **whole)

    async def ask(self, message: type[Message], **fields: Any) -> dict[str, Any]:
        reply = await self.desk.ask(message, self.tenant_id, MANAGER, **fields)
        assert reply.status == 200, reply
        body: dict[str, Any] = reply.body
        return body

    async def figures(self) -> dict[str, list[str]]:
        """All that is kept of the tenant's bookings, without the sums that came to nothing."""
        found = {}
        for table in ("report_booking", "report_day", "report_hour"):
            rows: Sequence[Any] = await self.desk.rows(
                f"SELECT to_jsonb(t) FROM {table} t WHERE tenant_id = :it", it=self.tenant_id
            )
            kept = [row[0] for row in rows]
            if table != "report_booking":
                keys = ("tenant_id", "day", "hour", "resource_id", "category_id", "main")
                kept = [row for row in kept if any(row[name] for name in row if name not in keys)]
            found[table] = sorted(
                orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode() for row in kept
            )
        return found


@pytest_asyncio.fixture
async def salon(reservations: Desk, known: KnownObjects) -> Salon:
    """A tenant whose bookings are counted."""
    found = Salon(reservations, known)
    await found.open()
    return found


@pytest_asyncio.fixture
async def reports(
    databases: Databases, cache: ValkeyServer, salon: Salon
) -> AsyncIterator[Reports]:
    desk = Desk.at("report", databases.of("subscriber"))
    desk.serve(report_routes(desk.engine, Inside(desk), OpenTime))
    client = patient_client(cache.url)
    intake = EventIntake(
        "report",
        InTransaction("report", desk.engine, hear),
        Writer(client, "report", desk.keyring),
        RedisClock(client),
        Outage(desk.engine, client, "one"),
        HEARD,
    )
    yield Reports(desk, intake, salon.tenant_id)
    await client.aclose()
    await desk.close()
