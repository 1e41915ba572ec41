"""Queries on the audit trail: records are added and read, never changed.

The address that something was done from stands beside its record, and goes before it does.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, insert, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_if_new
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.delivery.timing import committed
from storage.delivery.transaction import Reading, Writing
from storage.subscriber.tables import AUDIT_ADDRESS, AUDIT_RECORD


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what, when, by which way, and what it changed; or what was refused to whom.

    `times` is how often, up to `until`, where one record stands for several.
    """

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
    outcome: str = "succeeded"
    channel: str = ""
    operation: str = ""
    reason: str = ""
    times: int = 1
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddressRow:
    """The address of a record; `person` is whose it is, as `user/{id}`, where it is a person's."""

    address: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a list is narrowed to; `since` is inclusive, `until` is not."""

    actor: str | None = None
    subject: str | None = None
    event_type: str | None = None
    event_type_prefix: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    # Who did it, or to whose account it was done.
    person: UUID | None = None


_COLUMNS = tuple(field.name for field in fields(AuditRow))
_ADD = insert_if_new(AUDIT_RECORD).on_conflict_do_nothing().returning(AUDIT_RECORD.c.record_id)
_ADD_ADDRESS = insert(AUDIT_ADDRESS)

# all tenants: rows go by age
_OLD_ADDRESSES = (
    text("DELETE FROM audit_address WHERE at < clock_timestamp() - make_interval(days => :days)"),
)
# all tenants: what an erased person did, and what was tried with their account, is nobody's now
_ADDRESSES_OF_THE_ERASED = text("""
    DELETE FROM audit_address a USING audit_record r
    WHERE r.event_type = 'user.erased' AND a.tenant_id = r.tenant_id AND a.person = r.subject
""")


async def add_record(write: Writing, row: AuditRow, address: AddressRow | None = None) -> None:
    """One more record, and from where; none where it stands there already, whose address may have
    been forgotten since."""
    added = await write.run(_ADD, {name: getattr(row, name) for name in _COLUMNS})
    if address is not None and added.first() is not None:
        await write.run(
            _ADD_ADDRESS,
            {
                "tenant_id": row.tenant_id,
                "record_id": row.record_id,
                "at": row.at,
                "person": address.person,
                "address": address.address,
            },
        )


async def list_records(
    read: Reading, wanted: AuditFilter, limit: int, before: tuple[datetime, UUID] | None
) -> list[tuple[AuditRow, AddressRow | None]]:
    """Records, newest first, `limit` at most, before the given place; and from where, if known."""
    record, beside = AUDIT_RECORD.c, AUDIT_ADDRESS.c
    joined = AUDIT_RECORD.outerjoin(
        AUDIT_ADDRESS,
        and_(beside.tenant_id == record.tenant_id, beside.record_id == record.record_id),
    )
    query = _narrowed(
        select(AUDIT_RECORD, beside.address, beside.person)
        .select_from(joined)
        .where(record.tenant_id == read.tenant_id)
        .order_by(record.at.desc(), record.record_id.desc())
        .limit(limit),
        wanted,
    )
    if before is not None:
        query = query.where(tuple_(record.at, record.record_id) < before)
    return [_found(row._asdict()) for row in await read.run(query)]


def _narrowed(query: Select[Any], wanted: AuditFilter) -> Select[Any]:
    record = AUDIT_RECORD.c
    for column, value in (
        (record.actor_label, wanted.actor),
        (record.subject, wanted.subject),
        (record.event_type, wanted.event_type),
        (record.outcome, wanted.outcome),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.event_type_prefix is not None:
        query = query.where(record.event_type.startswith(wanted.event_type_prefix, autoescape=True))
    if wanted.since is not None:
        query = query.where(record.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(record.at < wanted.until)
    if wanted.person is not None:
        theirs = record.actor_label == f"user:{wanted.person}"
        query = query.where(or_(theirs, record.subject == f"user/{wanted.person}"))
    return query


def _found(values: dict[str, Any]) -> tuple[AuditRow, AddressRow | None]:
    address, person = values.pop("address"), values.pop("person")
    return AuditRow(**values), None if address is None else AddressRow(address, person)


async def forget_addresses(engine: AsyncEngine, days: int) -> None:
    """Addresses that are older than that, and those of people who were erased; as the timers."""
    await purging.forget(engine, _OLD_ADDRESSES, days)
    await committed(engine, _ADDRESSES_OF_THE_ERASED, {})
