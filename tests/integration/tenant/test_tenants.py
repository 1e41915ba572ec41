"""Tenants: made with their owner, changed, deleted and restored; settings, branding, closures."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.tenant import commands, queries
from contracts.tenant.views import SettingsChanged, TenantView
from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.identity import new_id, object_id_for_command
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, decode_reply
from handlers.delivery.work import Asked, CommandRoute
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.tenant.asking import ask

OWNER = {"email": "ana@salon.example", "name": "Ana", "password": "a long enough phrase"}


async def begin(desk: Desk, **fields: Any) -> tuple[UUID, dict[str, Any]]:
    """A creation that waits for its owner; its command's id and what the user context is asked."""
    command_id = new_id()
    body = {"name": "Salon", "slug": f"s{new_id().hex}", "owner": OWNER, **fields}
    envelope = Envelope(
        id=command_id,
        type="tenant.create",
        source="",
        data=orjson.dumps(body),
        actor=SYSTEM,
        reply_to="g",
    )
    message = commands.TenantCreate.model_validate_json(envelope.data)
    route = desk._routes["tenant.create"]
    assert isinstance(route, CommandRoute)
    carried = await desk._commands.run(route, Asked(message, envelope), expired=False)
    if carried.reply is not None:
        return command_id, {"reply": decode_reply(carried.reply, desk.keyring)}
    rows = await desk.rows(
        "SELECT fields FROM outbox WHERE type = 'user.create_owner'"
        " AND fields ->> 'causationid' = :it",
        it=str(command_id),
    )
    assert "a long enough" not in str(rows)
    return command_id, rows[0][0]


async def complete(
    desk: Desk, tenant_id: UUID, creation_id: UUID, problem: Problem | None = None
) -> Reply | None:
    """The user context's answer; what the waiting creation is told."""
    await ask(
        desk,
        commands.TenantCompleteProvisioning,
        None,
        tenant_id=tenant_id,
        creation_id=creation_id,
        problem=None if problem is None else problem.model_dump(mode="json"),
    )
    other = desk.carried.other
    return None if other is None else decode_reply(other[1], desk.keyring)


async def made(desk: Desk, **fields: Any) -> UUID:
    """An active tenant."""
    tenant_id = new_id()
    creation_id, _ = await begin(desk, id=tenant_id, **fields)
    reply = await complete(desk, tenant_id, creation_id)
    assert reply is not None
    assert reply.status == 201
    return tenant_id


async def test_a_tenant_comes_with_its_owner(desk: Desk) -> None:
    """Provisioning until the owner exists; then active, and the creation is answered 201."""
    tenant_id = new_id()
    creation_id, asked = await begin(desk, id=tenant_id)
    assert asked["tenantid"] == str(tenant_id)
    waiting = await ask(desk, queries.TenantGet, tenant_id, tenant_id=tenant_id)
    assert waiting.body["status"] == "provisioning"

    reply = await complete(desk, tenant_id, creation_id)
    assert reply is not None
    view = TenantView.model_validate_json(orjson.dumps(reply.body))
    assert (view.id, view.status, view.version) == (tenant_id, "active", 2)
    assert desk.carried.other is not None
    assert desk.carried.other[0].reply_to == "g"
    events = [event.type for event in await desk.events(tenant_id)]
    assert events == ["tenant.created", "tenant.settings_updated", "tenant.activated"]
    assert await complete(desk, tenant_id, creation_id) is None


async def test_an_owner_that_is_refused_frees_the_slug(desk: Desk) -> None:
    """A final refusal fails the creation with its reason; the slug can be used again."""
    tenant_id, slug = new_id(), f"s{new_id().hex}"
    creation_id, _ = await begin(desk, id=tenant_id, slug=slug)
    reply = await complete(desk, tenant_id, creation_id, Problem(code="invalid_password"))
    assert reply is not None
    assert code_of(reply) == (400, "invalid_password")
    found = await ask(desk, queries.TenantGet, tenant_id, tenant_id=tenant_id)
    assert code_of(found) == (404, "not_found")
    assert await made(desk, slug=slug) != tenant_id


