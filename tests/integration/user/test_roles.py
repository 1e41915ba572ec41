"""An organisation's own roles: what they hold, who may change them, and when."""

import asyncio
from typing import Any

import orjson
import pytest

from contracts.user import commands
from contracts.user.roles import (
    RoleCreate,
    RoleDelete,
    RoleEventState,
    RoleGet,
    RoleList,
    RoleRestore,
    RoleUpdate,
    RoleView,
)
from contracts.wire.envelope import KEY_ROLE, Actor
from contracts.wire.identity import new_id
from domain.user.roles import API_KEY
from handlers.user import roles as role_handlers
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.user.accounts import FRONT, role
from tests.integration.user.conftest import Tenant
from tests.integration.user.people import MANAGER, OWNER, PLATFORM, STAFF


def holding(*permissions: str) -> Actor:
    """Somebody with these permissions, whatever their roles are called."""
    return Actor("user", str(new_id()), ("hr",), frozenset(permissions))


async def test_a_role_is_made_and_told(desk: Desk, salon: Tenant) -> None:
    """Its view, its event and the fact about all of the tenant's roles say the same."""
    view = await role(desk, salon, "Front desk", *FRONT, FRONT[0])
    RoleView.model_validate_json(orjson.dumps(view))
    (event,) = await desk.events(view["id"])
    (fact,) = desk.facts

    assert view["permissions"] == sorted(FRONT)
    assert (event.type, event.sequence) == ("role.created", 1)
    state = {name: value for name, value in event.data.items() if name != "changes"}
    RoleEventState.model_validate_json(orjson.dumps(state))
    assert event.data["changes"]["permissions"] == {"before": None, "after": sorted(FRONT)}
    assert (fact.kind, fact.object_id) == ("roles", salon.id)
    assert orjson.loads(fact.body or b"")["roles"] == {"Front desk": sorted(FRONT)}


