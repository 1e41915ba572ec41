"""What a booking page is told of categories and resources."""

from typing import Any
from uuid import UUID

import orjson

from contracts.resource import commands, queries, views
from contracts.wire.envelope import ANONYMOUS
from tests.integration.desk import Desk, code_of
from tests.integration.resource.furniture import cars, room
from tests.integration.resource.people import OWNER


async def shown(desk: Desk, tenant: UUID, **filters: Any) -> list[dict[str, Any]]:
    reply = await desk.ask(queries.ResourceListPublic, tenant, ANONYMOUS, **filters)
    assert reply.status == 200, reply.problem
    for item in reply.body["items"]:
        views.PublicResourceView.model_validate_json(orjson.dumps(item))
    found: list[dict[str, Any]] = reply.body["items"]
    return found


async def test_only_what_can_be_booked(desk: Desk, salon: UUID) -> None:
    """Neither what is switched off nor what is deleted, nor another tenant's; narrowed by
    category, kind and name."""
    category = await cars(desk, salon)
    await room(desk, salon, name="Sala 1")
    await room(desk, salon, name="Off", active=False)
    await room(desk, salon, name="Kombi", category_id=category, attributes={"plate": "A"})
    gone = await room(desk, salon, name="Gone")
    reply = await desk.ask(commands.ResourceDelete, salon, OWNER, resource_id=gone["id"])
    assert reply.status == 204
    assert [item["name"] for item in await shown(desk, salon)] == ["Sala 1", "Kombi"]
    assert [item["name"] for item in await shown(desk, salon, q="sala")] == ["Sala 1"]
    assert [item["name"] for item in await shown(desk, salon, category_id=category)] == ["Kombi"]
    assert await shown(desk, salon, kind="person") == []
    assert await shown(desk, UUID(int=7)) == []


async def test_attributes_are_shown_as_their_schema_allows(desk: Desk, salon: UUID) -> None:
    """What the category's schema describes and does not call private; nothing that nobody
    described."""
    properties = {
        "plate": {"type": "string", "x-private": True},
        "seats": {"type": "integer"},
    }
    schema = {"type": "object", "properties": properties}
    made = await desk.ask(
        commands.CategoryCreate, salon, OWNER, name="Vans", attribute_schema=schema
    )
    assert made.status == 201, made.problem
    attributes = {"plate": "SECRET-1", "seats": 4, "note": "SECRET-2"}
    await room(desk, salon, category_id=made.body["id"], attributes=attributes)
    await room(desk, salon, attributes={"door code": "SECRET-3"})
    assert [item["attributes"] for item in await shown(desk, salon)] == [{"seats": 4}, {}]


async def test_a_page_of_the_list(desk: Desk, salon: UUID) -> None:
    """The cursor is this list's own, and the tenant's."""
    for number in range(3):
        await room(desk, salon, name=f"Sala {number}")
    first = await desk.ask(queries.ResourceListPublic, salon, ANONYMOUS, limit=2)
    cursor = first.body["next_cursor"]
    rest = await desk.ask(queries.ResourceListPublic, salon, ANONYMOUS, cursor=cursor)
    assert [item["name"] for item in rest.body["items"]] == ["Sala 2"]
    for asked in (
        await desk.ask(queries.ResourceList, salon, OWNER, cursor=cursor),
        await desk.ask(queries.ResourceListPublic, UUID(int=7), ANONYMOUS, cursor=cursor),
    ):
        assert code_of(asked) == (400, "invalid_cursor")


async def test_categories_without_their_schema(desk: Desk, salon: UUID) -> None:
    """Name, description, icon and colour of those that are not deleted."""
    await cars(desk, salon)
    empty = await desk.ask(commands.CategoryCreate, salon, OWNER, name="Empty")
    identity = empty.body["id"]
    gone = await desk.ask(commands.CategoryDelete, salon, OWNER, category_id=identity)
    assert gone.status == 204
    reply = await desk.ask(queries.CategoryListPublic, salon, ANONYMOUS)
    (item,) = reply.body["items"]
    views.PublicCategoryView.model_validate_json(orjson.dumps(item))
    assert item["name"] == "Carros"


async def test_a_tenant_is_needed(desk: Desk) -> None:
    """Without one there is nothing to show."""
    for query in (queries.CategoryListPublic, queries.ResourceListPublic):
        assert code_of(await desk.ask(query, None, ANONYMOUS)) == (400, "tenant_required")
