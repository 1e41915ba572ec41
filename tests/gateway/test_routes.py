"""Every route says the right thing on the right stream, for the right tenant and permission."""

import re
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.reply import Reply
from contracts.wire.sealing import Keyring, open_fields
from gateway.app import CONTROLLERS
from tests.gateway.house import SECRET, House
from tests.gateway.routes import ID, ROUTES, Row
from tests.gateway.signer import ACME, ALICE, GLOBEX, ROOT

FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")
SEALED = {
    "auth.token": ("password", "email"),
    "auth.refresh": ("refresh_token",),
    "auth.logout": ("refresh_token",),
    "auth.change_password": ("current_password", "new_password"),
    "auth.change_email": ("email", "current_password"),
    "auth.confirm_email": ("code",),
    "auth.reset_password": ("code", "new_password"),
    "auth.register": ("email",),
    "auth.confirm_registration": ("code", "name", "password", "phone"),
    "webhook.create": ("url",),
    "webhook.update": ("url",),
    "booking.cancel": ("reason",),
    "booking.list": ("q",),
    "user.list": ("q",),
    "tenant.create": ("owner.password", "owner.email", "owner.name"),
    "user.create": ("password", "email", "name", "phone", "attributes"),
}


def named(row: Row) -> str:
    return f"{row.method} {row.path}".replace(ID, "ID").replace(str(ACME), "ACME")


def answering(row: Row) -> Any:
    body = None if row.status == 204 else {"id": ID, "version": 3}
    return lambda _: Reply(row.status, body)


async def called(house: House, row: Row, *permissions: str) -> Any:
    sent: dict[str, Any] = {} if row.body is None else {"json": row.body}
    if not row.signed_in:
        return await house.client.request(row.method, row.path, **sent)
    tenant = None if row.platform else ACME
    return await house.call(row.method, row.path, *permissions, tenant=tenant, **sent)


def said(envelope: Envelope) -> Any:
    return orjson.loads(open_fields(envelope.data, SEALED.get(envelope.type, ()), Keyring(SECRET)))


@pytest.mark.parametrize("row", ROUTES, ids=named)
async def test_a_route_says_its_message(house: House, row: Row) -> None:
    """The message has the row's type, stream, data, tenant and subject, and its reply answers."""
    house.peer.script = answering(row)
    answer = await called(house, row, row.permission)
    assert answer.status_code == row.status, answer.text
    (heard,) = house.peer.heard
    stream, envelope = heard
    assert (stream, envelope.type, envelope.subject) == (row.stream, row.type, row.subject)
    assert said(envelope) == (row.data or row.body or {})
    assert envelope.source == "gateway/gateway-1"
    assert envelope.reply_to == "gateway-1"
    assert envelope.dataschema == f"urn:slotstream:{row.type}:1"
    whose = ACME if row.tenant and row.signed_in else None
    assert envelope.tenant_id == whose
    is_command = row.stream.endswith(".commands")
    assert bool(FINGERPRINT.match(envelope.fingerprint)) is is_command
    assert envelope.ttl_ms == (25_000 if is_command else 5_000)
    who = {False: "anonymous", True: f"platform:{ROOT}" if row.platform else f"user:{ALICE}"}
    assert envelope.actor.label == who[row.signed_in]


@pytest.mark.parametrize("row", [row for row in ROUTES if row.permission], ids=named)
async def test_a_permission_is_needed(house: House, row: Row) -> None:
    """A caller without the permission gets 403, and nothing reaches a stream."""
    answer = await called(house, row, "another:permission")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert house.peer.heard == []


@pytest.mark.parametrize("row", [row for row in ROUTES if row.signed_in], ids=named)
async def test_a_caller_is_needed(house: House, row: Row) -> None:
    """Without credentials there is 401 with a challenge, and nothing reaches a stream."""
    answer = await house.client.request(row.method, row.path, json=row.body)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert house.peer.heard == []


