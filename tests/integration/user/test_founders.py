"""A tenant's owner, and what is known of tenants by their events."""

from typing import Any
from uuid import UUID

import orjson

from contracts.user import commands, queries
from contracts.user.roles import RoleList, RoleView
from contracts.user.views import PermissionView
from contracts.wire.envelope import ANONYMOUS, Envelope
from contracts.wire.identity import new_id
from domain.user.roles import PERMISSIONS
from handlers.user.directory import keep_directory
from storage.delivery.transaction import writing
from tests.integration.desk import Desk, code_of
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.people import STAFF, person


async def hear(desk: Desk, tenant_id: UUID, version: int, **state: Any) -> None:
    """The directory's consumer takes an event of this tenant."""
    tenant = {"id": str(tenant_id), "version": version, "deleted_at": None, **state}
    envelope = Envelope(
        id=new_id(),
        type="tenant.updated",
        source="tenant",
        tenant_id=tenant_id,
        data=orjson.dumps({**tenant, "changes": {}}),
    )
    transaction = writing(
        desk.engine,
        tenant_id,
        envelope.id,
        fingerprint="",
        actor="",
        reply_to="",
        traceparent="",
    )
    async with transaction as (work, _):
        await keep_directory(work, envelope)


async def status_at(desk: Desk, tenant: Tenant, slug: str) -> int:
    """What signing in as the owner under this slug answers."""
    reply = await desk.ask(
        commands.AuthToken,
        None,
        ANONYMOUS,
        tenant=slug,
        email=tenant.owner_email,
        password=PASSWORD,
    )
    return reply.status


async def test_an_owner_completes_the_tenant(desk: Desk) -> None:
    """The owner can sign in at once, and the tenant context is told under the platform."""
    tenant_id, creation_id, owner_id = new_id(), new_id(), new_id()
    tenant = Tenant(tenant_id, f"slug-{tenant_id}", owner_id, "dona@salon.example")
    await desk.ask(
        commands.UserCreateOwner,
        tenant_id,
        user_id=owner_id,
        creation_id=creation_id,
        slug=tenant.slug,
        email=tenant.owner_email,
        name="Dona",
        password=PASSWORD,
    )

    (told,) = await desk.sent("tenant.complete_provisioning", tenant_id)
    assert told.stream == "tenant.commands"
    assert "tenantid" not in told.fields
    assert told.data == {
        "tenant_id": str(tenant_id),
        "creation_id": str(creation_id),
        "problem": None,
    }
    assert await status_at(desk, tenant, tenant.slug) == 200
    assert [event.type for event in await desk.events(owner_id)] == ["user.created"]


async def test_a_final_refusal_is_told_too(desk: Desk) -> None:
    """A bad password or address makes no owner; the tenant context gets the problem."""
    for email, password, code in (
        ("dona@salon.example", "short", "invalid_password"),
        ("dona", PASSWORD, "invalid_email"),
    ):
        tenant_id, owner_id = new_id(), new_id()
        reply = await desk.ask(
            commands.UserCreateOwner,
            tenant_id,
            user_id=owner_id,
            creation_id=new_id(),
            slug=f"slug-{tenant_id}",
            email=email,
            name="Dona",
            password=password,
        )
        (told,) = await desk.sent("tenant.complete_provisioning", tenant_id)
        assert reply.status == 200
        assert told.data["problem"]["code"] == code
        assert await desk.events(owner_id) == []


async def test_only_the_system_makes_owners(desk: Desk) -> None:
    """No caller's permission admits `user.create_owner`."""
    reply = await desk.ask(
        commands.UserCreateOwner,
        new_id(),
        person("owner"),
        user_id=new_id(),
        creation_id=new_id(),
        slug="mine",
        email="x@people.example",
        name="X",
        password=PASSWORD,
    )
    assert code_of(reply) == (403, "forbidden")


async def test_a_tenant_that_is_out_lets_nobody_in(desk: Desk, salon: Tenant) -> None:
    """Suspended or deleted: sign-in and refresh are 401 like any other; restored, 200."""
    signed_in = await desk.ask(
        commands.AuthToken,
        None,
        ANONYMOUS,
        tenant=salon.slug,
        email=salon.owner_email,
        password=PASSWORD,
    )
    token = signed_in.body["refresh_token"]
    for version, out in (
        (2, {"status": "suspended"}),
        (3, {"status": "active", "deleted_at": "2026-01-01T00:00:00Z"}),
    ):
        await hear(desk, salon.id, version, slug=salon.slug, **out)
        refreshed = await desk.ask(commands.AuthRefresh, None, ANONYMOUS, refresh_token=token)
        assert await status_at(desk, salon, salon.slug) == 401
        assert code_of(refreshed) == (401, "invalid_token")
    await hear(desk, salon.id, 4, slug=salon.slug, status="active")
    assert await status_at(desk, salon, salon.slug) == 200


async def test_older_news_change_nothing(desk: Desk, salon: Tenant) -> None:
    """The newest version stays, in whatever order events come."""
    await hear(desk, salon.id, 5, slug="newest", status="active")
    await hear(desk, salon.id, 4, slug="older", status="suspended")
    await hear(desk, salon.id, 5, slug="same", status="suspended")

    assert await status_at(desk, salon, "newest") == 200
    assert await status_at(desk, salon, "older") == 401
    await hear(desk, salon.id, 6, slug=salon.slug, status="active")
    assert await status_at(desk, salon, "newest") == 401


async def test_a_slug_passes_from_one_tenant_to_another(
    desk: Desk, salon: Tenant, clinic: Tenant
) -> None:
    """The new owner of a slug may be heard of before the old one gave it up."""
    await hear(desk, clinic.id, 2, slug=salon.slug, status="active")
    await hear(desk, salon.id, 2, slug=f"{salon.slug}-2", status="active")

    assert await status_at(desk, clinic, salon.slug) == 200
    assert await status_at(desk, salon, salon.slug) == 401
    assert await status_at(desk, salon, f"{salon.slug}-2") == 200


async def test_roles_and_permissions_are_listed(desk: Desk, salon: Tenant) -> None:
    """All permissions with what they allow, and the four built-in roles with theirs."""
    permissions = await desk.ask(queries.PermissionList, salon.id, STAFF)
    roles = await desk.ask(RoleList, salon.id, STAFF)

    listed = [
        PermissionView.model_validate_json(orjson.dumps(item)).name
        for item in permissions.body["items"]
    ]
    assert listed == list(PERMISSIONS)
    views = [RoleView.model_validate_json(orjson.dumps(item)) for item in roles.body["items"]]
    assert [view.name for view in views] == ["owner", "manager", "staff", "customer"]
    assert "user:create" in views[1].permissions
