"""Users: what they may be, what is said of them, and what they are found by."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.user import commands, queries
from contracts.user.views import UserEventState, UserView
from contracts.wire.identity import NIL, new_id
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.user.accounts import made
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.people import MANAGER, OWNER, PLATFORM


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
    assert orjson.loads(fact.body or b"") == {
        "id": str(view.id),
        "active": True,
        "roles": ["customer"],
        "version": 1,
    }


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
