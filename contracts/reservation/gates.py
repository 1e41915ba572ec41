"""What the owners of resources and rules ask of reservation before, and after, they change them.

Each is answered by a command of the context that asked; `change_id` is the command whose caller
waits meanwhile.
"""

from typing import Any, ClassVar, Literal

from contracts.reservation.commands import Quantity
from contracts.wire.requester import Requester
from contracts.wire.strict import Command, Id


class _Asked(Command):
    """Only a context asks this."""

    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    change_id: Id


class _ResourceAsked(_Asked):
    """`version` is the resource's, as it was when its owner asked."""

    resource_id: Id
    version: int


class GateClose(_ResourceAsked):
    """The resource is to be deleted: nothing of it is booked from now on. Future bookings are
    cancelled, or stand in the way."""

    type: ClassVar[str] = "gate.close"

    cancel_bookings: bool
    requested_by: Requester


class GateOpen(_ResourceAsked):
    """The resource is to be restored."""

    type: ClassVar[str] = "gate.open"

    requested_by: Requester


class GateLimit(_ResourceAsked):
    """The resource is to have a smaller capacity, if what is booked leaves room for that. `update`
    is the change to go on with, and comes back as it is."""

    type: ClassVar[str] = "gate.limit"

    capacity: Quantity
    update: dict[str, Any]
    requested_by: Requester


class GateUnlimit(_ResourceAsked):
    """The smaller capacity was not to be, for another reason."""

    type: ClassVar[str] = "gate.unlimit"


class HoursAssess(_Asked):
    """Opening time has changed: which bookings lie outside it now? `settings` or `resource` is what
    was just stored; `status` and `body` are the answer to complete."""

    type: ClassVar[str] = "hours.assess"

    owner: Literal["tenant", "resource"]
    settings: dict[str, Any] | None = None
    resource: dict[str, Any] | None = None
    status: int
    body: dict[str, Any]


COMMANDS: tuple[type[Command], ...] = (GateClose, GateOpen, GateLimit, GateUnlimit, HoursAssess)