@pytest.mark.parametrize(
    "row", [row for row in ROUTES if row.path.startswith(f"/tenants/{ACME}")], ids=named
)
async def test_another_tenant_is_not_found(house: House, row: Row) -> None:
    """Somebody of another tenant gets 404 from a tenant's path, whatever they hold."""
    answer = await house.call(row.method, row.path, row.permission, tenant=GLOBEX, json=row.body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert house.peer.heard == []


@pytest.mark.parametrize(
    "row", [row for row in ROUTES if ID in row.path and "operations" not in row.path], ids=named
)
async def test_an_id_that_is_none_is_not_found(house: House, row: Row) -> None:
    """A path id that is no UUID is 404."""
    tenant = None if row.platform else ACME
    path = row.path.replace(ID, "not-an-id")
    answer = await house.call(row.method, path, row.permission, tenant=tenant, json=row.body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("row", ROUTES, ids=named)
async def test_a_slash_at_the_end_says_nothing(house: House, row: Row) -> None:
    """With or without a trailing slash a route is the same."""
    path, mark, query = row.path.partition("?")
    other = path.rstrip("/") if path.endswith("/") else f"{path}/"
    turned = Row(**{**row.__dict__, "path": f"{other}{mark}{query}"})
    house.peer.script = answering(row)
    assert (await called(house, turned, row.permission)).status_code == row.status


@pytest.mark.parametrize("row", [row for row in ROUTES if row.method != "GET"], ids=named)
async def test_a_change_takes_no_parameters(house: House, row: Row) -> None:
    """A query parameter that no route knows is refused, on changes too."""
    surprising = Row(**{**row.__dict__, "path": f"{row.path}?surprise=1"})
    answer = await called(house, surprising, row.permission)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert house.peer.heard == []


def test_every_operation_is_named() -> None:
    """Each route has an operation id of its own and a summary."""
    handlers = [
        handler
        for controller in CONTROLLERS
        for handler in vars(controller).values()
        if hasattr(handler, "operation_id")
    ]
    ids = [handler.operation_id for handler in handlers]
    assert len(ids) == len(set(ids))
    assert all(handler.operation_id and handler.summary for handler in handlers)


async def test_a_platform_administrator_names_a_tenant(house: House) -> None:
    """X-Tenant-ID decides the tenant of a platform administrator's message."""
    headers = {"x-tenant-id": str(GLOBEX)}
    await house.call("GET", "/resources/", "resource:read", tenant=None, headers=headers)
    assert house.peer.last.tenant_id == GLOBEX
    assert house.peer.last.actor.kind == "platform"


@pytest.mark.parametrize("named_tenant", ["", "acme", "{0}", str(GLOBEX) + "x"])
async def test_a_platform_administrator_must_name_one(house: House, named_tenant: str) -> None:
    """Without a tenant's id a call about a tenant's objects is 400 tenant_required."""
    headers = {"x-tenant-id": named_tenant} if named_tenant else {}
    answer = await house.call("GET", "/resources/", "resource:read", tenant=None, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "tenant_required")


@pytest.mark.parametrize(("tenant", "status"), [(ACME, 200), (GLOBEX, 404), ("acme", 404)])
async def test_a_user_names_no_other_tenant(house: House, tenant: UUID | str, status: int) -> None:
    """X-Tenant-ID of a user's own tenant changes nothing; any other is 404."""
    headers = {"x-tenant-id": str(tenant)}
    answer = await house.call("GET", "/resources/", "resource:read", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("own", "named", "expected"),
    [
        (None, ACME, 200),
        (None, GLOBEX, 400),
        (None, "acme", 400),
        (ACME, ACME, 200),
        (ACME, GLOBEX, 404),
    ],
)
async def test_path_and_header_name_one_tenant(
    house: House, own: UUID | None, named: UUID | str, expected: int
) -> None:
    """Where they differ nothing is done in either: 400 for the platform, 404 for others."""
    path, headers = f"/tenants/{ACME}/settings", {"x-tenant-id": str(named)}
    house.peer.heard.clear()
    answer = await house.call("GET", path, "tenant:read", tenant=own, headers=headers)
    assert answer.status_code == expected
    assert (answer.status_code == 400) == ("tenant_mismatch" in answer.text)
    assert len(house.peer.heard) == (1 if expected == 200 else 0)


async def test_an_operation_of_no_context_is_not_found(house: House) -> None:
    """/operations/{context} knows the four contexts."""
    answer = await house.call("GET", f"/operations/audits/{ID}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
