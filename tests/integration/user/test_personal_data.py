"""A person is given out to whoever may see them, and erased for good."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contracts.user import commands, credentials, personal_data, preferences, queries
from contracts.wire.envelope import ANONYMOUS, SYSTEM, Actor
from contracts.wire.identity import new_id
from tests.integration.desk import Desk, code_of
from tests.integration.user.accounts import made
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.door import refresh, sign_in
from tests.integration.user.people import MANAGER, OWNER, STAFF, person

PLUM = "plum"


@pytest_asyncio.fixture
async def desks(desk: Desk, reservations: Desk) -> AsyncIterator[Desk]:
    """The user context, with reservation beside it."""
    desk.neighbours = [reservations]
    yield desk
    desk.neighbours = []


async def plum(desk: Desk, salon: Tenant, **fields: Any) -> dict[str, Any]:
    """Somebody of whom every field says something."""
    return await made(
        desk,
        salon,
        "Plum",
        email="plum@people.example",
        phone="555-plum",
        password=PASSWORD,
        attributes={"told": "plum jam"},
        locale="pt-BR",
        **fields,
    )


async def everything(desk: Desk, tenant: Tenant) -> str:
    """Every row of the tenant in this database, as text."""
    tables = await desk.rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a"
        " ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind = 'r'"
    )
    found = [
        str(row)
        for (table,) in tables
        for row in await desk.rows(
            f"SELECT to_jsonb(t) FROM {table} t WHERE tenant_id = :tenant",
            tenant=tenant.id,
        )
    ]
    return "\n".join(found).casefold()


async def test_an_erased_person_is_nowhere(desks: Desk, salon: Tenant) -> None:
    """No row says their name, address, phone or attributes, nor does a mail's code; an id stays."""
    user = await plum(desks, salon)
    forgot = await desks.ask(
        credentials.PasswordForgot, None, ANONYMOUS, tenant=salon.slug, email="plum@people.example"
    )
    assert forgot.status == 202
    assert PLUM in await everything(desks, salon)
    reply = await desks.ask(personal_data.UserErase, salon.id, OWNER, user_id=user["id"])
    assert reply.status == 200, reply.problem
    view = personal_data.ErasureView.model_validate(reply.body, strict=False)
    assert str(view.id) == user["id"]
    assert PLUM not in await everything(desks, salon)
    events = await desks.events(user["id"])
    assert [(one.type, one.sequence) for one in events] == [
        ("user.created", 1),
        ("user.erased", 2),
    ]


async def test_an_erased_person_is_out_and_stays_out(desks: Desk, salon: Tenant) -> None:
    """They cannot sign in, refresh or be restored, and their address is free for somebody else."""
    user = await plum(desks, salon)
    entered = await sign_in(desks, salon, email="plum@people.example")
    assert entered.status == 200
    await desks.ask(personal_data.UserErase, salon.id, OWNER, user_id=user["id"])
    ended = {fact.kind for fact in desks.facts if fact.body is None}
    assert ended == {"user", "session"}
    assert code_of(await sign_in(desks, salon, email="plum@people.example"))[0] == 401
    assert (await refresh(desks, entered.body["refresh_token"])).status == 401
    restored = await desks.ask(commands.UserRestore, salon.id, OWNER, user_id=user["id"])
    assert code_of(restored) == (409, "erased")
    assert code_of(await desks.ask(queries.UserGet, salon.id, OWNER, user_id=user["id"])) == (
        404,
        "not_found",
    )
    again = await plum(desks, salon)
    assert again["id"] != user["id"]