async def test_a_slug_never_comes_back(desk: Desk) -> None:
    """A slug that is or was in use is 409, also after its tenant was deleted."""
    slug = f"s{new_id().hex}"
    tenant_id = await made(desk, slug=slug)
    await ask(desk, commands.TenantDelete, tenant_id, tenant_id=tenant_id)
    _, found = await begin(desk, slug=slug)
    assert code_of(found["reply"]) == (409, "slug_in_use")
    other = await made(desk)
    moved = await ask(desk, commands.TenantUpdate, other, tenant_id=other, slug=slug)
    assert code_of(moved) == (409, "slug_in_use")
    _, again = await begin(desk, id=other)
    assert code_of(again["reply"]) == (409, "id_in_use")


async def test_a_deleted_tenant_can_be_restored(desk: Desk) -> None:
    """Hidden, its settings unknown to others; restored as it was, numbered on."""
    tenant_id = await made(desk)
    gone = await ask(desk, commands.TenantDelete, tenant_id, tenant_id=tenant_id)
    assert gone.status == 204
    assert [fact.body for fact in desk.facts] == [None]
    found = await ask(desk, queries.SettingsGet, tenant_id, tenant_id=tenant_id)
    assert found.status == 404
    back = await ask(desk, commands.TenantRestore, tenant_id, tenant_id=tenant_id)
    assert (back.status, back.body["version"], back.body["deleted_at"]) == (200, 4, None)
    again = await ask(desk, commands.TenantRestore, tenant_id, tenant_id=tenant_id)
    assert code_of(again) == (409, "not_deleted")


async def test_settings_are_merged(desk: Desk) -> None:
    """A patch changes what it names, null is the default again; one version, one event, one fact
    with what reservation must know; a patch that changes nothing makes neither."""
    tenant_id = await made(desk)
    reply = await settings(
        desk, tenant_id, {"timezone": "America/Sao_Paulo", "slot_interval_minutes": 15}
    )
    view = SettingsChanged.model_validate_json(orjson.dumps(reply.body))
    assert (view.timezone, view.slot_interval_minutes, view.version) == (
        "America/Sao_Paulo",
        15,
        2,
    )
    affected = {name: reply.body.pop(name) for name in list(reply.body) if "affected" in name}
    assert affected == {"affected_bookings": [], "affected_bookings_count": 0}
    assert orjson.loads(desk.facts[0].body or b"") == reply.body
    assert (desk.facts[0].kind, desk.facts[0].version) == ("settings", 2)
    back = await settings(desk, tenant_id, {"slot_interval_minutes": None})
    assert (back.body["slot_interval_minutes"], back.body["version"]) == (30, 3)
    same = await settings(desk, tenant_id, {"timezone": "America/Sao_Paulo"})
    assert same.body["version"] == 3
    events = [one for one in await desk.events(tenant_id) if one.type == "tenant.settings_updated"]
    assert [one.sequence for one in events] == [1, 2, 3]
    assert events[1].data["changes"]["slot_interval_minutes"] == {"before": 30, "after": 15}


async def test_settings_that_contradict_each_other_are_refused(desk: Desk) -> None:
    """Rules among fields are checked on the whole; each breach is in `errors`, nothing is kept."""
    tenant_id = await made(desk)
    reply = await settings(
        desk,
        tenant_id,
        {
            "business_hours": {
                "mon": [
                    {"start": "09:00", "end": "12:00"},
                    {"start": "11:00", "end": "13:00"},
                ],
                "tue": [{"start": "09:00", "end": "18:00"}, {"start": "17:00", "end": "19:00"}],
            },
        },
    )
    assert code_of(reply) == (400, "invalid_settings")
    assert len(errors_of(reply)) == 2
    read = await ask(desk, queries.SettingsGet, tenant_id, tenant_id=tenant_id)
    assert read.body["version"] == 1


async def test_closures_raise_their_owners_version(desk: Desk) -> None:
    """A closure is added and taken away; each time the settings have a new version."""
    tenant_id = await made(desk)
    closure = {"date": "2026-12-25", "reason": "Natal"}
    added = await ask(desk, commands.ClosureCreate, tenant_id, tenant_id=tenant_id, closure=closure)
    assert added.status == 201
    assert (added.body["starts_on"], added.body["ends_on"]) == ("2026-12-25", "2026-12-25")
    assert desk.facts[0].version == 2
    listed = await ask(desk, queries.ClosureList, tenant_id, tenant_id=tenant_id)
    assert [one["reason"] for one in listed.body["items"]] == ["Natal"]
    fields = {"tenant_id": tenant_id, "closure_id": added.body["id"]}
    assert (await ask(desk, commands.ClosureDelete, tenant_id, **fields)).status == 204
    assert code_of(await ask(desk, commands.ClosureDelete, tenant_id, **fields))[0] == 404


