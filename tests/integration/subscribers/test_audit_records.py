"""What a record says: from where and by which way, and what was noticed that is no event."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.subscriber.audit import AuditExportPerson, AuditList, AuditNotice
from contracts.wire.envelope import ANONYMOUS, HTTP, INGRESS, SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.sealing import Keyring
from contracts.wire.strict import rfc3339
from handlers.subscribers.audit import audit_routes
from handlers.subscribers.auditing import Recorder, recording_routes
from storage.delivery.engine import make_engine
from storage.delivery.transaction import writing
from storage.subscriber.audit import forget_addresses
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases

HOME = "203.0.113.7"
ANA = Actor("user", str(new_id()), ("staff",))
OWNER = Actor("user", str(new_id()), ("owner",), frozenset({"audit:read"}))
MANAGER = Actor("user", str(new_id()), ("manager",), frozenset({"audit:read:booking"}))


@pytest_asyncio.fixture
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    found = Desk.at("audit", databases.of("subscriber"))
    found.serve((*audit_routes(SECRET), *recording_routes(found.keyring)))
    yield found
    await found.close()


@pytest_asyncio.fixture
async def timer(databases: Databases) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(databases.of("subscriber").timer, connections=1, name="timer")
    yield engine
    await engine.dispose()


@pytest.fixture
def salon() -> UUID:
    return new_id()


def event(desk: Desk, tenant_id: UUID, actor: Actor = ANA, **fields: Any) -> Envelope:
    return Envelope(
        **{
            "id": new_id(),
            "type": "booking.created",
            "source": "reservation",
            "subject": "booking/1",
            # An address of long ago would be forgotten.
            "time": rfc3339(datetime.now(UTC)),
            "tenant_id": tenant_id,
            "actor": actor,
            "sequence": 1,
            "data": orjson.dumps({"changes": {}}),
            "channel": HTTP,
            "address": desk.keyring.seal(HOME.encode()),
            **fields,
        }
    )


async def recorded(desk: Desk, said: Envelope) -> None:
    transaction = writing(
        desk.engine, said.tenant_id, new_id(), fingerprint="", actor="", reply_to="", traceparent=""
    )
    async with transaction as (work, _):
        await Recorder(desk.keyring).record(work, said)


async def listed(desk: Desk, tenant_id: UUID, actor: Actor = OWNER, **fields: Any) -> list[Any]:
    items: list[Any] = (await desk.ask(AuditList, tenant_id, actor, **fields)).body["items"]
    return items


async def aged(desk: Desk, days: int, tenant_id: UUID) -> None:
    async with desk.administrator.begin() as connection:
        statement = (
            "UPDATE audit_address SET at = clock_timestamp() - make_interval(days => :days)"
            " WHERE tenant_id = :tenant"
        )
        await connection.execute(text(statement), {"days": days, "tenant": tenant_id})


async def test_a_record_says_from_where(desk: Desk, salon: UUID) -> None:
    """The address that the event was sealed with, and the way that it came in by."""
    await recorded(desk, event(desk, salon))
    (shown,) = await listed(desk, salon)
    assert (shown["channel"], shown["address"]) == (HTTP, HOME)
    assert (shown["outcome"], shown["count"], shown["until"]) == ("succeeded", 1, None)


async def test_what_the_system_does_comes_from_nowhere(desk: Desk, salon: UUID) -> None:
    """Without a channel and an address there are none in the record."""
    await recorded(desk, event(desk, salon, SYSTEM, channel="", address=""))
    (shown,) = await listed(desk, salon)
    assert (shown["channel"], shown["address"]) == (None, None)


async def test_an_address_that_cannot_be_opened_is_not_known(desk: Desk, salon: UUID) -> None:
    """What was sealed under a key that is no more makes a record without an address."""
    await recorded(desk, event(desk, salon, address=Keyring("another").seal(HOME.encode())))
    (shown,) = await listed(desk, salon)
    assert (shown["channel"], shown["address"]) == (HTTP, None)


async def test_addresses_are_for_those_who_may_read_everything(desk: Desk, salon: UUID) -> None:
    """Whoever may read the trail of bookings alone is shown no address."""
    await recorded(desk, event(desk, salon))
    (shown,) = await listed(desk, salon, MANAGER)
    assert (shown["channel"], shown["address"]) == (HTTP, None)


async def test_a_notice_is_one_record(desk: Desk, salon: UUID) -> None:
    """A notice that comes again makes no second record; what it says is shown."""
    notice = {
        "event_type": "permission.refused",
        "outcome": "refused",
        "requested_by": {"kind": "user", "id": ANA.id, "roles": ["staff"]},
        "subject": "webhook/1",
        "operation": "webhook.delete",
        "reason": "forbidden",
        "times": 12,
        "until": "2026-11-24T09:01:00Z",
    }
    one = Envelope(
        new_id(),
        "audit.record",
        "gateway/gateway-1",
        orjson.dumps(notice),
        time="2026-11-24T09:00:00Z",
        tenant_id=salon,
        actor=SYSTEM,
        channel=HTTP,
        address=desk.keyring.seal(HOME.encode()),
    )
    for _ in range(3):
        await desk.deliver(one)
    (shown,) = await listed(desk, salon)
    assert (shown["id"], shown["event_type"]) == (str(one.id), "permission.refused")
    assert shown["actor"] == {"kind": "user", "id": ANA.id, "roles": ["staff"]}
    told = [shown[name] for name in ("outcome", "operation", "reason", "subject", "context")]
    assert told == ["refused", "webhook.delete", "forbidden", "webhook/1", "gateway"]
    assert (shown["count"], shown["until"]) == (12, "2026-11-24T09:01:00Z")
    assert shown["address"] == HOME


async def test_nobody_but_the_system_gives_notice(desk: Desk, salon: UUID) -> None:
    """An owner writes no record of their own making."""
    made_up: dict[str, Any] = {"kind": "system", "id": None, "roles": []}
    notice: dict[str, Any] = {"event_type": "x", "outcome": "refused", "requested_by": made_up}
    assert (await desk.ask(AuditNotice, salon, OWNER, **notice)).status == 403


async def test_the_trail_is_narrowed_by_outcome(desk: Desk, salon: UUID) -> None:
    """`outcome` shows what was done, or what was refused."""
    await recorded(desk, event(desk, salon))
    assert len(await listed(desk, salon, outcome="succeeded")) == 1
    assert await listed(desk, salon, outcome="refused") == []


async def test_a_person_is_given_their_own_addresses_alone(desk: Desk, salon: UUID) -> None:
    """The export of a person has the addresses that they acted from and those that tried their
    account, and not that of a colleague who changed it."""
    about = f"user/{ANA.id}"
    await recorded(desk, event(desk, salon))
    await recorded(desk, event(desk, salon, OWNER, type="user.updated", subject=about))
    tried = {"type": "auth.sign_in_failed", "subject": about}
    await recorded(desk, event(desk, salon, ANONYMOUS, **tried))
    reply = await desk.ask(AuditExportPerson, salon, SYSTEM, user_id=ANA.id)
    found = {one["event_type"]: one["address"] for one in reply.body["items"]}
    assert found == {"booking.created": HOME, "auth.sign_in_failed": HOME, "user.updated": None}


async def test_old_addresses_go_and_records_stay(
    desk: Desk, timer: AsyncEngine, salon: UUID
) -> None:
    """After the retention the timers' role deletes addresses of every tenant; younger ones stay."""
    other = new_id()
    for tenant_id, days in ((salon, 181), (other, 179)):
        await recorded(desk, event(desk, tenant_id))
        await aged(desk, days, tenant_id)
    await forget_addresses(timer, 180)
    assert [one["address"] for one in await listed(desk, salon)] == [None]
    assert [one["address"] for one in await listed(desk, other)] == [HOME]


