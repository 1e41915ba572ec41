"""What is refused at the gateway for want of a permission stands in the audit trail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
import pytest_asyncio
import redis

from contracts.wire.codec import decode
from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.identity import new_id
from contracts.wire.sealing import Keyring
from gateway.edge.api_keys import KEY
from tests.gateway.house import SECRET, House, in_one_task, opened
from tests.gateway.machines import Registry, new_key
from tests.gateway.routes import ROUTES, Row
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, ALICE, GLOBEX
from tests.waiting import eventually

Notices = Callable[[int], Awaitable[list[Envelope]]]
HOOK = "/tenants/{tenant}/webhooks/{hook}"


@pytest_asyncio.fixture
async def own_house(own_valkey: ValkeyServer, tmp_path: Path) -> AsyncIterator[House]:
    """A gateway that has noticed nobody yet."""
    async with in_one_task(opened(own_valkey.url, tmp_path)) as house:
        yield house


@pytest.fixture
def notices(own_valkey: ValkeyServer) -> Iterator[Notices]:
    """What is on its way to the trail, once it is so many."""
    client = redis.Redis.from_url(own_valkey.url)

    def read() -> list[Envelope]:
        entries: Any = client.xrange("audit.commands")
        return [decode(fields) for _, fields in entries]

    async def so_many(count: int) -> list[Envelope]:
        await eventually(lambda: len(read()) >= count, within_seconds=5)
        found = read()
        assert len(found) == count
        return found

    yield so_many
    client.close()


async def test_what_the_platform_reads_of_a_tenant(own_house: House, notices: Notices) -> None:
    """It stands in that tenant's trail, once for what is read again and again; what is changed does
    so by its own event, and what is nobody's or one's own leaves nothing."""
    there = {"x-tenant-id": str(ACME)}
    user = f"/users/{new_id()}"
    for _ in range(3):
        await own_house.call("GET", user, "user:read:any", tenant=None, headers=there)
    await own_house.call("GET", f"/tenants/{ACME}/settings", "tenant:read", tenant=None)
    await own_house.call("GET", user, "user:read:any")
    await own_house.call("GET", "/tenants/", "tenant:create", tenant=None)
    await own_house.call("POST", "/resources/", "resource:create", tenant=None, headers=there)
    told = await notices(2)
    assert [one.tenant_id for one in told] == [ACME, ACME]
    shown = [(said(one)["operation"], said(one)["subject"]) for one in told]
    assert shown == [
        ("user.get", user.lstrip("/").replace("users", "user")),
        ("tenant.get_settings", f"tenant/{ACME}"),
    ]
    assert {said(one)["event_type"] for one in told} == {"platform.read"}
    assert {said(one)["outcome"] for one in told} == {"succeeded"}
    assert {said(one)["requested_by"]["kind"] for one in told} == {"platform"}


def said(envelope: Envelope) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(envelope.data)
    return document


async def test_a_refusal_says_who_what_when_and_from_where(
    own_house: House, notices: Notices
) -> None:
    """Without the permission there is 403, and a notice of it in the caller's tenant."""
    hook = str(new_id())
    path = HOOK.format(tenant=ACME, hook=hook)
    headers = {"x-request-id": "asked-once"}
    answer = await own_house.call("DELETE", path, "resource:read", headers=headers)
    assert answer.status_code == 403
    (notice,) = await notices(1)
    assert (notice.type, notice.actor, notice.tenant_id) == ("audit.record", SYSTEM, ACME)
    assert notice.channel == "http"
    assert Keyring(SECRET).open(notice.address) == b"127.0.0.1"
    assert notice.correlation_id == "asked-once"
    assert notice.time
    assert said(notice) == {
        "event_type": "permission.refused",
        "outcome": "refused",
        "requested_by": {"kind": "user", "id": str(ALICE), "roles": ["owner"]},
        "subject": f"webhook/{hook}",
        "operation": "webhook.delete",
        "reason": "forbidden",
    }


async def test_what_the_platform_alone_may_is_in_the_callers_trail(
    own_house: House, notices: Notices
) -> None:
    """Whoever tries what only the platform may is seen in their own tenant."""
    assert (await own_house.call("POST", "/tenants/", "tenant:read", json={})).status_code == 403
    (notice,) = await notices(1)
    assert (notice.tenant_id, said(notice)["operation"]) == (ACME, "tenant.create")


