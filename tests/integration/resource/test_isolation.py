"""Nothing of one tenant is seen or changed by another."""

from typing import Any
from uuid import UUID

from contracts.resource import commands, queries
from contracts.resource.calendar_tokens import ResourceMintCalendarToken
from contracts.wire.identity import new_id
from storage.resource.tables import CALENDAR_TOKEN, CATEGORY, METADATA, OVERRIDE, RESOURCE
from tests.integration.desk import Desk
from tests.integration.isolation import (
    DENIED,
    count,
    refusal_of_a_foreign_row,
    tables_of_tenants,
    tenants_seen,
)


async def furnished(desk: Desk, tenant: UUID) -> dict[str, UUID]:
    """A tenant with a row in each table, and the rows' ids."""
    category = await desk.ask(commands.CategoryCreate, tenant, name="Canary")
    it: dict[str, Any] = {"category_id": category.body["id"]}
    resource = await desk.ask(commands.ResourceCreate, tenant, name="Canary", kind="space", **it)
    override = await desk.ask(
        commands.OverrideCreate,
        tenant,
        resource_id=resource.body["id"],
        override={"date": "2026-12-25", "closed": True},
    )
    mint = ResourceMintCalendarToken
    assert (await desk.ask(mint, tenant, resource_id=resource.body["id"])).status == 201
    return {
        "category_id": category.body["id"],
        "resource_id": resource.body["id"],
        "override_id": override.body["id"],
    }


async def test_row_level_security_alone_keeps_tenants_apart(
    desk: Desk, salon: UUID, clinic: UUID
) -> None:
    """Without any WHERE a tenant sees its own rows; without a tenant nobody sees any."""
    for tenant in (salon, clinic):
        await furnished(desk, tenant)
    for table in tables_of_tenants(METADATA):
        assert await tenants_seen(desk.engine, table, salon) == {salon}, table.name
        assert await count(desk.engine, table) == 0, table.name
        assert await count(desk.administrator, table) > 0, table.name


async def test_no_row_is_written_over_to_another_tenant(
    desk: Desk, salon: UUID, clinic: UUID
) -> None:
    """An UPDATE that would give rows to another tenant is refused by the policy."""
    await furnished(desk, salon)
    for table in (CATEGORY, RESOURCE, OVERRIDE, CALENDAR_TOKEN):
        found = await refusal_of_a_foreign_row(desk.engine, table, salon, clinic)
        assert found == DENIED, table.name


async def test_anothers_object_is_like_none(desk: Desk, salon: UUID, clinic: UUID) -> None:
    """Every message about another tenant's object answers as about a random id: 404."""
    theirs = await furnished(desk, clinic)
    nobodys = {name: new_id() for name in theirs}
    override = {"date": "2026-12-25", "closed": True}

    async def answers(ids: dict[str, Any]) -> list[Any]:
        category, resource = (
            {"category_id": ids["category_id"]},
            {"resource_id": ids["resource_id"]},
        )
        replies = [
            await desk.ask(queries.CategoryGet, salon, **category),
            await desk.ask(commands.CategoryUpdate, salon, name="X", **category),
            await desk.ask(commands.CategoryDelete, salon, **category),
            await desk.ask(commands.CategoryRestore, salon, **category),
            await desk.ask(queries.ResourceGet, salon, **resource),
            await desk.ask(queries.OverrideList, salon, **resource),
            await desk.ask(commands.ResourceUpdate, salon, name="X", **resource),
            await desk.ask(commands.ResourceDelete, salon, **resource),
            await desk.ask(commands.ResourceRestore, salon, **resource),
            await desk.ask(commands.OverrideCreate, salon, override=override, **resource),
            await desk.ask(commands.OverrideDelete, salon, **resource, override_id=new_id()),
            await desk.ask(commands.ResourceCreate, salon, name="X", kind="space", **category),
        ]
        return [(reply.status, reply.problem and reply.problem["code"]) for reply in replies]

    found = await answers(theirs)
    assert found == await answers(nobodys)
    assert set(found) == {(404, "not_found")}
    listed = await desk.ask(queries.ResourceList, salon)
    assert listed.body["items"] == []
