"""Deleting and restoring a resource: reservation closes and opens it first."""

from dataclasses import replace
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.resource.commands import ResourceDelete, ResourceRestore
from contracts.resource.completions import ResourceCompleteDeletion, ResourceCompleteRestoration
from contracts.wire.problems import Problem
from contracts.wire.requester import Requester
from handlers.delivery.completing import completed
from handlers.delivery.work import Asked, Outcome, Refused, Send, Waiting, refused
from handlers.resource.resources import loaded, saved
from storage.delivery.transaction import Writing
from storage.resource.calendar_tokens import end_token
from storage.resource.categories import hold_category
from storage.resource.resources import ResourceRow, find_resource

NOT_FOUND = refused("not_found", "There is no such resource.")


async def delete_resource(work: Writing, asked: Asked[ResourceDelete]) -> Outcome:
    """Begins a deletion: nothing changes here until reservation has closed the resource."""
    command = asked.message
    if command.cancel_bookings and not asked.actor.may("booking:cancel:any"):
        return refused("forbidden", "booking:cancel:any is needed to cancel its bookings.")
    before = await loaded(work, command)
    if isinstance(before, Refused):
        return before
    requested_by = Requester.of(asked.actor)
    return Waiting(sends=(_closing(asked.envelope.id, before, command, requested_by),))


async def complete_deletion(work: Writing, asked: Asked[ResourceCompleteDeletion]) -> Outcome:
    """Afterwards the resource is hidden, nothing of it is lost, and whoever asked hears so."""
    command = asked.message
    resource = await find_resource(work, command.resource_id, lock=True)
    outcome: Outcome
    if command.problem is not None:
        outcome = Refused(Problem.model_validate(command.problem))
    elif resource is None:
        outcome = NOT_FOUND
    elif resource.version != command.version:
        # It was changed, or deleted and restored, meanwhile: it is closed as it is now.
        again = _closing(command.change_id, resource, command, command.requested_by)
        outcome = Waiting(sends=(again,))
    else:
        gone = replace(resource, deleted_at=work.now)
        await end_token(work, resource.resource_id)
        done = await saved(work, "resource.deleted", resource, gone)
        outcome = replace(done, status=204, body=None)
    return completed(command.change_id, outcome, asked.envelope, command.requested_by.actor)


async def restore_resource(work: Writing, asked: Asked[ResourceRestore]) -> Outcome:
    """Begins a restoration, if the category is there: reservation opens the resource first."""
    before = await loaded(work, asked.message, deleted=True)
    if isinstance(before, Refused):
        return before
    unfit = await _unfit(work, before)
    if unfit is not None:
        return unfit
    command = COMMANDS["gate.open"].model_validate(
        {
            "change_id": asked.envelope.id,
            "resource_id": before.resource_id,
            "version": before.version,
            "requested_by": Requester.of(asked.actor),
        }
    )
    return Waiting(sends=(Send(command, work.tenant_id),))


async def complete_restoration(work: Writing, asked: Asked[ResourceCompleteRestoration]) -> Outcome:
    """Afterwards the resource is there again, as it was."""
    command = asked.message
    resource = await find_resource(work, command.resource_id, lock=True, deleted=True)
    outcome: Outcome
    if resource is None:
        outcome = NOT_FOUND
    else:
        unfit = await _unfit(work, resource)
        back = replace(resource, deleted_at=None)
        outcome = unfit or await saved(work, "resource.restored", resource, back)
    return completed(command.change_id, outcome, asked.envelope, command.requested_by.actor)


def _closing(
    change_id: UUID,
    resource: ResourceRow,
    command: ResourceDelete | ResourceCompleteDeletion,
    requested_by: Requester,
) -> Send:
    """What reservation is asked for; of its messages only the name is known here."""
    close = COMMANDS["gate.close"].model_validate(
        {
            "change_id": change_id,
            "resource_id": resource.resource_id,
            "version": resource.version,
            "cancel_bookings": command.cancel_bookings,
            "requested_by": requested_by,
        }
    )
    return Send(close, resource.tenant_id)


async def _unfit(work: Writing, resource: ResourceRow) -> Refused | None:
    if resource.deleted_at is None:
        return refused("not_deleted", "The resource is not deleted.")
    if resource.category_id is not None and await hold_category(work, resource.category_id) is None:
        return refused("not_found", "The resource's category is deleted: restore that first.")
    return None
