"""What was deleted long ago, and people who were erased."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.resource.commands import CategoryCreate, CategoryDelete
from contracts.user import commands as users
from contracts.user.personal_data import UserErase
from contracts.user.roles import RoleCreate, RoleDelete
from contracts.wire.envelope import SYSTEM
from contracts.wire.identity import new_id
from storage.user.purging import people_to_erase
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk
from tests.integration.forgetting.clock import LATELY, LONG_AGO, aged, forget
from tests.integration.patience import patient_client
from tests.integration.user.people import OWNER


@pytest.mark.parametrize(("age", "left"), [(LONG_AGO, 0), (LATELY, 1)])
async def test_what_was_deleted_long_ago_goes(
    desks: dict[str, Desk],
    timers: dict[str, AsyncEngine],
    cache: ValkeyServer,
    age: str,
    left: int,
) -> None:
    """Categories and roles that were deleted so long ago are gone, and others are there."""
    tenant = new_id()
    made: list[tuple[Desk, str, str]] = []
    for context, table, create, delete in (
        ("resource", "category", CategoryCreate, CategoryDelete),
        ("user", "role", RoleCreate, RoleDelete),
    ):
        desk = desks[context]
        more: dict[str, Any] = {"permissions": []} if table == "role" else {}
        for name in ("kept", "gone"):
            reply = await desk.ask(create, tenant, OWNER, name=name, **more)
            assert reply.status == 201
            made.append((desk, table, reply.body["id"]))
        named: dict[str, Any] = {f"{table}_id": made[-1][2]}
        assert (await desk.ask(delete, tenant, OWNER, **named)).status == 204
        await aged(
            desk,
            f"UPDATE {table} SET deleted_at = clock_timestamp() - {age}"
            f" WHERE tenant_id = :it AND deleted_at IS NOT NULL",
            it=tenant,
        )
    await forget(timers, cache)
    counts = [
        len(await desk.rows(f"SELECT 1 FROM {table} WHERE {table}_id = :it", it=UUID(identity)))
        for desk, table, identity in made
    ]
    assert counts == [1, left, 1, left]


async def test_people_who_were_deleted_long_ago_are_erased(
    desks: dict[str, Desk], timers: dict[str, AsyncEngine], cache: ValkeyServer
) -> None:
    """A command of the platform's own asks for it, which is the same however often it is sent."""
    tenant, desk = new_id(), desks["user"]
    desk.neighbours = [desks["reservation"]]
    reply = await desk.ask(users.UserCreate, tenant, OWNER, email="plum@x.example", name="Plum")
    user_id = reply.body["id"]
    assert (await desk.ask(users.UserDelete, tenant, OWNER, user_id=user_id)).status == 204
    await aged(
        desk,
        f"UPDATE account SET deleted_at = clock_timestamp() - {LONG_AGO} WHERE tenant_id = :it",
        it=tenant,
    )
    client = patient_client(cache.url)
    await client.delete("user.commands")
    await forget(timers, cache)
    await forget(timers, cache)
    entries: Any = await client.xrange("user.commands")
    await client.aclose()
    of_them = [fields for _, fields in entries if fields[b"subject"].decode() == f"user/{user_id}"]
    assert len(of_them) == 2
    assert of_them[0][b"id"] == of_them[1][b"id"]
    assert of_them[0][b"type"] == b"user.erase"


async def test_whoever_was_just_erased_is_erased_once_more(
    desks: dict[str, Desk], timers: dict[str, AsyncEngine], cache: ValkeyServer
) -> None:
    """A minute later, and not before: what was under way when they were erased has ended then."""
    tenant, desk = new_id(), desks["user"]
    desk.neighbours = [desks["reservation"]]
    reply = await desk.ask(users.UserCreate, tenant, OWNER, email="plum@x.example", name="Plum")
    user_id = reply.body["id"]
    assert (await desk.ask(UserErase, tenant, OWNER, user_id=user_id)).status == 200
    engine = timers["user"]
    assert UUID(user_id) not in {one.user_id for one in await people_to_erase(engine, 90)}
    await aged(
        desk,
        "UPDATE account SET erased_at = erased_at - interval '61 s' WHERE tenant_id = :it",
        it=tenant,
    )
    (due,) = [one for one in await people_to_erase(engine, 90) if one.tenant_id == tenant]
    again = await desk.ask(UserErase, tenant, SYSTEM, user_id=str(due.user_id))
    assert again.status == 200
    sent = await desk.sent("booking.erase_person", tenant)
    assert len(sent) == 2
