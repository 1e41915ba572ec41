"""Users: who may make and change whom, and what is said of them."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.user import commands, queries
from contracts.user.views import UserEventState, UserView
from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL, new_id
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.people import MANAGER, OWNER, PLATFORM, STAFF, person


async def made(desk: Desk, tenant: Tenant, name: str, **fields: Any) -> dict[str, Any]:
    """A new user's view."""
    address = f"{name.lower()}@people.example"
    reply = await desk.ask(
        commands.UserCreate, tenant.id, OWNER, **{"email": address, "name": name, **fields}
    )
    assert reply.status == 201, reply.problem
    found: dict[str, Any] = reply.body
    return found


async def test_a_user_is_answered_told_and_known(desk: Desk, salon: Tenant) -> None:
    """A creation answers a UserView, makes one event without the person, and one fact."""
    bia = await made(desk, salon, "Bia", phone="+55 11 91234-5678", attributes={"vip": True})

    view = UserView.model_validate_json(orjson.dumps(bia))
    assert (view.roles, view.active, view.version) == (("customer",), True, 1)
    (event,) = await desk.events(view.id)
    assert (event.type, event.sequence, event.stream) == ("user.created", 1, "user.events")
    state = {name: value for name, value in event.data.items() if name != "changes"}
    UserEventState.model_validate_json(orjson.dumps(state))
    assert event.data["changes"]["roles"] == {"before": None, "after": ["customer"]}
    redacted = {"before": None, "after": None, "redacted": True}
    assert event.data["changes"]["email"] == event.data["changes"]["phone"] == redacted
    (fact,) = desk.facts
    assert (fact.kind, fact.object_id, fact.version) == ("user", view.id, 1)
    assert orjson.loads(fact.body or b"") == {"id": str(view.id), "active": True, "version": 1}


async def test_nothing_personal_is_stored_in_the_open(desk: Desk, salon: Tenant) -> None:
    """Neither the outbox nor a stored reply holds name, address, phone, password or its hash."""
    command = new_id()
    reply = await desk.ask(
        commands.UserCreate,
        salon.id,
        OWNER,
        command_id=command,
        email="canary@people.example",
        name="Canary Bird",
        phone="555-0199",
        password=PASSWORD,
        attributes={"note": "canary note"},
    )
    await desk.ask(
        commands.UserUpdate, salon.id, OWNER, user_id=reply.body["id"], name="Canary Wing"
    )
    kept = await desk.rows(
        "SELECT reply || coalesce(effects, '') FROM inbox WHERE tenant_id = :t", t=salon.id
    )
    kept += await desk.rows("SELECT fields::text FROM outbox WHERE tenant_id = :t", t=salon.id)

    for row in kept:
        for secret in ("canary", "Canary", "0199", PASSWORD, "argon2"):
            assert secret not in row[0]
    assert "password" not in orjson.dumps(reply.body).decode()
    again = await desk.ask(
        commands.UserCreate,
        salon.id,
        OWNER,
        command_id=command,
        email="canary@people.example",
        name="Canary Bird",
        phone="555-0199",
        password=PASSWORD,
        attributes={"note": "canary note"},
    )
    assert (again.body, again.replayed) == (reply.body, True)


async def test_an_address_is_one_user(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """Addresses are unique in a tenant without regard to case, at creation and change."""
    await made(desk, salon, "Bia")
    caio = await made(desk, salon, "Caio")
    again = await desk.ask(
        commands.UserCreate, salon.id, OWNER, email="BIA@People.Example", name="Other"
    )
    moved = await desk.ask(
        commands.UserUpdate, salon.id, OWNER, user_id=caio["id"], email="Bia@people.example"
    )
    own = await desk.ask(
        commands.UserUpdate, salon.id, OWNER, user_id=caio["id"], email="CAIO@people.example"
    )

    assert code_of(again) == code_of(moved) == (409, "email_in_use")
    assert own.body["email"] == "CAIO@people.example"
    assert (await made(desk, clinic, "Bia"))["version"] == 1


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"email": "nobody"}, (400, "invalid_email")),
        ({"password": "short"}, (400, "invalid_password")),
        ({"password": "password123456"}, (400, "invalid_password")),
        ({"roles": ["wizard"]}, (400, "unknown_role")),
        ({"roles": ["platform_admin"]}, (400, "unknown_role")),
        ({"attributes": {"text": "x" * 70_000}}, (400, "invalid_attributes")),
    ],
)
async def test_what_a_user_cannot_be(
    desk: Desk, salon: Tenant, fields: dict[str, Any], outcome: tuple[int, str]
) -> None:
    """Address, password, roles and attributes are checked before anything is stored."""
    whole = {"email": "bia@people.example", "name": "Bia", **fields}
    assert code_of(await desk.ask(commands.UserCreate, salon.id, OWNER, **whole)) == outcome


async def test_an_id_is_taken_once(desk: Desk, salon: Tenant) -> None:
    """A second creation with a taken id is 409 `id_in_use`."""
    bia = await made(desk, salon, "Bia")
    reply = await desk.ask(
        commands.UserCreate, salon.id, OWNER, id=bia["id"], email="x@people.example", name="X"
    )
    assert code_of(reply) == (409, "id_in_use")