async def test_whoever_was_deleted_can_be_erased(desks: Desk, salon: Tenant) -> None:
    """Erasing again answers the same instant; another version than the expected changes nothing."""
    user = await plum(desks, salon)
    await desks.ask(commands.UserDelete, salon.id, OWNER, user_id=user["id"])
    stale = await desks.ask(
        personal_data.UserErase, salon.id, OWNER, user_id=user["id"], expected_version=1
    )
    assert code_of(stale) == (412, "stale_version")
    first = await desks.ask(personal_data.UserErase, salon.id, OWNER, user_id=user["id"])
    second = await desks.ask(personal_data.UserErase, salon.id, OWNER, user_id=user["id"])
    assert first.status == second.status == 200
    assert first.body == second.body
    assert len(await desks.events(user["id"])) == 3


async def test_who_may_erase_whom(desks: Desk, salon: Tenant, clinic: Tenant) -> None:
    """Nobody above oneself, not the last owner, nobody of another tenant, and not without right."""
    owner = {"user_id": salon.owner_id}
    boss = person("owner", salon.owner_id)
    for actor, tenant, code in (
        (MANAGER, salon, (403, "forbidden")),
        (boss, salon, (409, "last_owner")),
        (OWNER, clinic, (404, "not_found")),
        (STAFF, salon, (403, "forbidden")),
    ):
        reply = await desks.ask(personal_data.UserErase, tenant.id, actor, **owner)
        assert code_of(reply) == code
    assert (await sign_in(desks, salon)).status == 200


async def test_a_completion_of_nothing_is_nothing(desks: Desk, salon: Tenant) -> None:
    """What reservation says of somebody who was not erased erases nobody."""
    user = await plum(desks, salon)
    reply = await desks.ask(
        personal_data.UserCompleteErasure,
        salon.id,
        SYSTEM,
        change_id=new_id(),
        user_id=user["id"],
        requested_by={"kind": "user", "id": str(new_id()), "roles": ["owner"]},
    )
    assert reply.status == 200
    assert (await desks.ask(queries.UserGet, salon.id, OWNER, user_id=user["id"])).status == 200


async def test_an_export_takes_all_that_is_in_it(desks: Desk, salon: Tenant) -> None:
    """Seeing a user is not seeing their bookings and what they did: who lacks either is told so.
    Who is deleted is there for administrators alone."""
    user = await plum(desks, salon)
    seeing = Actor("user", str(new_id()), ("front",), frozenset({"user:read:any"}))
    for actor in (MANAGER, seeing):
        reply = await desks.ask(personal_data.UserExport, salon.id, actor, user_id=user["id"])
        assert code_of(reply) == (403, "forbidden")
    await desks.ask(commands.UserDelete, salon.id, OWNER, user_id=user["id"])
    whole = frozenset({"user:read:any", "booking:read:any", "audit:read"})
    keeper = Actor("user", str(new_id()), ("keeper",), whole)
    reply = await desks.ask(personal_data.UserExport, salon.id, keeper, user_id=user["id"])
    assert code_of(reply) == (404, "not_found")


@pytest.mark.parametrize("actor", [STAFF, person("customer")])
async def test_an_export_is_for_oneself_and_for_those_who_see_everybody(
    desks: Desk, salon: Tenant, actor: Any
) -> None:
    """Who may see themselves alone finds nobody else, whoever that is."""
    user = await plum(desks, salon)
    for user_id in (user["id"], str(new_id())):
        reply = await desks.ask(personal_data.UserExport, salon.id, actor, user_id=user_id)
        assert code_of(reply) == (404, "not_found")


async def test_what_they_wanted_goes_with_the_person(desks: Desk, salon: Tenant) -> None:
    """Of somebody who was erased nothing is kept of which messages they wanted."""
    user = await made(desks, salon, "Bia")
    wish = {"user_id": user["id"], "sms": {"booking.moved": True}}
    await desks.ask(preferences.UserSetPreferences, salon.id, OWNER, **wish)
    await desks.ask(personal_data.UserErase, salon.id, OWNER, user_id=user["id"])

    rows = await desks.rows(
        "SELECT notification_preferences::text FROM account WHERE user_id = :u", u=user["id"]
    )
    assert [row[0] for row in rows] == ["{}"]