async def test_a_name_is_one_roles(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """Taken names, however capitalised, and reserved ones are 409; another tenant may have them."""
    first = await role(desk, salon, "Desk")
    replies = [
        await desk.ask(RoleCreate, salon.id, OWNER, name=name, permissions=[])
        for name in ("Desk", "dESK", "owner", "Manager", "platform_admin", "service", "api_key")
    ]
    second = await role(desk, salon, "Hr")
    renamed = await desk.ask(RoleUpdate, salon.id, OWNER, role_id=second["id"], name="desk")
    same_id = await desk.ask(
        RoleCreate, salon.id, OWNER, id=first["id"], name="other", permissions=[]
    )

    assert {code_of(reply) for reply in (*replies, renamed)} == {(409, "name_in_use")}
    assert code_of(same_id) == (409, "id_in_use")
    await role(desk, clinic, "Desk")


async def test_permissions_are_known_and_held(desk: Desk, salon: Tenant) -> None:
    """Unknown ones, and those of the platform, are named in a 400; those that one lacks are 403."""
    unknown = await desk.ask(
        RoleCreate,
        salon.id,
        PLATFORM,
        name="x",
        permissions=["report:read", "no:such", "*", "tenant:create"],
    )
    hr = holding("role:manage", "report:read")
    lacking = await desk.ask(RoleCreate, salon.id, hr, name="x", permissions=["billing:read"])
    held = await desk.ask(RoleCreate, salon.id, hr, name="x", permissions=["report:read"])
    without = await desk.ask(RoleCreate, salon.id, MANAGER, name="y", permissions=[])
    widened = await desk.ask(
        RoleUpdate, salon.id, hr, role_id=held.body["id"], permissions=["billing:read"]
    )

    assert code_of(unknown) == (400, "unknown_permission")
    assert errors_of(unknown) == {
        (f"permissions.{place}", "unknown_permission") for place in (1, 2, 3)
    }
    assert {code_of(reply) for reply in (lacking, without, widened)} == {(403, "forbidden")}
    assert held.status == 201


async def test_what_is_above_one_is_not_ones_to_change(desk: Desk, salon: Tenant) -> None:
    """Neither widened, nor narrowed, renamed, deleted or restored."""
    above = await role(desk, salon, "books", "billing:read")
    hr = holding("role:manage", "report:read")
    it = {"role_id": above["id"]}
    replies = [
        await desk.ask(RoleUpdate, salon.id, hr, permissions=[], **it),
        await desk.ask(RoleUpdate, salon.id, hr, name="mine", **it),
        await desk.ask(RoleDelete, salon.id, hr, **it),
    ]
    await desk.ask(RoleDelete, salon.id, OWNER, **it)
    replies.append(await desk.ask(RoleRestore, salon.id, hr, **it))
    assert {code_of(reply) for reply in replies} == {(403, "forbidden")}


async def test_changes_at_once_are_all_in_the_fact(desk: Desk, salon: Tenant) -> None:
    """Whoever writes the newest fact has seen what the others wrote."""
    names = [f"role {number}" for number in range(8)]
    await asyncio.gather(*(role(desk, salon, name) for name in names))
    (earlier,) = desk.facts
    await role(desk, salon, "last")
    (fact,) = desk.facts
    assert set(orjson.loads(fact.body or b"")["roles"]) == {*names, "last"}
    assert fact.version > earlier.version


async def test_deleted_and_restored(desk: Desk, salon: Tenant) -> None:
    """Restored it is as it was, unless its name was taken; a stale version is 412."""
    clerk = await role(desk, salon, "clerk")
    it = {"role_id": clerk["id"]}
    early = await desk.ask(RoleRestore, salon.id, OWNER, **it)
    stale = await desk.ask(RoleDelete, salon.id, OWNER, expected_version=7, **it)
    await desk.ask(RoleDelete, salon.id, OWNER, **it)
    other = await role(desk, salon, "clerk")
    collides = await desk.ask(RoleRestore, salon.id, OWNER, **it)
    await desk.ask(RoleDelete, salon.id, OWNER, role_id=other["id"])
    back = await desk.ask(RoleRestore, salon.id, OWNER, **it)

    assert code_of(early) == (409, "not_deleted")
    assert code_of(stale) == (412, "stale_version")
    assert code_of(collides) == (409, "name_in_use")
    assert {**back.body, "version": 1, "updated_at": clerk["updated_at"]} == clerk
    types = [(event.type, event.sequence) for event in await desk.events(clerk["id"])]
    assert types == [("role.created", 1), ("role.deleted", 2), ("role.restored", 3)]


async def test_a_change_of_nothing_is_no_version(desk: Desk, salon: Tenant) -> None:
    """A PATCH that changes nothing makes neither version nor event; a null is refused."""
    clerk = await role(desk, salon, "clerk")
    it = {"role_id": clerk["id"]}
    same = await desk.ask(RoleUpdate, salon.id, OWNER, permissions=[*FRONT, FRONT[0]], **it)
    null = await desk.ask(RoleUpdate, salon.id, OWNER, permissions=None, **it)

    assert same.body == clerk
    assert len(await desk.events(clerk["id"])) == 1
    assert ("permissions", "missing_field") in errors_of(null)


async def test_built_in_roles_are_read_and_no_more(desk: Desk, salon: Tenant) -> None:
    """They have ids, the same everywhere; to change, delete or replace them is refused."""
    owner = role_handlers.BUILT_INS[0]
    it = {"role_id": owner.role_id}
    seen = await desk.ask(RoleGet, salon.id, STAFF, **it)
    refused = [
        await desk.ask(RoleUpdate, salon.id, OWNER, name="boss", **it),
        await desk.ask(RoleDelete, salon.id, OWNER, **it),
        await desk.ask(RoleRestore, salon.id, OWNER, **it),
    ]
    taken = await desk.ask(
        RoleCreate, salon.id, OWNER, id=owner.role_id, name="boss", permissions=[]
    )

    RoleView.model_validate_json(orjson.dumps(seen.body))
    assert (seen.body["name"], seen.body["built_in"]) == ("owner", True)
    assert {code_of(reply) for reply in refused} == {(403, "forbidden")}
    assert code_of(taken) == (409, "id_in_use")


async def test_roles_are_listed_page_by_page(desk: Desk, salon: Tenant) -> None:
    """The built-in ones first, then the own ones by age; deleted ones for administrators."""
    for name in ("a", "b"):
        await role(desk, salon, name)
    gone = await role(desk, salon, "gone")
    await desk.ask(RoleDelete, salon.id, OWNER, role_id=gone["id"])

    async def names(**asked: Any) -> list[str]:
        found, cursor = [], None
        while True:
            more: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
            reply = await desk.ask(RoleList, salon.id, OWNER, limit=3, **asked, **more)
            found += [item["name"] for item in reply.body["items"]]
            cursor = reply.body["next_cursor"]
            if cursor is None:
                return found

    assert await names() == ["owner", "manager", "staff", "customer", "a", "b"]
    assert await names(include_deleted=True) == [*await names(), "gone"]
    hidden = await desk.ask(RoleList, salon.id, MANAGER, include_deleted=True)
    wrong = await desk.ask(RoleList, salon.id, OWNER, cursor="x" * 40)
    assert code_of(hidden) == (403, "forbidden")
    assert code_of(wrong) == (400, "invalid_cursor")


async def test_there_are_only_so_many(
    desk: Desk, salon: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the most that a tenant can have there is 409."""
    monkeypatch.setattr(role_handlers, "MOST_ROLES", 1)
    await role(desk, salon, "first")
    second = await desk.ask(RoleCreate, salon.id, OWNER, name="second", permissions=[])
    assert code_of(second) == (409, "limit_reached")


async def test_anothers_role_is_like_none(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """Every message about another tenant's role answers as about a random id: 404."""
    theirs = await role(desk, clinic, "clerk")
    for role_id in (theirs["id"], new_id()):
        it = {"role_id": role_id}
        replies = [
            await desk.ask(RoleGet, salon.id, OWNER, **it),
            await desk.ask(RoleUpdate, salon.id, OWNER, name="x", **it),
            await desk.ask(RoleDelete, salon.id, OWNER, **it),
            await desk.ask(RoleRestore, salon.id, OWNER, **it),
        ]
        assert {code_of(reply) for reply in replies} == {(404, "not_found")}
    person: dict[str, Any] = {"email": "x@people.example", "name": "X", "roles": ["clerk"]}
    unknown = await desk.ask(commands.UserCreate, salon.id, OWNER, **person)
    assert code_of(unknown) == (400, "unknown_role")


def test_a_key_is_called_the_same_in_both_rooms() -> None:
    """The name that the domain reserves is the role that a key's actor has."""
    assert API_KEY == KEY_ROLE
