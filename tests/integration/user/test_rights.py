"""Who may make and change whom."""

import asyncio
from typing import Any

from contracts.user import commands, queries
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from tests.integration.desk import Desk, code_of
from tests.integration.user.accounts import made
from tests.integration.user.conftest import Tenant
from tests.integration.user.people import MANAGER, OWNER, PLATFORM, STAFF, person


async def test_nobody_grants_what_they_lack(desk: Desk, salon: Tenant) -> None:
    """A manager makes managers, staff and customers, and neither makes nor unmakes an owner."""
    caio = await made(desk, salon, "Caio", roles=["staff"])
    owner: dict[str, Any] = {"email": "new@x.example", "name": "New", "roles": ["owner"]}
    created = await desk.ask(commands.UserCreate, salon.id, MANAGER, **owner)
    promoted = await desk.ask(
        commands.UserUpdate, salon.id, MANAGER, user_id=caio["id"], roles=["staff", "owner"]
    )
    others = [
        await desk.ask(commands.UserUpdate, salon.id, MANAGER, user_id=salon.owner_id, **patch)
        for patch in ({"roles": ["customer"]}, {"active": False}, {"email": "mine@x.example"})
    ]
    deleted = await desk.ask(commands.UserDelete, salon.id, MANAGER, user_id=salon.owner_id)
    fine = await desk.ask(
        commands.UserUpdate, salon.id, MANAGER, user_id=caio["id"], roles=["manager"]
    )

    for reply in (created, promoted, *others, deleted):
        assert code_of(reply) == (403, "forbidden")
    assert fine.body["roles"] == ["manager"]


async def test_staff_give_no_roles(desk: Desk, salon: Tenant) -> None:
    """Without `user:assign_role` one's own roles and activity stay as they are."""
    caio = await made(desk, salon, "Caio", roles=["staff"])
    himself = person("staff", caio["id"])
    for patch in ({"roles": ["manager"]}, {"roles": ["customer"]}, {"active": False}):
        reply = await desk.ask(commands.UserUpdate, salon.id, himself, user_id=caio["id"], **patch)
        assert code_of(reply) == (403, "forbidden")
    same = await desk.ask(
        commands.UserUpdate, salon.id, himself, user_id=caio["id"], roles=["staff"], active=True
    )
    assert (same.status, same.body["version"]) == (200, 1)


async def test_one_changes_oneself(desk: Desk, salon: Tenant) -> None:
    """With `user:update:own` name, phone, locale, zone and attributes are one's own."""
    bia = await made(desk, salon, "Bia", attributes={"shoe": 37, "hat": "M"})
    herself = person("customer", bia["id"])
    reply = await desk.ask(
        commands.UserUpdate,
        salon.id,
        herself,
        user_id=bia["id"],
        name="Beatriz",
        phone="555",
        locale="pt-BR",
        timezone="America/Bahia",
        attributes={"hat": None},
    )

    assert reply.status == 200
    assert (reply.body["name"], reply.body["attributes"]) == ("Beatriz", {"shoe": 37})
    changes = (await desk.events(bia["id"]))[-1].data["changes"]
    assert set(changes) == {"name", "phone", "locale", "timezone", "attributes"}
    assert all(change["redacted"] for change in changes.values())


async def test_others_are_not_there(desk: Desk, salon: Tenant) -> None:
    """Who may see only themselves gets 404 for others; who sees but may not change, 403."""
    bia = await made(desk, salon, "Bia")
    caio = await made(desk, salon, "Caio", roles=["staff"])
    seeing = Actor("user", str(new_id()), (), frozenset({"user:read:any", "user:update:own"}))

    seen = await desk.ask(queries.UserGet, salon.id, STAFF, user_id=bia["id"])
    changed = await desk.ask(commands.UserUpdate, salon.id, STAFF, user_id=bia["id"], name="X")
    refused = await desk.ask(commands.UserUpdate, salon.id, seeing, user_id=bia["id"], name="X")
    unknown = await desk.ask(commands.UserUpdate, salon.id, seeing, user_id=new_id(), name="X")
    own = await desk.ask(queries.UserGet, salon.id, person("staff", caio["id"]), user_id=caio["id"])
    listed = await desk.ask(queries.UserList, salon.id, STAFF)

    assert code_of(seen) == code_of(changed) == code_of(unknown) == (404, "not_found")
    assert code_of(refused) == code_of(listed) == (403, "forbidden")
    assert own.body == caio


async def test_the_last_owner_stays(desk: Desk, salon: Tenant) -> None:
    """Demoting, deactivating and deleting the last owner is 409; with another one it works."""
    it = {"user_id": salon.owner_id}
    attempts = [
        await desk.ask(commands.UserUpdate, salon.id, OWNER, roles=["manager"], **it),
        await desk.ask(commands.UserUpdate, salon.id, OWNER, active=False, **it),
        await desk.ask(commands.UserDelete, salon.id, OWNER, **it),
        await desk.ask(commands.UserDelete, salon.id, PLATFORM, **it),
    ]
    second = await made(desk, salon, "Eva", roles=["owner"])
    idle = await desk.ask(commands.UserUpdate, salon.id, OWNER, active=False, user_id=second["id"])
    still = await desk.ask(commands.UserDelete, salon.id, OWNER, **it)
    await desk.ask(commands.UserUpdate, salon.id, OWNER, active=True, user_id=second["id"])
    gone = await desk.ask(commands.UserDelete, salon.id, OWNER, **it)

    assert {code_of(reply) for reply in (*attempts, still)} == {(409, "last_owner")}
    assert idle.status == 200
    assert gone.status == 204


async def test_two_owners_cannot_undo_each_other(desk: Desk, salon: Tenant) -> None:
    """Of two owners demoted at once, one stays."""
    second = await made(desk, salon, "Eva", roles=["owner"])
    replies = await asyncio.gather(
        *(
            desk.ask(commands.UserUpdate, salon.id, OWNER, user_id=user_id, roles=["staff"])
            for user_id in (salon.owner_id, second["id"])
        )
    )
    assert sorted(reply.status for reply in replies) == [200, 409]
