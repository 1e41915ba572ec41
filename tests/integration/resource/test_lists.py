"""Lists of resources: what they are found by, and how far a page goes."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.resource import commands, queries
from tests.integration.desk import Desk, code_of
from tests.integration.resource.furniture import cars, room
from tests.integration.resource.people import MANAGER, OWNER, STAFF


async def names(desk: Desk, tenant: UUID, **filters: Any) -> list[str]:
    """The names that a list answers."""
    reply = await desk.ask(queries.ResourceList, tenant, STAFF, **filters)
    assert reply.status == 200, reply.problem
    return [item["name"] for item in reply.body["items"]]


async def test_attributes_are_found_by_what_they_hold(desk: Desk, salon: UUID) -> None:
    """`key:value` finds the text and, where it reads as one, the equal number or boolean."""
    await room(desk, salon, name="text", attributes={"floor": "2", "sea": "true", "q": "a:b"})
    await room(desk, salon, name="number", attributes={"floor": 2, "sea": True})
    await room(desk, salon, name="other", attributes={"floor": 3, "sea": False, "q": "a"})

    assert await names(desk, salon, attribute=["floor:2"]) == ["text", "number"]
    assert await names(desk, salon, attribute=["floor:2.0"]) == ["number"]
    assert await names(desk, salon, attribute=["sea:true"]) == ["text", "number"]
    assert await names(desk, salon, attribute=["sea:false", "floor:3"]) == ["other"]
    assert await names(desk, salon, attribute=["sea:false", "floor:2"]) == []
    assert await names(desk, salon, attribute=["q:a:b"]) == ["text"]
    assert await names(desk, salon, attribute=['floor:"2"']) == []
    assert await names(desk, salon, attribute=["floor:1e999"]) == []


async def test_a_search_takes_signs_for_what_they_are(desk: Desk, salon: UUID) -> None:
    """`q` finds a part of the name without regard to case; %, _ and / stand for themselves."""
    for name in ("Sala ÁGUA", "100% _sala_", "Mesa 1/2"):
        await room(desk, salon, name=name)

    assert await names(desk, salon, q="água") == ["Sala ÁGUA"]
    assert await names(desk, salon, q="SALA") == ["Sala ÁGUA", "100% _sala_"]
    assert await names(desk, salon, q="%") == ["100% _sala_"]
    assert await names(desk, salon, q="_") == ["100% _sala_"]
    assert await names(desk, salon, q="/") == ["Mesa 1/2"]


async def test_a_list_is_narrowed(desk: Desk, salon: UUID) -> None:
    """Category, kind and activity narrow a list."""
    category = await cars(desk, salon)
    await room(desk, salon, name="Ana", kind="person", active=False)
    await room(desk, salon, name="Kombi", category_id=category, attributes={"plate": "A"})

    assert await names(desk, salon, kind="person") == ["Ana"]
    assert await names(desk, salon, active=True) == ["Kombi"]
    assert await names(desk, salon, category_id=category) == ["Kombi"]
    assert await names(desk, salon) == ["Ana", "Kombi"]


async def test_a_page_is_no_longer_than_a_reply(desk: Desk, salon: UUID) -> None:
    """A page ends early when one reply could not carry it, and the cursor goes on from there."""
    for number in range(6):
        await room(desk, salon, name=f"Sala {number}", attributes={"text": "x" * 200_000})
    first = await desk.ask(queries.ResourceList, salon, STAFF)
    rest = await desk.ask(queries.ResourceList, salon, STAFF, cursor=first.body["next_cursor"])

    found = [item["name"] for item in first.body["items"] + rest.body["items"]]
    assert found == [f"Sala {number}" for number in range(6)]
    assert len(first.body["items"]) == 3


async def test_deleted_ones_are_for_administrators(desk: Desk, salon: UUID) -> None:
    """`include_deleted` is 403 for a manager and shows an owner what was deleted."""
    made = await room(desk, salon)
    await desk.ask(commands.ResourceDelete, salon, resource_id=made["id"])
    manager = await desk.ask(queries.ResourceList, salon, MANAGER, include_deleted=True)
    owner = await desk.ask(queries.ResourceList, salon, OWNER, include_deleted=True)

    assert code_of(manager) == (403, "forbidden")
    assert [item["id"] for item in owner.body["items"]] == [made["id"]]


async def test_the_index_serves_a_filter_on_attributes(desk: Desk, salon: UUID) -> None:
    """Both readings of a value are looked up in the GIN index, among many resources."""
    async with desk.administrator.connect() as connection:
        # Taken back with the connection; twenty thousand rows take as long as they take.
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(
            text("""
                INSERT INTO resource (tenant_id, resource_id, name, name_key, kind, description,
                    capacity, attributes, active, version, created_at, updated_at)
                SELECT CASE n % 5 WHEN 0 THEN :tenant ELSE gen_random_uuid() END,
                    gen_random_uuid(), '', '', 'space', '', 1,
                    jsonb_build_object('floor', n), true, 1, now(), now()
                FROM generate_series(1, 20000) AS n
            """),
            {"tenant": salon},
        )
        await connection.execute(text("SELECT gin_clean_pending_list('ix_resource_attributes')"))
        await connection.execute(text("ANALYZE resource"))
        plan = await connection.scalars(
            text("""
                EXPLAIN SELECT resource_id FROM resource WHERE tenant_id = :tenant
                AND (attributes @> '{"floor": "2"}' OR attributes @> '{"floor": 2}')
            """),
            {"tenant": salon},
        )
        found = "\n".join(plan)
    assert found.count("Bitmap Index Scan on ix_resource_attributes") == 2
    assert "Seq Scan" not in found
