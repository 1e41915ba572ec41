"""What reservation answers to the resource context, which then completes what its caller asked."""

from typing import Any, ClassVar

from contracts.wire.requester import Requester
from contracts.wire.strict import Command, Id


class _Completion(Command):
    """Only reservation sends this; `change_id` is the command whose caller waits."""

    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    change_id: Id


class ResourceCompleteDeletion(_Completion):
    """The gate is closed, for the resource as it was in `version`, or what was in the way."""

    type: ClassVar[str] = "resource.complete_deletion"

    resource_id: Id
    version: int
    cancel_bookings: bool
    requested_by: Requester
    problem: dict[str, Any] | None = None


class ResourceCompleteRestoration(_Completion):
    """The gate is open."""

    type: ClassVar[str] = "resource.complete_restoration"

    resource_id: Id
    requested_by: Requester


class ResourceCompleteUpdate(_Completion):
    """Nobody books more than the smaller capacity that `update` asks for, or why that cannot be."""

    type: ClassVar[str] = "resource.complete_update"

    resource_id: Id
    version: int
    update: dict[str, Any]
    requested_by: Requester
    problem: dict[str, Any] | None = None


class ResourceAnswerChange(_Completion):
    """The answer to a change of opening time, with the bookings that lie outside now."""

    type: ClassVar[str] = "resource.answer_change"

    status: int
    body: dict[str, Any]


COMMANDS: tuple[type[Command], ...] = (
    ResourceCompleteDeletion,
    ResourceCompleteRestoration,
    ResourceCompleteUpdate,
    ResourceAnswerChange,
)
