"""Resources: what they may be, and what their changes leave behind."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.resource import commands, queries
from contracts.resource.views import ResourceView
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.resource.furniture import MORNING, cars, room
from tests.integration.resource.people import STAFF


async def test_a_resource_is_answered_told_and_known(desk: Desk, salon: UUID) -> None:
    """A creation answers a ResourceView, makes one event and the fact that booking decides on."""
    made = await room(
        desk,
        salon,
        name="Ana",
        kind="person",
        timezone="America/Sao_Paulo",
        availability_schedule={"mon": MORNING},
        buffer_after_minutes=10,
        attributes={"languages": ["pt", "en"], "senior": True},
        price={"amount": "80.00", "currency": "BRL", "per": "hour"},
    )

    view = ResourceView.model_validate_json(orjson.dumps(made))
    assert (view.version, view.capacity, view.active, view.overrides) == (1, 1, True, ())
    (event,) = await desk.events(view.id)
    assert (event.type, event.sequence) == ("resource.created", 1)
    state = {name: value for name, value in event.data.items() if name != "changes"}
    assert state == made
    (fact,) = desk.facts
    assert (fact.kind, fact.object_id, fact.version) == ("resource", view.id, 1)
    assert fact.body == orjson.dumps(made)
    read = await desk.ask(queries.ResourceGet, salon, STAFF, resource_id=view.id)
    assert read.body == made


async def test_null_is_the_default_again(desk: Desk, salon: UUID) -> None:
    """A merge patch with nulls takes back what was chosen, also inside of attributes and price."""
    made = await room(
        desk,
        salon,
        capacity=4,
        description="ao fundo",
        timezone="America/Bahia",
        availability_schedule={"mon": MORNING, "tue": MORNING},
        attributes={"floor": 2, "view": {"sea": True, "garden": False}},
        price={"amount": "10.00", "currency": "BRL", "per": "day"},
        active=False,
    )
    reply = await desk.ask(
        commands.ResourceUpdate,
        salon,
        resource_id=made["id"],
        capacity=None,
        description=None,
        timezone=None,
        availability_schedule={"mon": None},
        attributes={"floor": None, "view": {"sea": None}},
        price={"per": None, "amount": "12.50"},
        active=None,
    )

    body = reply.body
    assert (body["capacity"], body["description"], body["timezone"]) == (1, "", None)
    assert body["availability_schedule"] | {"mon": None} == {
        "mon": None,
        "tue": MORNING,
        **{day: [] for day in ("wed", "thu", "fri", "sat", "sun")},
    }
    assert body["availability_schedule"]["mon"] == []
    assert body["attributes"] == {"view": {"garden": False}}
    assert body["price"] == {"amount": "12.50", "currency": "BRL", "per": "booking"}
    assert (body["active"], body["version"]) == (True, 2)
    changes = (await desk.events(made["id"]))[-1].data["changes"]
    assert changes["capacity"] == {"before": 4, "after": 1}
    assert "name" not in changes


async def test_a_change_of_nothing_is_no_version(desk: Desk, salon: UUID) -> None:
    """A PATCH that changes nothing makes neither version nor event, and writes the fact again."""
    made = await room(desk, salon, availability_schedule={"mon": MORNING}, attributes={"a": 1})
    reply = await desk.ask(
        commands.ResourceUpdate,
        salon,
        resource_id=made["id"],
        name="Sala",
        availability_schedule={"mon": MORNING},
        attributes={"a": 1},
    )

    assert reply.body == made
    assert len(await desk.events(made["id"])) == 1
    assert desk.facts[0].version == 1


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"availability_schedule": {"mon": [{"start": "9", "end": "12:00"}]}}, "start"),
        ({"availability_schedule": {"monday": []}}, "monday"),
        ({"price": {"amount": "ten", "currency": "BRL"}}, "amount"),
        ({"kind": None}, "kind"),
    ],
)
async def test_a_patch_is_read_by_the_contract_of_creation(
    desk: Desk, salon: UUID, patch: dict[str, Any], field: str
) -> None:
    """What comes out of a merge patch has to be what a creation accepts."""
    made = await room(desk, salon)
    reply = await desk.ask(commands.ResourceUpdate, salon, resource_id=made["id"], **patch)

    assert reply.status == 400
    assert any(field in found for found, _ in errors_of(reply))


async def test_overlapping_windows_are_no_schedule(desk: Desk, salon: UUID) -> None:
    """Windows that overlap are 400 `invalid_schedule`, at a creation and at a change."""
    doubled = {"mon": [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}]}
    made = await room(desk, salon)
    for reply in (
        await desk.ask(
            commands.ResourceCreate, salon, name="X", kind="space", availability_schedule=doubled
        ),
        await desk.ask(
            commands.ResourceUpdate, salon, resource_id=made["id"], availability_schedule=doubled
        ),
    ):
        assert code_of(reply) == (400, "invalid_schedule")
        assert errors_of(reply) == {("availability_schedule.mon.1", "windows_overlap")}


async def test_a_category_that_is_not_there_is_not_found(
    desk: Desk, salon: UUID, clinic: UUID
) -> None:
    """An unknown category, a deleted one and another tenant's are the same 404."""
    foreign = await desk.ask(commands.CategoryCreate, clinic, name="Salas")
    deleted = await desk.ask(commands.CategoryCreate, salon, name="Salas")
    await desk.ask(commands.CategoryDelete, salon, category_id=deleted.body["id"])
    made = await room(desk, salon)

    for category_id in (new_id(), foreign.body["id"], deleted.body["id"]):
        created = await desk.ask(
            commands.ResourceCreate, salon, name="X", kind="space", category_id=category_id
        )
        changed = await desk.ask(
            commands.ResourceUpdate, salon, resource_id=made["id"], category_id=category_id
        )
        assert code_of(created) == code_of(changed) == (404, "not_found")


