"""The audit trail: one record for each event, and who may read which."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import text

from contracts.subscriber.audit import AuditList, AuditRecord
from contracts.wire.codec import encode
from contracts.wire.envelope import Actor, Envelope
from contracts.wire.identity import new_id
from handlers.delivery import events
from handlers.delivery.entries import Entry
from handlers.delivery.events import EventIntake, InTransaction
from handlers.delivery.outage import Outage
from handlers.delivery.redis_clock import RedisClock
from handlers.delivery.writer import Writer
from handlers.subscribers.audit import audit_routes
from handlers.subscribers.auditing import Recorder, recording_routes
from storage.delivery.transaction import Writing
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk, code_of
from tests.integration.patience import ANSWER_WITHIN, patient_client
from tests.integration.postgres import SECRET, Databases

OWNER = Actor("user", str(new_id()), ("owner",), frozenset({"audit:read"}))
MANAGER = Actor("user", str(new_id()), ("manager",), frozenset({"audit:read:booking"}))


@pytest_asyncio.fixture
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    found = Desk.at("audit", databases.of("subscriber"))
    found.serve((*audit_routes(SECRET), *recording_routes(found.keyring)))
    yield found
    await found.close()


@pytest_asyncio.fixture
async def intake(desk: Desk) -> AsyncIterator[EventIntake]:
    """The consumer, on a Redis of its own."""
    server = ValkeyServer()
    server.start()
    client = patient_client(server.url)
    outage = Outage(desk.engine, client, "one")
    effect = InTransaction("audit", desk.engine, Recorder(desk.keyring).record)
    yield EventIntake("audit", effect, Writer(client, "audit"), RedisClock(client), outage)
    await client.aclose()
    server.remove()


@pytest.fixture
def salon() -> UUID:
    return new_id()


def event(tenant_id: UUID, event_type: str = "booking.created", **fields: Any) -> Envelope:
    return Envelope(
        **{
            "id": new_id(),
            "type": event_type,
            "source": event_type.partition(".")[0],
            "subject": "booking/1",
            "time": "2026-11-24T09:00:00Z",
            "tenant_id": tenant_id,
            "actor": OWNER,
            "sequence": 1,
            "data": orjson.dumps({"changes": {"status": {"before": None, "after": "held"}}}),
            **fields,
        }
    )


async def take(intake: EventIntake, *events: Envelope) -> None:
    for place, one in enumerate(events, 1):
        fields = {
            name.encode(): value if isinstance(value, bytes) else value.encode()
            for name, value in encode(one).items()
        }
        await intake.take(Entry("reservation.events", "audit", f"{place}-0", fields))


async def listed(desk: Desk, tenant_id: UUID, actor: Actor = OWNER, **fields: Any) -> list[Any]:
    items: list[Any] = (await desk.ask(AuditList, tenant_id, actor, **fields)).body["items"]
    return items


async def test_an_event_that_comes_again_is_one_record(
    desk: Desk, intake: EventIntake, salon: UUID
) -> None:
    """An event that is published or delivered again makes no second record."""
    one = event(salon)
    await take(intake, one, one, one)
    (shown,) = await listed(desk, salon)
    found = AuditRecord.model_validate_json(orjson.dumps(shown))
    assert (found.id, found.event_type, found.sequence) == (one.id, "booking.created", 1)
    assert found.actor == {"kind": "user", "id": OWNER.id, "roles": ["owner"]}
    assert found.changes == {"status": {"before": None, "after": "held"}}


async def test_newest_come_first_page_by_page(desk: Desk, intake: EventIntake, salon: UUID) -> None:
    """Every record is shown once, newest first, and a foreign cursor is refused."""
    events = [event(salon, time=f"2026-11-24T09:00:0{n}Z", sequence=n + 1) for n in range(5)]
    await take(intake, *events)
    page = (await desk.ask(AuditList, salon, OWNER, limit=3)).body
    rest = (await desk.ask(AuditList, salon, OWNER, limit=3, cursor=page["next_cursor"])).body
    assert [one["sequence"] for one in page["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    foreign = await desk.ask(AuditList, new_id(), OWNER, cursor=page["next_cursor"])
    assert code_of(foreign) == (400, "invalid_cursor")


async def test_who_may_read_bookings_reads_bookings(
    desk: Desk, intake: EventIntake, salon: UUID
) -> None:
    """`audit:read:booking` shows booking events alone; without either right it is 403."""
    await take(intake, event(salon), event(salon, "user.created"))
    assert len(await listed(desk, salon)) == 2
    assert [one["event_type"] for one in await listed(desk, salon, MANAGER)] == ["booking.created"]
    customer = Actor("user", str(new_id()), ("customer",))
    assert (await desk.ask(AuditList, salon, customer)).status == 403


async def test_filters_narrow_the_trail(desk: Desk, intake: EventIntake, salon: UUID) -> None:
    """By actor, subject, type and time, `from` inclusive and `to` not."""
    other = Actor("service", "till")
    await take(
        intake,
        event(salon),
        event(salon, "booking.cancelled", subject="booking/2", actor=other),
        event(salon, time="2026-11-25T09:00:00Z"),
    )
    assert len(await listed(desk, salon, subject="booking/2")) == 1
    assert len(await listed(desk, salon, event_type="booking.cancelled")) == 1
    bounds: dict[str, Any] = {"from": "2026-11-24T09:00:00Z", "to": "2026-11-25T09:00:00Z"}
    assert len(await listed(desk, salon, **bounds)) == 2


async def test_another_tenants_trail_is_not_there(
    desk: Desk, intake: EventIntake, salon: UUID
) -> None:
    """An owner of one tenant sees nothing of another's."""
    await take(intake, event(salon))
    assert await listed(desk, new_id()) == []


async def test_a_consumer_that_hangs_or_quarrels_lets_others_go_on(
    desk: Desk, intake: EventIntake, salon: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a consumer that never ends nor one that loses every quarrel is tried for ever: the
    event stays pending, and the next one is recorded."""
    tries: list[str] = []

    async def strange(work: Writing, event: Envelope) -> None:
        if event.type == "booking.cancelled":
            await asyncio.Event().wait()
        if event.type == "booking.updated":
            await work.run(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
        await Recorder(desk.keyring).record(work, event)

    in_transaction = InTransaction("audit", desk.engine, strange)

    async def tried(event: Envelope) -> None:
        tries.append(event.type)
        await in_transaction(event)

    monkeypatch.setattr(intake, "_effect", tried)
    monkeypatch.setattr("handlers.delivery.outage.ANSWER_WITHIN", ANSWER_WITHIN)
    async with asyncio.timeout(60):
        with monkeypatch.context() as brief:
            # Of the one that hangs alone: what the others need is the machine's affair.
            brief.setattr(events, "HARD_LIMIT_SECONDS", 0.3)
            await take(intake, event(salon, "booking.cancelled"))
        await take(intake, event(salon, "booking.updated"), event(salon))
    assert tries == ["booking.cancelled", *["booking.updated"] * 3, "booking.created"]
    (shown,) = await listed(desk, salon)
    assert shown["event_type"] == "booking.created"
