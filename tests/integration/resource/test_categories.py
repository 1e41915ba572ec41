"""Categories: what they may be, and what their changes leave behind."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.resource import commands, queries
from contracts.resource.views import CategoryView
from contracts.wire.identity import NIL, new_id
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.resource.people import MANAGER, OWNER, PLATFORM, STAFF


async def test_a_category_is_answered_told_and_known(desk: Desk, salon: UUID) -> None:
    """A creation answers a CategoryView, makes one event of version 1 and one fact."""
    reply = await desk.ask(commands.CategoryCreate, salon, OWNER, name="Cabeleireiros")

    assert reply.status == 201
    view = CategoryView.model_validate_json(orjson.dumps(reply.body))
    assert (view.name, view.version, view.tenant_id) == ("Cabeleireiros", 1, salon)
    (event,) = await desk.events(view.id)
    assert (event.type, event.sequence, event.stream) == ("category.created", 1, "resource.events")
    assert {**event.data, "changes": None} == {**reply.body, "changes": None}
    assert event.data["changes"]["name"] == {"before": None, "after": "Cabeleireiros"}
    (fact,) = desk.facts
    assert (fact.kind, fact.object_id, fact.version) == ("category", view.id, 1)
    assert fact.body == orjson.dumps(reply.body)


async def test_a_name_is_one_category_whatever_its_case(
    desk: Desk, salon: UUID, clinic: UUID
) -> None:
    """Names are unique in a tenant without regard to case, beyond ASCII too; elsewhere free."""
    await desk.ask(commands.CategoryCreate, salon, name="Físio")
    again = await desk.ask(commands.CategoryCreate, salon, name="FÍSIO")
    elsewhere = await desk.ask(commands.CategoryCreate, clinic, name="Físio")

    assert code_of(again) == (409, "name_in_use")
    assert elsewhere.status == 201


async def test_an_id_is_taken_once(desk: Desk, salon: UUID, clinic: UUID) -> None:
    """A second creation with a taken id is 409 `id_in_use`, in this tenant alone."""
    rooms = new_id()
    await desk.ask(commands.CategoryCreate, salon, id=rooms, name="Salas")
    again = await desk.ask(commands.CategoryCreate, salon, id=rooms, name="Quadras")
    elsewhere = await desk.ask(commands.CategoryCreate, clinic, id=rooms, name="Quadras")

    assert code_of(again) == (409, "id_in_use")
    assert elsewhere.status == 201


async def test_a_repetition_makes_nothing_more(desk: Desk, salon: UUID) -> None:
    """The same command delivered twice: one category, one event, the first answer again."""
    command = new_id()
    first = await desk.ask(commands.CategoryCreate, salon, command_id=command, name="Macas")
    second = await desk.ask(commands.CategoryCreate, salon, command_id=command, name="Macas")

    assert (second.body, second.replayed) == (first.body, True)
    assert len(await desk.events(first.body["id"])) == 1


async def test_a_change_tells_what_it_changed(desk: Desk, salon: UUID) -> None:
    """A merge patch changes what it names; null takes back; the event has before and after."""
    made = await desk.ask(commands.CategoryCreate, salon, name="Salas", icon="x", color="#00ff00")
    reply = await desk.ask(
        commands.CategoryUpdate,
        salon,
        category_id=made.body["id"],
        name="Quartos",
        icon=None,
        expected_version=1,
    )

    assert (reply.body["name"], reply.body["icon"], reply.body["color"]) == (
        "Quartos",
        None,
        "#00ff00",
    )
    assert reply.body["version"] == 2
    event = (await desk.events(made.body["id"]))[-1]
    assert event.data["changes"] == {
        "name": {"before": "Salas", "after": "Quartos"},
        "icon": {"before": "x", "after": None},
    }


async def test_a_change_of_nothing_is_no_version(desk: Desk, salon: UUID) -> None:
    """A PATCH that changes nothing makes neither version nor event."""
    made = await desk.ask(commands.CategoryCreate, salon, name="Salas")
    reply = await desk.ask(
        commands.CategoryUpdate, salon, category_id=made.body["id"], name="Salas"
    )

    assert (reply.status, reply.body["version"]) == (200, 1)
    assert len(await desk.events(made.body["id"])) == 1


async def test_a_name_cannot_be_taken_away(desk: Desk, salon: UUID) -> None:
    """A null for what has no default is 400, and names the field."""
    made = await desk.ask(commands.CategoryCreate, salon, name="Salas")
    reply = await desk.ask(commands.CategoryUpdate, salon, category_id=made.body["id"], name=None)

    assert code_of(reply) == (400, "validation_failed")
    assert ("name", "missing_field") in errors_of(reply)


async def test_an_old_version_is_refused(desk: Desk, salon: UUID) -> None:
    """If-Match of another version is 412 for a change, a deletion and a restoration."""
    made = await desk.ask(commands.CategoryCreate, salon, name="Salas")
    known = {"category_id": made.body["id"], "expected_version": 7}

    assert code_of(await desk.ask(commands.CategoryUpdate, salon, name="Quartos", **known)) == (
        412,
        "stale_version",
    )
    assert code_of(await desk.ask(commands.CategoryDelete, salon, **known))[0] == 412
    assert code_of(await desk.ask(commands.CategoryRestore, salon, **known))[0] == 412


async def test_a_renaming_meets_the_names_of_others(desk: Desk, salon: UUID) -> None:
    """A change to a name that another category has is 409 `name_in_use`; to one's own is not."""
    await desk.ask(commands.CategoryCreate, salon, name="Salas")
    made = await desk.ask(commands.CategoryCreate, salon, name="Quartos")
    taken = await desk.ask(
        commands.CategoryUpdate, salon, category_id=made.body["id"], name="SALAS"
    )
    own = await desk.ask(
        commands.CategoryUpdate, salon, category_id=made.body["id"], name="QUARTOS"
    )

    assert code_of(taken) == (409, "name_in_use")
    assert own.body["name"] == "QUARTOS"