async def test_attributes_fit_their_category(desk: Desk, salon: UUID) -> None:
    """Each attribute that breaks the schema stands in `errors`, without its value."""
    category = await cars(desk, salon)
    reply = await desk.ask(
        commands.ResourceCreate,
        salon,
        name="Kombi",
        kind="equipment",
        category_id=category,
        attributes={"seats": 0, "colour": "white"},
    )

    assert code_of(reply) == (400, "invalid_attributes")
    assert errors_of(reply) == {
        ("attributes.plate", "missing_field"),
        ("attributes.seats", "minimum"),
        ("attributes.colour", "unknown_field"),
    }
    assert "white" not in orjson.dumps(reply.problem).decode()


async def test_a_schema_is_asked_about_what_changes(desk: Desk, salon: UUID) -> None:
    """A stricter schema leaves resources as they are, until attributes or category change."""
    category = await cars(desk, salon)
    made = await room(desk, salon, category_id=category, attributes={"plate": "ABC1D23"})
    await desk.ask(
        commands.CategoryUpdate,
        salon,
        category_id=category,
        attribute_schema={"required": ["plate", "seats"]},
    )
    renamed = await desk.ask(commands.ResourceUpdate, salon, resource_id=made["id"], name="Kombi")
    unfit = await desk.ask(
        commands.ResourceUpdate, salon, resource_id=made["id"], attributes={"plate": "XYZ9A87"}
    )

    assert renamed.status == 200
    assert errors_of(unfit) == {("attributes.seats", "missing_field")}


async def test_what_no_stream_carries_is_not_stored(desk: Desk, salon: UUID) -> None:
    """A resource of more than 256 KiB is 400."""
    reply = await desk.ask(
        commands.ResourceCreate, salon, name="X", kind="space", attributes={"text": "x" * 300_000}
    )
    assert code_of(reply) == (400, "validation_failed")


async def test_a_deleted_resource_is_hidden_and_comes_back(desk: Desk, salon: UUID) -> None:
    """Deleted it is 404 everywhere and a tombstone; restored it is as it was."""
    made = await room(desk, salon)
    it = {"resource_id": made["id"]}
    early = await desk.ask(commands.ResourceRestore, salon, **it)
    gone = await desk.ask(commands.ResourceDelete, salon, expected_version=1, **it)
    tombstone = desk.facts[0]
    hidden: list[Reply] = [
        await desk.ask(queries.ResourceGet, salon, **it),
        await desk.ask(commands.ResourceUpdate, salon, name="X", **it),
        await desk.ask(commands.ResourceDelete, salon, **it),
        await desk.ask(queries.OverrideList, salon, **it),
    ]
    listed = await desk.ask(queries.ResourceList, salon)
    back = await desk.ask(commands.ResourceRestore, salon, **it)

    assert code_of(early) == (409, "not_deleted")
    assert (gone.status, gone.body) == (204, None)
    assert (tombstone.body, tombstone.version) == (None, 2)
    assert {code_of(reply) for reply in hidden} == {(404, "not_found")}
    assert listed.body["items"] == []
    assert {**back.body, "version": 1, "updated_at": made["updated_at"]} == made
    assert back.body["version"] == 3


async def test_a_resource_needs_its_category_to_come_back(desk: Desk, salon: UUID) -> None:
    """Restored after its category was deleted it is 404, until the category is there."""
    category = await cars(desk, salon)
    made = await room(desk, salon, category_id=category, attributes={"plate": "A"})
    await desk.ask(commands.ResourceDelete, salon, resource_id=made["id"])
    await desk.ask(commands.CategoryDelete, salon, category_id=category)
    alone = await desk.ask(commands.ResourceRestore, salon, resource_id=made["id"])
    await desk.ask(commands.CategoryRestore, salon, category_id=category)
    together = await desk.ask(commands.ResourceRestore, salon, resource_id=made["id"])

    assert code_of(alone) == (404, "not_found")
    assert together.status == 200


async def test_an_id_is_taken_once(desk: Desk, salon: UUID) -> None:
    """A second creation with a taken id is 409 `id_in_use`."""
    made = await room(desk, salon)
    reply = await desk.ask(commands.ResourceCreate, salon, id=made["id"], name="X", kind="space")
    assert code_of(reply) == (409, "id_in_use")
