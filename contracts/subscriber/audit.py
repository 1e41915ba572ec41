"""The audit trail: one record for each event of any context, and for what is no event."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from contracts.wire.requester import Requester
from contracts.wire.strict import Command, Id, Instant, Line, Page, Query, Strict

Outcome = Literal["succeeded", "refused"]


class AuditList(Page):
    """Who did what, newest first."""

    type: ClassVar[str] = "audit.list"
    context: ClassVar[str] = "audit"
    permissions: ClassVar[tuple[str, ...]] = ("audit:read", "audit:read:booking")

    actor: Line | None = None
    subject: Line | None = None
    event_type: Line | None = None
    outcome: Outcome | None = None
    since: Instant | None = Field(default=None, alias="from")
    until: Instant | None = Field(default=None, alias="to")


class AuditExportPerson(Page):
    """What one person did, and what was done to their account, newest first."""

    type: ClassVar[str] = "audit.export_person"
    context: ClassVar[str] = "audit"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    user_id: Id


class AuditNotice(Command):
    """Something that changes nothing and is to be known all the same: a refusal, a sign-in, data
    that was given out. Sent by whoever saw it; when, from where and in which tenant it was says the
    envelope. `times` is how often, up to `until`, where one record stands for several."""

    type: ClassVar[str] = "audit.record"
    context: ClassVar[str] = "audit"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    event_type: Line
    outcome: Outcome
    requested_by: Requester
    subject: Line = ""
    operation: Line = ""
    reason: Line = ""
    times: Annotated[int, Field(ge=1)] = 1
    until: Instant | None = None


class AuditRecord(Strict):
    """`operation` is the message that was refused, by its type, and `reason` the error's code.
    Where a record stands for several of a kind, they are `count`, from `at` to `until`. `channel`
    is how it came in: `http`, `ingress`, `tool`, or null for what the system did by itself;
    `address` is the client's, for as long as it is kept, and shown to whoever may read the whole
    trail."""

    id: Id
    at: Instant
    context: str
    event_type: str
    subject: str
    sequence: int | None
    actor: dict[str, Any]
    source: str
    correlation_id: str
    trace_id: str
    changes: dict[str, Any]
    outcome: Outcome
    channel: str | None
    address: str | None
    operation: str | None
    reason: str | None
    count: int
    until: Instant | None


COMMANDS: tuple[type[Command], ...] = (AuditNotice,)
QUERIES: tuple[type[Query], ...] = (AuditList, AuditExportPerson)
