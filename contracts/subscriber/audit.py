"""The audit trail: one record for each event of any context."""

from typing import Any, ClassVar

from pydantic import Field

from contracts.wire.strict import Id, Instant, Line, Page, Query, Strict


class AuditList(Page):
    """Who did what, newest first."""

    type: ClassVar[str] = "audit.list"
    context: ClassVar[str] = "audit"
    permissions: ClassVar[tuple[str, ...]] = ("audit:read", "audit:read:booking")

    actor: Line | None = None
    subject: Line | None = None
    event_type: Line | None = None
    since: Instant | None = Field(default=None, alias="from")
    until: Instant | None = Field(default=None, alias="to")


class AuditExportPerson(Page):
    """What one person did, and what was done to their account, newest first."""

    type: ClassVar[str] = "audit.export_person"
    context: ClassVar[str] = "audit"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    user_id: Id


class AuditRecord(Strict):
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


QUERIES: tuple[type[Query], ...] = (AuditList, AuditExportPerson)
