"""What is held about a person: giving it out, and erasing it."""

from typing import Any, ClassVar

from pydantic import Field

from contracts.wire.requester import Requester
from contracts.wire.strict import Command, Cursor, Id, Instant, Query, Strict


class UserExport(Query):
    """Everything that is held about a person in any context, a page at a time: what a page leaves
    for the next is told by its `next_cursor`."""

    type: ClassVar[str] = "user.export"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:read:any", "user:read:own")

    user_id: Id
    cursor: Cursor | None = None


class UserErase(Command):
    """The person is removed for good from every context; what they booked stays booked."""

    type: ClassVar[str] = "user.erase"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:delete",)

    user_id: Id


class UserCompleteErasure(Command):
    """Sent by reservation: nothing of the person is left there. `change_id` is the command whose
    caller waits."""

    type: ClassVar[str] = "user.complete_erasure"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    change_id: Id
    user_id: Id
    requested_by: Requester


class SessionView(Strict):
    """A sign-in of the person's."""

    id: Id
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None


class CodeView(Strict):
    """What was mailed to the person and can still be used; of the code itself nothing is known."""

    purpose: str
    created_at: Instant
    expires_at: Instant


class UserExportView(Strict):
    """A page of what is held: what is no list, and `codes`, stand on the first, and are null on
    others. The documents in the lists are those that the calls for bookings, their histories,
    series, waitlist, notifications and audit trail show; a change in `history` names its booking.
    """

    user: dict[str, Any] | None
    codes: tuple[CodeView, ...] | None
    has_calendar_token: bool | None
    sessions: tuple[SessionView, ...] = Field(default=())
    bookings: tuple[dict[str, Any], ...] = Field(default=())
    history: tuple[dict[str, Any], ...] = Field(default=())
    series: tuple[dict[str, Any], ...] = Field(default=())
    waitlist: tuple[dict[str, Any], ...] = Field(default=())
    notifications: tuple[dict[str, Any], ...] = Field(default=())
    audit: tuple[dict[str, Any], ...] = Field(default=())
    next_cursor: str | None


class ErasureView(Strict):
    """Said again, it is the same: a person is erased once."""

    id: Id
    erased_at: Instant


COMMANDS: tuple[type[Command], ...] = (UserErase, UserCompleteErasure)
QUERIES: tuple[type[Query], ...] = (UserExport,)
