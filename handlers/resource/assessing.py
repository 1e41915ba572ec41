"""A change of a resource's opening time, whose answer says which bookings lie outside it now."""

from dataclasses import dataclass
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.wire.requester import Requester
from handlers.delivery.work import Done, Send, Waiting
from handlers.resource.views import resource_view
from storage.resource.resources import ResourceRow

# What says when the resource is open; the override rows besides.
_OPENING = ("timezone", "availability_schedule", "active")


@dataclass(frozen=True, slots=True)
class Change:
    """A change that somebody waits for: the command it came with, and who sent that. `granted` is
    the version for which reservation has made room for it."""

    id: UUID
    requested_by: Requester
    granted: int | None = None


def assessed(change: Change, done: Done, before: ResourceRow, after: ResourceRow) -> Done | Waiting:
    """The outcome itself; or, where opening time has changed, one that waits for reservation."""
    same = all(getattr(before, name) == getattr(after, name) for name in _OPENING)
    if same and before.overrides == after.overrides:
        return done
    stored = {**resource_view(after), "version": before.version + 1}
    command = COMMANDS["hours.assess"].model_validate(
        {
            "change_id": change.id,
            "owner": "resource",
            "resource": stored,
            "status": done.status,
            "body": done.body,
        }
    )
    return Waiting(done.events, done.facts, (Send(command, after.tenant_id),))