async def test_a_platform_administrator_is_seen_where_they_act(
    own_house: House, notices: Notices
) -> None:
    """In the tenant that they name, or in none."""
    for headers, tenant_id in (({"x-tenant-id": str(GLOBEX)}, GLOBEX), ({}, None)):
        path = "/resources/" if headers else "/tenants/"
        answer = await own_house.call("GET", path, "x:y", tenant=None, headers=headers)
        assert answer.status_code == 403
        found = await notices(1 if tenant_id else 2)
        assert found[-1].tenant_id == tenant_id


async def test_a_machine_is_seen_by_its_key(own_house: House, notices: Notices) -> None:
    """A key that lacks the scope is named by its id."""
    registry = Registry()
    registry.said = registry.known(scopes=["tenant:read"])
    own_house.peer.script = registry
    key = new_key()
    assert KEY.match(key)
    answer = await own_house.client.get("/resources/", headers={"x-api-key": key})
    assert answer.status_code == 403
    (notice,) = await notices(1)
    assert said(notice)["requested_by"]["kind"] == "service"
    assert notice.tenant_id == ACME


async def test_a_key_is_noticed_where_it_is_good_for_nothing(
    own_house: House, notices: Notices
) -> None:
    """A key that is used from an address that it is not for, or after its end: 401 like any other,
    and a notice in its tenant by its id."""
    key_id = str(new_id())
    cases: list[tuple[dict[str, Any], str]] = [
        ({"cidrs": ["198.51.100.0/24"]}, "address_not_allowed"),
        ({"expires_at": "2026-01-01T00:00:00Z"}, "expired"),
    ]
    for place, (changed, reason) in enumerate(cases, 1):
        registry = Registry()
        registry.said = registry.known(apikey_id=key_id, **changed)
        own_house.peer.script = registry
        answer = await own_house.client.get("/resources/", headers={"x-api-key": new_key()})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        notice = (await notices(place))[-1]
        assert (said(notice)["event_type"], said(notice)["reason"]) == (
            "apikey.use_refused",
            reason,
        )
        assert said(notice)["requested_by"]["id"] == key_id
        assert (said(notice)["subject"], notice.tenant_id) == (f"apikey/{key_id}", ACME)


async def test_who_asks_again_and_again_leaves_little(own_house: House, notices: Notices) -> None:
    """A thousand refusals are one notice now and one when the gateway stops or the minute ends."""
    # Not in one turn of the loop: it would last so long that Redis seems to be away.
    for _ in range(20):
        calls = [own_house.call("GET", "/users/", "x:y") for _ in range(50)]
        statuses = {answer.status_code for answer in await asyncio.gather(*calls)}
        assert statuses == {403}
    await notices(1)
    await own_house.parts.trail.stop()
    _, rest = await notices(2)
    assert said(rest)["times"] == 999
    assert said(rest)["until"] >= rest.time


async def test_another_tenants_object_is_no_refusal(own_house: House, notices: Notices) -> None:
    """404 and 401 leave no notice: who sees nothing was refused nothing, and a stranger is
    nobody."""
    path = HOOK.format(tenant=GLOBEX, hook=new_id())
    assert (await own_house.call("DELETE", path, "x:y")).status_code == 404
    assert (await own_house.client.get("/users/")).status_code == 401
    await own_house.parts.trail.stop()
    await notices(0)


async def test_nobody_waits_for_a_notice(own_house: House, own_valkey: ValkeyServer) -> None:
    """Where Redis hangs the answer is the same, and the notice is lost with it."""
    own_valkey.freeze()
    try:
        await eventually(lambda: not own_house.parts.streams.alive, within_seconds=5)
        answer = await own_house.call("GET", "/users/", "x:y")
        assert answer.status_code == 403
    finally:
        own_valkey.thaw()


@pytest.mark.parametrize(
    "row", [row for row in ROUTES if row.permission], ids=lambda row: f"{row.method} {row.type}"
)
async def test_every_operation_that_takes_a_permission(
    house: House, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is noticed by the type of its message, and about the object that its path names."""
    seen: list[tuple[str, UUID | None]] = []
    trail = house.parts.trail
    monkeypatch.setattr(
        type(trail), "notice", lambda _, one: seen.append((one.operation, one.tenant_id))
    )
    tenant = None if row.platform else ACME
    sent = {} if row.body is None else {"json": row.body}
    answer: httpx.Response = await house.call(row.method, row.path, "x:y", tenant=tenant, **sent)
    assert answer.status_code == 403
    assert seen == [(row.type, ACME if row.tenant else None)]
