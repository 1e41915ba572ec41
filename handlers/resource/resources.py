"""Creating, changing and deleting resources."""

from dataclasses import replace
from typing import Any

import orjson

from contracts.resource.commands import (
    OverrideCreate,
    OverrideDelete,
    ResourceCreate,
    ResourceDelete,
    ResourceRestore,
    ResourceUpdate,
)
from contracts.wire.identity import object_id_for_command
from domain.resource.resource import Malformed, schedule_from_document, schedule_violations
from handlers.delivery.merging import patched
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused, refused_fields
from handlers.resource.attributes import attributes_refusal
from handlers.resource.views import RESOURCE_FIELDS, resource_event, resource_fact, resource_view
from storage.delivery.transaction import Writing
from storage.resource.categories import hold_category
from storage.resource.resources import ResourceRow, add_resource, find_resource, save_resource

# An event holds the state and, of what changed, before and after; an entry of a stream is bounded.
MAX_BYTES = 262_144

ResourceCommand = (
    ResourceUpdate | ResourceDelete | ResourceRestore | OverrideCreate | OverrideDelete
)


async def create_resource(work: Writing, asked: Asked[ResourceCreate]) -> Outcome:
    """Afterwards the resource can be booked, where it is active."""
    command = asked.message
    resource = ResourceRow(
        tenant_id=work.tenant_id,
        resource_id=command.id or object_id_for_command(asked.envelope.id),
        **_values(command),
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    unfit = await _refusal(work, resource, None)
    if unfit is not None:
        return unfit
    if not await add_resource(work, resource):
        return refused("id_in_use", "Another resource has this id.")
    return done("resource.created", resource, None, status=201)


async def update_resource(work: Writing, asked: Asked[ResourceUpdate]) -> Outcome:
    """A merge patch: null is the default again, or none."""
    command = asked.message
    before = await loaded(work, command)
    if isinstance(before, Refused):
        return before
    patch = command.model_dump(mode="json", exclude_unset=True, include={*RESOURCE_FIELDS})
    document = {name: getattr(before, name) for name in RESOURCE_FIELDS}
    wanted = patched(ResourceCreate, document, patch)
    if isinstance(wanted, Refused):
        return wanted
    after = replace(before, **_values(wanted))
    if after == before:
        return Done(200, resource_view(before), facts=(resource_fact(before),))
    unfit = await _refusal(work, after, before)
    return unfit or await saved(work, "resource.updated", before, after)


async def delete_resource(work: Writing, asked: Asked[ResourceDelete]) -> Outcome:
    """Afterwards the resource is hidden; nothing of it is lost."""
    before = await loaded(work, asked.message)
    if isinstance(before, Refused):
        return before
    gone = replace(before, deleted_at=work.now)
    return replace(await saved(work, "resource.deleted", before, gone), status=204, body=None)


async def restore_resource(work: Writing, asked: Asked[ResourceRestore]) -> Outcome:
    """Afterwards the resource is there again, as it was, if its category is there."""
    before = await loaded(work, asked.message, deleted=True)
    if isinstance(before, Refused):
        return before
    if before.deleted_at is None:
        return refused("not_deleted", "The resource is not deleted.")
    if before.category_id is not None and await hold_category(work, before.category_id) is None:
        return refused("not_found", "The resource's category is deleted: restore that first.")
    return await saved(work, "resource.restored", before, replace(before, deleted_at=None))


async def loaded(
    work: Writing, command: ResourceCommand, *, deleted: bool = False
) -> ResourceRow | Refused:
    """The resource, held until the commit, in the version that the caller expects."""
    resource = await find_resource(work, command.resource_id, lock=True, deleted=deleted)
    if resource is None:
        return refused("not_found", "There is no such resource.")
    if command.expected_version not in (None, resource.version):
        return refused("stale_version", f"The version is {resource.version}.")
    return resource


async def saved(work: Writing, event_type: str, before: ResourceRow, after: ResourceRow) -> Done:
    """One version more, one event, and the fact that reservation decides on."""
    after = replace(after, version=before.version + 1, updated_at=work.now)
    await save_resource(work, after)
    return done(event_type, after, before)


def done(
    event_type: str, after: ResourceRow, before: ResourceRow | None, status: int = 200
) -> Done:
    """The outcome of a change."""
    event = resource_event(event_type, after, before)
    return Done(status, resource_view(after), events=(event,), facts=(resource_fact(after),))


def size_refusal(resource: ResourceRow) -> Refused | None:
    """Nothing that a stream cannot carry is stored."""
    if len(orjson.dumps(resource_view(resource))) <= MAX_BYTES:
        return None
    message = f"A resource with its overrides and attributes may have {MAX_BYTES} bytes of JSON."
    return refused("validation_failed", message)


async def _refusal(work: Writing, after: ResourceRow, before: ResourceRow | None) -> Refused | None:
    """Which rule the resource breaks. A category is asked only about what is changed."""
    unfit = size_refusal(after) or _schedule_refusal(after.availability_schedule)
    same = before is not None and (before.category_id, before.attributes) == (
        after.category_id,
        after.attributes,
    )
    if same or after.category_id is None:
        return unfit
    category = await hold_category(work, after.category_id)
    if category is None:
        return refused("not_found", "There is no such category.")
    return unfit or attributes_refusal(after.attributes, category.attribute_schema)


def _schedule_refusal(document: dict[str, Any] | None) -> Refused | None:
    if document is None:
        return None
    try:
        violations = schedule_violations(schedule_from_document(document))
    except Malformed as wrong:
        return refused("invalid_schedule", str(wrong))
    found = [(one.field, one.code, one.message) for one in violations]
    return refused_fields("invalid_schedule", found) if found else None


def _values(command: ResourceCreate) -> dict[str, Any]:
    """The columns that a caller writes; schedule and price as JSON."""
    written = command.model_dump(mode="json", include={"availability_schedule", "price"})
    return {name: getattr(command, name) for name in RESOURCE_FIELDS} | written
