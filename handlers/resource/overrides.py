"""Exceptions by date: each is a new version of its resource."""

from dataclasses import replace

from contracts.resource.commands import OverrideCreate, OverrideDelete
from contracts.wire.identity import object_id_for_command
from contracts.wire.requester import Requester
from domain.resource.override import override_from_document, override_violations
from domain.resource.resource import Malformed
from handlers.delivery.work import Asked, Outcome, Refused, refused, refused_fields
from handlers.resource.assessing import Change, assessed
from handlers.resource.resources import loaded, saved, size_refusal
from handlers.resource.views import override_view
from storage.delivery.transaction import Writing
from storage.resource.resources import OverrideRow, ResourceRow, add_override, remove_override


async def create_override(work: Writing, asked: Asked[OverrideCreate]) -> Outcome:
    """Afterwards the date has rules of its own; the answer is an OverrideMade."""
    command = asked.message
    before = await loaded(work, command)
    if isinstance(before, Refused):
        return before
    written = command.override.model_dump(mode="json")
    override = OverrideRow(
        override_id=command.id or object_id_for_command(asked.envelope.id),
        on_date=command.override.date,
        closed=written["closed"],
        windows=written["windows"],
        beyond_business_hours=written["beyond_business_hours"],
        reason=written["reason"],
    )
    if any(other.override_id == override.override_id for other in before.overrides):
        return refused("id_in_use", "Another override of this resource has this id.")
    overrides = sorted((*before.overrides, override), key=lambda one: one.on_date)
    after = replace(before, overrides=tuple(overrides))
    unfit = _refusal(override, before) or size_refusal(after)
    if unfit is not None:
        return unfit
    await add_override(work, before.resource_id, override)
    outcome = await saved(work, "resource.updated", before, after)
    answer = {**override_view(override), "version": before.version + 1}
    change = Change(asked.envelope.id, Requester.of(asked.actor))
    return assessed(change, replace(outcome, status=201, body=answer), before, after)


async def delete_override(work: Writing, asked: Asked[OverrideDelete]) -> Outcome:
    """Afterwards the date follows the week again; bookings that this leaves outside are told."""
    command = asked.message
    before = await loaded(work, command)
    if isinstance(before, Refused):
        return before
    kept = tuple(one for one in before.overrides if one.override_id != command.override_id)
    if kept == before.overrides:
        return refused("not_found", "There is no such override.")
    await remove_override(work, before.resource_id, command.override_id)
    after = replace(before, overrides=kept)
    outcome = await saved(work, "resource.updated", before, after)
    answer = replace(outcome, status=204, body={"version": before.version + 1})
    change = Change(asked.envelope.id, Requester.of(asked.actor))
    return assessed(change, answer, before, after)


def _refusal(override: OverrideRow, resource: ResourceRow) -> Refused | None:
    try:
        others = [override_from_document(override_view(one)) for one in resource.overrides]
        violations = override_violations(override_from_document(override_view(override)), others)
    except Malformed as wrong:
        return refused("invalid_schedule", str(wrong))
    found = [(one.field, one.code, one.message) for one in violations]
    return refused_fields("invalid_schedule", found) if found else None