async def test_a_category_with_resources_stays(desk: Desk, salon: UUID) -> None:
    """Deleting one that live resources belong to is 409 `in_use`; once they are gone it goes."""
    made = await desk.ask(commands.CategoryCreate, salon, name="Salas")
    room = await desk.ask(
        commands.ResourceCreate, salon, name="Sala 1", kind="space", category_id=made.body["id"]
    )
    held = await desk.ask(commands.CategoryDelete, salon, category_id=made.body["id"])
    await desk.ask(commands.ResourceDelete, salon, resource_id=room.body["id"])
    gone = await desk.ask(commands.CategoryDelete, salon, category_id=made.body["id"])

    assert code_of(held) == (409, "in_use")
    assert (gone.status, gone.body) == (204, None)
    assert desk.facts[0].body is None
    assert desk.facts[0].version == 2


async def test_a_deleted_category_is_hidden_and_comes_back(desk: Desk, salon: UUID) -> None:
    """Deleted it is 404 and its name is free; restored it is as it was, unless the name went."""
    made = await desk.ask(commands.CategoryCreate, salon, name="Salas")
    it = {"category_id": made.body["id"]}
    early = await desk.ask(commands.CategoryRestore, salon, **it)
    await desk.ask(commands.CategoryDelete, salon, **it)
    hidden = await desk.ask(queries.CategoryGet, salon, **it)
    other = await desk.ask(commands.CategoryCreate, salon, name="salas")
    collides = await desk.ask(commands.CategoryRestore, salon, **it)
    await desk.ask(
        commands.CategoryUpdate, salon, category_id=other.body["id"], name="Outras salas"
    )
    back = await desk.ask(commands.CategoryRestore, salon, **it)

    assert code_of(early) == (409, "not_deleted")
    assert code_of(hidden) == (404, "not_found")
    assert code_of(collides) == (409, "name_in_use")
    assert (back.body["name"], back.body["deleted_at"], back.body["version"]) == ("Salas", None, 3)
    types = [event.type for event in await desk.events(made.body["id"])]
    assert types == ["category.created", "category.deleted", "category.restored"]


async def test_a_list_goes_on_where_it_ended(desk: Desk, salon: UUID, clinic: UUID) -> None:
    """Pages follow each other without gap or repetition; a cursor is of one tenant and one list."""
    names = [f"Categoria {number}" for number in range(5)]
    for name in names:
        await desk.ask(commands.CategoryCreate, salon, name=name)
    first = await desk.ask(queries.CategoryList, salon, STAFF, limit=3)
    cursor = first.body["next_cursor"]
    second = await desk.ask(queries.CategoryList, salon, STAFF, limit=3, cursor=cursor)

    found = [item["name"] for item in first.body["items"] + second.body["items"]]
    assert (found, second.body["next_cursor"]) == (names, None)
    for reply in (
        await desk.ask(queries.CategoryList, clinic, STAFF, cursor=cursor),
        await desk.ask(queries.ResourceList, salon, STAFF, cursor=cursor),
        await desk.ask(queries.CategoryList, salon, STAFF, cursor="none of ours"),
    ):
        assert code_of(reply) == (400, "invalid_cursor")