async def test_labels_and_branding_are_replaced(desk: Desk) -> None:
    """PUT replaces all of it; If-Match is honoured."""
    tenant_id = await made(desk)
    labels = await ask(
        desk, commands.LabelsSet, tenant_id, tenant_id=tenant_id, labels={"resource": "Barbeiro"}
    )
    assert labels.body["labels"] == {"resource": "Barbeiro"}
    branding = {"display_name": "Salon", "primary_color": "#112233"}
    put = await ask(desk, commands.BrandingSet, tenant_id, tenant_id=tenant_id, branding=branding)
    assert (put.body["display_name"], put.body["version"]) == ("Salon", 1)
    stale = await ask(
        desk,
        commands.BrandingSet,
        tenant_id,
        tenant_id=tenant_id,
        branding={},
        expected_version=7,
    )
    assert code_of(stale) == (412, "stale_version")
    read = await ask(desk, queries.BrandingGet, tenant_id, tenant_id=tenant_id)
    assert read.body["primary_color"] == "#112233"


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (queries.TenantGet, {}),
        (queries.SettingsGet, {}),
        (queries.BrandingGet, {}),
        (queries.ClosureList, {}),
        (commands.TenantUpdate, {"name": "Mine"}),
        (commands.TenantDelete, {}),
        (commands.SettingsUpdate, {"patch": {"timezone": "UTC"}}),
        (commands.LabelsSet, {"labels": {}}),
        (commands.BrandingSet, {"branding": {}}),
    ],
)
async def test_another_tenant_is_not_there(desk: Desk, message: Any, fields: Any) -> None:
    """Whoever asks in tenant A for tenant B gets the 404 of a random id."""
    ours, theirs = await made(desk), await made(desk)
    for tenant_id in (theirs, new_id()):
        reply = await ask(desk, message, ours, tenant_id=tenant_id, **fields)
        assert code_of(reply) == (404, "not_found")


async def test_the_platform_lists_all(desk: Desk) -> None:
    """Page by page, deleted ones only when asked for; a tenant's own view has itself alone."""
    first, second = await made(desk), await made(desk)
    await ask(desk, commands.TenantDelete, second, tenant_id=second)

    async def listed(tenant_id: UUID | None, **more: Any) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            page = await ask(desk, queries.TenantList, tenant_id, limit=3, cursor=cursor, **more)
            found += [one["id"] for one in page.body["items"]]
            cursor = page.body["next_cursor"]
            if cursor is None:
                return found

    shown = await listed(None)
    assert str(first) in shown
    assert str(second) not in shown
    assert len(shown) == len(set(shown))
    assert str(second) in await listed(None, include_deleted=True)
    assert await listed(first) == [str(first)]


async def settings(desk: Desk, tenant_id: UUID, patch: dict[str, Any]) -> Reply:
    return await ask(desk, commands.SettingsUpdate, tenant_id, tenant_id=tenant_id, patch=patch)


async def test_a_tenant_is_suspended_and_goes_on(desk: Desk) -> None:
    """One version and event each way, and the fact that stops changes; twice is once; only what is
    active is suspended, and only what is there."""
    tenant_id = await made(desk)
    it = {"tenant_id": tenant_id}
    stale = await ask(desk, commands.TenantSuspend, tenant_id, expected_version=9, **it)
    assert code_of(stale) == (412, "stale_version")
    suspended = await ask(desk, commands.TenantSuspend, tenant_id, **it)
    (fact,) = desk.facts
    assert (fact.kind, orjson.loads(fact.body or b"")) == ("suspension", {"suspended": True})
    again = await ask(desk, commands.TenantSuspend, tenant_id, **it)
    assert (suspended.body["status"], again.body) == ("suspended", suspended.body)
    resumed = await ask(desk, commands.TenantResume, tenant_id, **it)
    assert resumed.body["status"] == "active"
    assert resumed.body["version"] == suspended.body["version"] + 1
    gone = await ask(desk, commands.TenantResume, new_id(), tenant_id=new_id())
    assert code_of(gone) == (404, "not_found")
    begun, _ = await begin(desk)
    waiting = object_id_for_command(begun)
    early = await ask(desk, commands.TenantSuspend, waiting, tenant_id=waiting)
    assert code_of(early) == (409, "tenant_not_ready")
