"""Queries on the audit trail: records are added and read, never changed."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select, tuple_

from storage.delivery.transaction import Reading, Writing
from storage.subscriber.tables import AUDIT_RECORD


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what, when, and what it changed."""

    tenant_id: UUID
    record_id: UUID
    at: datetime
    context: str
    event_type: str
    subject: str
    sequence: int | None
    actor: dict[str, Any]
    actor_label: str
    source: str
    correlation_id: str
    trace_id: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a list is narrowed to; `since` is inclusive, `until` is not."""

    actor: str | None = None
    subject: str | None = None
    event_type: str | None = None
    event_type_prefix: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    # Who did it, or to whose account it was done.
    person: UUID | None = None


_COLUMNS = tuple(field.name for field in fields(AuditRow))
_ADD = insert(AUDIT_RECORD)


async def add_record(write: Writing, row: AuditRow) -> None:
    """One more record."""
    await write.run(_ADD, {name: getattr(row, name) for name in _COLUMNS})


async def list_records(
    read: Reading, wanted: AuditFilter, limit: int, before: tuple[datetime, UUID] | None
) -> list[AuditRow]:
    """Records, newest first, `limit` at most, before the given place."""
    table = AUDIT_RECORD.c
    query = (
        select(AUDIT_RECORD)
        .where(table.tenant_id == read.tenant_id)
        .order_by(table.at.desc(), table.record_id.desc())
        .limit(limit)
    )
    for column, value in (
        (table.actor_label, wanted.actor),
        (table.subject, wanted.subject),
        (table.event_type, wanted.event_type),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.event_type_prefix is not None:
        query = query.where(table.event_type.startswith(wanted.event_type_prefix, autoescape=True))
    if wanted.since is not None:
        query = query.where(table.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(table.at < wanted.until)
    if wanted.person is not None:
        theirs = table.actor_label == f"user:{wanted.person}"
        query = query.where(or_(theirs, table.subject == f"user/{wanted.person}"))
    if before is not None:
        query = query.where(tuple_(table.at, table.record_id) < before)
    return [AuditRow(**row._asdict()) for row in await read.run(query)]
