"""Creating and changing resources."""

from dataclasses import replace
from typing import Any

import orjson

from contracts.catalogue import COMMANDS
from contracts.resource.commands import (
    OverrideCreate,
    OverrideDelete,
    ResourceCreate,
    ResourceDelete,
    ResourceRestore,
    ResourceUpdate,
)
from contracts.resource.completions import ResourceCompleteUpdate
from contracts.wire.identity import object_id_for_command
from contracts.wire.problems import Problem
from contracts.wire.requester import Requester
from contracts.wire.strict import Command
from domain.resource.resource import Malformed, schedule_from_document, schedule_violations
from handlers.delivery.completing import completed
from handlers.delivery.merging import patched
from handlers.delivery.work import (
    Asked,
    Done,
    Outcome,
    Refused,
    Send,
    Waiting,
    refused,
    refused_fields,
)
from handlers.resource.assessing import Change, assessed
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
    """A merge patch: null is the default again, or none. A smaller capacity waits until reservation
    has made sure that it suffices for what is booked."""
    change = Change(asked.envelope.id, Requester.of(asked.actor))
    return await _updated(work, change, asked.message)


async def complete_update(work: Writing, asked: Asked[ResourceCompleteUpdate]) -> Outcome:
    """Goes on with a change to a smaller capacity, on the resource as it is now."""
    command = asked.message
    change = Change(command.change_id, command.requested_by, command.version)
    update = ResourceUpdate.model_validate_json(orjson.dumps(command.update))
    outcome: Outcome
    sends: tuple[Send, ...] = ()
    if command.problem is not None:
        outcome = Refused(Problem.model_validate(command.problem))
    else:
        outcome = await _updated(work, change, update)
        if isinstance(outcome, Refused):
            sends = (Send(_give_back(command), work.tenant_id),)
    done = completed(command.change_id, outcome, asked.envelope, command.requested_by.actor)
    return replace(done, sends=(*done.sends, *sends))


async def _updated(work: Writing, change: Change, command: ResourceUpdate) -> Outcome:
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
    if unfit is not None:
        return unfit
    if after.capacity < before.capacity and change.granted != before.version:
        return Waiting(sends=(Send(_limit(change, command, before, after), work.tenant_id),))
    done = await saved(work, "resource.updated", before, after)
    return assessed(change, done, before, after)


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


def _limit(
    change: Change, command: ResourceUpdate, before: ResourceRow, after: ResourceRow
) -> Command:
    """What reservation is asked for; of its messages only the name is known here."""
    return COMMANDS["gate.limit"].model_validate(
        {
            "change_id": change.id,
            "resource_id": before.resource_id,
            "version": before.version,
            "capacity": after.capacity,
            "update": command.model_dump(mode="json", exclude_unset=True),
            "requested_by": change.requested_by,
        }
    )


def _give_back(command: ResourceCompleteUpdate) -> Command:
    """The change is refused after all: nobody is to be bound by it."""
    names = ("change_id", "resource_id", "version")
    fields = {name: getattr(command, name) for name in names}
    return COMMANDS["gate.unlimit"].model_validate(fields)


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