async def test_nobody_grants_what_they_lack(desk: Desk, salon: Tenant) -> None:
    """A manager makes managers, staff and customers, and neither makes nor unmakes an owner."""
    caio = await made(desk, salon, "Caio", roles=["staff"])
    owner = {"email": "new@people.example", "name": "New", "roles": ["owner"]}
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
    """With `user:update:own` name, phone, locale, zone, attributes and address are one's own."""
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
        email="beatriz@people.example",
    )

    assert reply.status == 200
    assert (reply.body["name"], reply.body["attributes"]) == ("Beatriz", {"shoe": 37})
    changes = (await desk.events(bia["id"]))[-1].data["changes"]
    assert set(changes) == {"name", "phone", "locale", "timezone", "attributes", "email"}
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


async def test_a_deleted_user_is_hidden_and_comes_back(desk: Desk, salon: Tenant) -> None:
    """Deleted it is 404, a tombstone, and its address free; restored unless that was taken."""
    bia = await made(desk, salon, "Bia")
    it = {"user_id": bia["id"]}
    early = await desk.ask(commands.UserRestore, salon.id, OWNER, **it)
    stale = await desk.ask(commands.UserDelete, salon.id, OWNER, expected_version=9, **it)
    gone = await desk.ask(commands.UserDelete, salon.id, OWNER, **it)
    tombstone = desk.facts[0]
    hidden = await desk.ask(queries.UserGet, salon.id, OWNER, **it)
    other = await made(desk, salon, "Bia")
    collides = await desk.ask(commands.UserRestore, salon.id, OWNER, **it)
    await desk.ask(commands.UserDelete, salon.id, OWNER, user_id=other["id"])
    back = await desk.ask(commands.UserRestore, salon.id, OWNER, **it)

    assert code_of(early) == (409, "not_deleted")
    assert code_of(stale) == (412, "stale_version")
    assert (gone.status, gone.body) == (204, None)
    assert (tombstone.body, tombstone.version) == (None, 2)
    assert code_of(hidden) == (404, "not_found")
    assert code_of(collides) == (409, "email_in_use")
    assert {**back.body, "version": 1, "updated_at": bia["updated_at"]} == bia
    types = [(event.type, event.sequence) for event in await desk.events(bia["id"])]
    assert types == [("user.created", 1), ("user.deleted", 2), ("user.restored", 3)]


async def test_a_change_of_nothing_is_no_version(desk: Desk, salon: Tenant) -> None:
    """A PATCH that changes nothing makes neither version nor event; a null name is refused."""
    bia = await made(desk, salon, "Bia")
    same = await desk.ask(commands.UserUpdate, salon.id, OWNER, user_id=bia["id"], name="Bia")
    null = await desk.ask(commands.UserUpdate, salon.id, OWNER, user_id=bia["id"], name=None)

    assert same.body == bia
    assert len(await desk.events(bia["id"])) == 1
    assert ("name", "missing_field") in errors_of(null)


async def test_users_are_found(desk: Desk, salon: Tenant) -> None:
    """Lists are narrowed by a part of name or address, role and activity, and go page by page."""
    await made(desk, salon, "Bia", roles=["staff"])
    await made(desk, salon, "Ávila", active=False)

    async def names(**filters: Any) -> list[str]:
        reply = await desk.ask(queries.UserList, salon.id, OWNER, **filters)
        return [item["name"] for item in reply.body["items"]]

    assert await names() == ["Dona", "Bia", "Ávila"]
    assert await names(q="áVI") == ["Ávila"]
    assert await names(q="@salon.") == ["Dona"]
    assert await names(q="%") == []
    assert await names(role="staff") == ["Bia"]
    assert await names(active=False) == ["Ávila"]
    first = await desk.ask(queries.UserList, salon.id, OWNER, limit=2)
    cursor = first.body["next_cursor"]
    assert await names(limit=2, cursor=cursor) == ["Ávila"]
    assert code_of(await desk.ask(queries.UserList, salon.id, OWNER, cursor="x" * 40)) == (
        400,
        "invalid_cursor",
    )


async def test_deleted_ones_are_for_administrators(desk: Desk, salon: Tenant) -> None:
    """`include_deleted` is 403 for a manager and shows an owner who was deleted."""
    bia = await made(desk, salon, "Bia")
    await desk.ask(commands.UserDelete, salon.id, OWNER, user_id=bia["id"])
    manager = await desk.ask(queries.UserList, salon.id, MANAGER, include_deleted=True)
    owner = await desk.ask(queries.UserList, salon.id, OWNER, include_deleted=True)

    assert code_of(manager) == (403, "forbidden")
    assert bia["id"] in [item["id"] for item in owner.body["items"]]


@pytest.mark.parametrize("tenant_id", [None, NIL])
async def test_the_platform_has_no_users(desk: Desk, tenant_id: UUID | None) -> None:
    """Without a tenant nobody is listed, shown or made: 400 `tenant_required`."""
    replies = [
        await desk.ask(queries.UserList, tenant_id, PLATFORM),
        await desk.ask(queries.UserGet, tenant_id, PLATFORM, user_id=new_id()),
        await desk.ask(
            commands.UserCreate, tenant_id, PLATFORM, email="x@people.example", name="X"
        ),
    ]
    assert {code_of(reply) for reply in replies} == {(400, "tenant_required")}