async def test_deleted_ones_are_for_administrators(desk: Desk, salon: UUID) -> None:
    """`include_deleted` is 403 but for owners and the platform."""
    made = await desk.ask(commands.CategoryCreate, salon, name="Salas")
    await desk.ask(commands.CategoryDelete, salon, category_id=made.body["id"])

    for person in (STAFF, MANAGER):
        reply = await desk.ask(queries.CategoryList, salon, person, include_deleted=True)
        assert code_of(reply) == (403, "forbidden")
    for person in (OWNER, PLATFORM):
        reply = await desk.ask(queries.CategoryList, salon, person, include_deleted=True)
        assert [item["id"] for item in reply.body["items"]] == [made.body["id"]]
    plain = await desk.ask(queries.CategoryList, salon, OWNER)
    assert plain.body["items"] == []


async def test_a_tenant_has_to_be_named(desk: Desk) -> None:
    """The platform's own space holds no categories: 400 `tenant_required`."""
    for tenant_id in (None, NIL):
        made = await desk.ask(commands.CategoryCreate, tenant_id, PLATFORM, name="Salas")
        read = await desk.ask(queries.CategoryList, tenant_id, PLATFORM)
        assert code_of(made) == code_of(read) == (400, "tenant_required")


BOMB = {
    "$ref": "#/$defs/12",
    "$defs": {
        "0": {"type": "object"},
        **{
            str(n): {"allOf": [{"$ref": f"#/$defs/{n - 1}"}, {"$ref": f"#/$defs/{n - 1}"}]}
            for n in range(1, 13)
        },
    },
}


@pytest.mark.parametrize(
    ("schema", "field", "code"),
    [
        ({"type": "strange"}, "attribute_schema.type", "invalid_schema"),
        ({"properties": []}, "attribute_schema.properties", "invalid_schema"),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "attribute_schema.$schema",
            "invalid_schema",
        ),
        (
            {"properties": {"plate": {"pattern": "^(a+)+$"}}},
            "attribute_schema.properties.plate.pattern",
            "schema_not_accepted",
        ),
        (
            {"patternProperties": {"^x": {}}},
            "attribute_schema.patternProperties",
            "schema_not_accepted",
        ),
        (
            {"items": {"$ref": "https://example.org/schema.json"}},
            "attribute_schema.items.$ref",
            "schema_not_accepted",
        ),
        ({"$ref": "#"}, "attribute_schema.$ref", "schema_not_accepted"),
        ({"$ref": "#/$defs/none"}, "attribute_schema.$ref", "schema_not_accepted"),
        ({"$id": "https://example.org/"}, "attribute_schema.$id", "schema_not_accepted"),
        ({"$dynamicRef": "#x"}, "attribute_schema.$dynamicRef", "schema_not_accepted"),
        (
            {"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/a"}}}}},
            "attribute_schema.$ref.properties.b.$ref",
            "schema_not_accepted",
        ),
        (BOMB, "attribute_schema", "schema_not_accepted"),
        ({"description": "x" * 17_000}, "attribute_schema", "schema_too_large"),
    ],
)
async def test_a_schema_is_checked_before_it_is_kept(
    desk: Desk, salon: UUID, schema: dict[str, Any], field: str, code: str
) -> None:
    """What is no schema, fetches, matches patterns, refers to itself or grows is 400."""
    reply = await desk.ask(commands.CategoryCreate, salon, name="Carros", attribute_schema=schema)

    assert code_of(reply) == (400, "invalid_attributes")
    assert errors_of(reply) == {(field, code)}


async def test_a_schema_may_speak_of_patterns(desk: Desk, salon: UUID) -> None:
    """Names are names: an attribute called `pattern`, and definitions that are referred to."""
    schema = {
        "type": "object",
        "$defs": {"size": {"enum": ["P", "M", "G"]}},
        "properties": {"pattern": {"type": "string"}, "size": {"$ref": "#/$defs/size"}},
    }
    reply = await desk.ask(commands.CategoryCreate, salon, name="Tecidos", attribute_schema=schema)
    assert (reply.status, reply.body["attribute_schema"]) == (201, schema)
    changed = await desk.ask(
        commands.CategoryUpdate,
        salon,
        category_id=reply.body["id"],
        attribute_schema={"properties": {"plate": {"pattern": "x"}}},
    )
    assert code_of(changed) == (400, "invalid_attributes")
