"""Giving users an organisation's own roles, and what comes of it."""

import asyncio
from typing import Any

import orjson

from contracts.user import commands
from contracts.user.roles import RoleDelete, RoleGet, RoleUpdate
from contracts.wire.envelope import ANONYMOUS, Actor
from contracts.wire.identity import new_id
from domain.user.roles import BUILT_IN_ROLES
from tests.integration.desk import Desk, code_of
from tests.integration.user.accounts import made, role
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.people import MANAGER, OWNER


async def test_a_role_gives_what_it_holds(desk: Desk, salon: Tenant) -> None:
    """A token's scope is the union of built-in and own roles, and follows a change."""
    clerk = await role(desk, salon, "clerk", "report:read", "booking:read:any")
    bia = await made(desk, salon, "Bia", roles=["customer", "clerk"], password=PASSWORD)

    async def scope() -> set[str]:
        reply = await desk.ask(
            commands.AuthToken,
            None,
            ANONYMOUS,
            tenant=salon.slug,
            email=bia["email"],
            password=PASSWORD,
        )
        return set(reply.body["scope"].split())

    before = await scope()
    changed = await desk.ask(
        RoleUpdate, salon.id, OWNER, role_id=clerk["id"], permissions=["audit:read"]
    )
    assert before == BUILT_IN_ROLES["customer"] | {"report:read", "booking:read:any"}
    assert (changed.status, changed.body["version"]) == (200, 2)
    assert await scope() == BUILT_IN_ROLES["customer"] | {"audit:read"}


async def test_who_makes_users_gives_them_no_roles(desk: Desk, salon: Tenant) -> None:
    """`user:create` alone makes customers; another role takes `user:assign_role`, as it does of
    users who are there."""
    held = BUILT_IN_ROLES["staff"] | {"user:create"}
    desk_clerk = Actor("user", str(new_id()), ("clerk",), held)
    person: dict[str, Any] = {"email": "y@people.example", "name": "Y"}
    for roles in (["staff"], ["customer", "staff"], []):
        denied = await desk.ask(commands.UserCreate, salon.id, desk_clerk, **person, roles=roles)
        assert code_of(denied) == (403, "forbidden"), roles
    assert (await desk.ask(commands.UserCreate, salon.id, desk_clerk, **person)).status == 201


async def test_a_role_above_ones_own_is_not_given(desk: Desk, salon: Tenant) -> None:
    """A manager gives and takes an own role that holds no more than theirs, and no other."""
    await role(desk, salon, "clerk", "report:read")
    await role(desk, salon, "books", "billing:read")
    person: dict[str, Any] = {"email": "x@people.example", "name": "X"}
    refused = await desk.ask(commands.UserCreate, salon.id, MANAGER, **person, roles=["books"])
    fine = await desk.ask(commands.UserCreate, salon.id, MANAGER, **person, roles=["clerk"])
    unknown = await desk.ask(
        commands.UserUpdate, salon.id, MANAGER, user_id=fine.body["id"], roles=["ghost"]
    )
    await desk.ask(
        commands.UserUpdate, salon.id, OWNER, user_id=fine.body["id"], roles=["clerk", "books"]
    )
    above = [
        await desk.ask(
            commands.UserUpdate, salon.id, MANAGER, user_id=fine.body["id"], roles=["clerk"]
        ),
        await desk.ask(commands.UserDelete, salon.id, MANAGER, user_id=fine.body["id"]),
    ]

    assert code_of(refused) == (403, "forbidden")
    assert fine.status == 201
    assert code_of(unknown) == (400, "unknown_role")
    assert {code_of(reply) for reply in above} == {(403, "forbidden")}


async def test_a_role_in_use_stays(desk: Desk, salon: Tenant) -> None:
    """While somebody holds it, it is neither deleted nor renamed (409); afterwards both work."""
    clerk = await role(desk, salon, "clerk")
    bia = await made(desk, salon, "Bia", roles=["clerk"])
    it = {"role_id": clerk["id"]}
    refused = [
        await desk.ask(RoleDelete, salon.id, OWNER, **it),
        await desk.ask(RoleUpdate, salon.id, OWNER, name="scribe", **it),
    ]
    await desk.ask(commands.UserUpdate, salon.id, OWNER, user_id=bia["id"], roles=["customer"])
    renamed = await desk.ask(RoleUpdate, salon.id, OWNER, name="scribe", **it)
    gone = await desk.ask(RoleDelete, salon.id, OWNER, **it)
    missing = await desk.ask(RoleGet, salon.id, OWNER, **it)

    assert {code_of(reply) for reply in refused} == {(409, "in_use")}
    assert renamed.body["name"] == "scribe"
    assert (gone.status, gone.body) == (204, None)
    assert orjson.loads(desk.facts[0].body or b"")["roles"] == {}
    assert code_of(missing) == (404, "not_found")


async def test_a_role_is_not_given_while_it_goes(desk: Desk, salon: Tenant) -> None:
    """Given and deleted at once: nobody ends up with a role that is not there."""
    clerk = await role(desk, salon, "clerk")
    bia = await made(desk, salon, "Bia")
    given, gone = await asyncio.gather(
        desk.ask(commands.UserUpdate, salon.id, OWNER, user_id=bia["id"], roles=["clerk"]),
        desk.ask(RoleDelete, salon.id, OWNER, role_id=clerk["id"]),
    )
    assert (code_of(given), code_of(gone)) in (
        ((200, None), (409, "in_use")),
        ((400, "unknown_role"), (204, None)),
    )


async def test_a_fact_says_what_tokens_say(desk: Desk, salon: Tenant) -> None:
    """A permission that a role has kept from an older version is in neither."""
    clerk = await role(desk, salon, "clerk", "report:read")
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE role SET permissions = permissions || '{no:more}'"
            f" WHERE role_id = '{clerk['id']}'"
        )
    await role(desk, salon, "other", "audit:read")
    (fact,) = desk.facts
    roles = orjson.loads(fact.body or b"")["roles"]
    assert roles == {"clerk": ["report:read"], "other": ["audit:read"]}