async def test_addresses_of_the_erased_go_with_them(
    desk: Desk, timer: AsyncEngine, salon: UUID
) -> None:
    """Once somebody was erased, the addresses that they acted from and those that tried their
    account are deleted; those of others stay, in other tenants too."""
    about = f"user/{ANA.id}"
    for tenant_id in (salon, other := new_id()):
        await recorded(desk, event(desk, tenant_id))
        tried = {"type": "auth.sign_in_failed", "subject": about}
        await recorded(desk, event(desk, tenant_id, ANONYMOUS, **tried))
    await recorded(desk, event(desk, salon, OWNER, type="user.erased", subject=about))
    await forget_addresses(timer, 180)
    found = {one["event_type"]: one["address"] for one in await listed(desk, salon)}
    assert found == {"booking.created": None, "auth.sign_in_failed": None, "user.erased": HOME}
    assert {one["address"] for one in await listed(desk, other)} == {HOME}


async def test_a_publisher_has_a_way_and_no_address(desk: Desk, salon: UUID) -> None:
    """What came by the ingress says so."""
    till = Actor("service", "till")
    await recorded(desk, event(desk, salon, till, channel=INGRESS, address=""))
    (shown,) = await listed(desk, salon)
    assert (shown["channel"], shown["address"], shown["actor"]["id"]) == (INGRESS, None, "till")


DENIED = [
    *(
        (role, f"{statement} {table}{rest}")
        for role in ("app", "relay", "timer")
        for table, column in (("audit_record", "actor_label"), ("audit_address", "address"))
        for statement, rest in (("UPDATE", f" SET {column} = ''"), ("TRUNCATE", ""))
    ),
    *((role, "DELETE FROM audit_record") for role in ("app", "relay", "timer")),
    *((role, "DELETE FROM audit_address") for role in ("app", "relay")),
    ("timer", "INSERT INTO audit_record DEFAULT VALUES"),
    ("timer", "SELECT address FROM audit_address"),
    ("timer", "SELECT actor FROM audit_record"),
]


@pytest.mark.parametrize(("role", "statement"), DENIED)
async def test_nobody_edits_the_trail(databases: Databases, role: str, statement: str) -> None:
    """No role that we run as updates, deletes or truncates records or addresses, but that the
    timers delete addresses, which they cannot read."""
    connection = await asyncpg.connect(getattr(databases.of("subscriber"), role))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_timers_see_of_the_trail_who_was_erased(
    desk: Desk, databases: Databases, salon: UUID
) -> None:
    """Of all records a policy shows them those of erasures, and of those only whose they are."""
    await recorded(desk, event(desk, salon))
    await recorded(desk, event(desk, salon, OWNER, type="user.erased", subject=f"user/{ANA.id}"))
    connection = await asyncpg.connect(databases.of("subscriber").timer)
    try:
        rows = await connection.fetch("SELECT tenant_id, event_type, subject FROM audit_record")
    finally:
        await connection.close()
    assert {row["event_type"] for row in rows} == {"user.erased"}
    assert (salon, f"user/{ANA.id}") in [(UUID(str(row[0])), row[2]) for row in rows]
