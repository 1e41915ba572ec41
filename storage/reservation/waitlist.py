"""Queries on the waitlist. Nobody commits here."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.reservation.tables import WAITLIST_ENTRY as ENTRY

STANDING = ("waiting", "offered")
# The buffers of two bookings beside each other: so far off a place may have been kept free.
REACH = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """Somebody who waits, waited, or has been offered a place."""

    tenant_id: UUID
    entry_id: UUID
    resource_id: UUID | None
    category_id: UUID | None
    user_id: UUID
    since: datetime
    until: datetime
    duration_minutes: int
    quantity: int
    status: str
    offered_booking_id: UUID | None
    offer_expires_at: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a list is narrowed to."""

    resource_id: UUID | None = None
    category_id: UUID | None = None
    user_id: UUID | None = None
    status: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Freed:
    """A place that was given back: of these resources, and any of these categories, between two
    instants, buffers not included."""

    resource_ids: Sequence[UUID]
    category_ids: Sequence[UUID]
    since: datetime
    until: datetime


async def add_entry(write: Writing, entry: EntryRow) -> bool:
    """Inserts the entry; false when its id is in use."""
    statement = upsert(ENTRY).values(_values(entry)).on_conflict_do_nothing()
    return (await write.run(statement.returning(ENTRY.c.entry_id))).first() is not None


async def save_entry(write: Writing, entry: EntryRow) -> None:
    """Writes every column of an entry that was loaded under lock."""
    await write.run(
        update(ENTRY)
        .where(ENTRY.c.tenant_id == entry.tenant_id, ENTRY.c.entry_id == entry.entry_id)
        .values(_values(entry))
    )


async def find_entry(read: Reading, entry_id: UUID, *, lock: bool = False) -> EntryRow | None:
    """The entry; `lock` holds it until the commit."""
    query = select(ENTRY).where(ENTRY.c.tenant_id == read.tenant_id, ENTRY.c.entry_id == entry_id)
    row = (await read.run(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else EntryRow(**row._asdict())


async def entry_offered(read: Reading, booking_id: UUID) -> UUID | None:
    """The entry to which this booking is on offer."""
    query = select(ENTRY.c.entry_id).where(
        ENTRY.c.tenant_id == read.tenant_id,
        ENTRY.c.offered_booking_id == booking_id,
        ENTRY.c.status == "offered",
    )
    return (await read.run(query)).scalar_one_or_none()


async def somebody_waits(read: Reading, freed: Freed) -> bool:
    """Whether it is worth looking through the line; categories are not known here, so whoever
    waits for any counts."""
    query = select(ENTRY.c.entry_id).where(
        ENTRY.c.tenant_id == read.tenant_id,
        ENTRY.c.status == "waiting",
        or_(ENTRY.c.resource_id.in_(freed.resource_ids), ENTRY.c.resource_id.is_(None)),
        ENTRY.c.since < freed.until + REACH,
        ENTRY.c.until > freed.since - REACH,
    )
    return (await read.run(query.limit(1))).first() is not None


async def line_for(
    read: Reading, freed: Freed, limit: int, after: UUID | None = None, *, lock: bool = False
) -> list[EntryRow]:
    """Those who wait for what has become free, first come first, from behind `after` on; `lock`
    holds them until the commit."""
    query = (
        select(ENTRY)
        .where(
            ENTRY.c.tenant_id == read.tenant_id,
            ENTRY.c.status == "waiting",
            or_(
                ENTRY.c.resource_id.in_(freed.resource_ids),
                ENTRY.c.category_id.in_(freed.category_ids),
            ),
            ENTRY.c.since < freed.until + REACH,
            ENTRY.c.until > freed.since - REACH,
        )
        .order_by(ENTRY.c.created_at, ENTRY.c.entry_id)
        .limit(limit)
    )
    if after is not None:
        place = select(ENTRY.c.created_at, ENTRY.c.entry_id).where(
            ENTRY.c.tenant_id == read.tenant_id, ENTRY.c.entry_id == after
        )
        query = query.where(tuple_(ENTRY.c.created_at, ENTRY.c.entry_id) > place.scalar_subquery())
    found = await read.run(query.with_for_update() if lock else query)
    return [EntryRow(**row._asdict()) for row in found]


async def count_standing(read: Reading, user_id: UUID | None = None) -> int:
    """How many wait or have an offer: of one user, or of the whole tenant."""
    query = select(func.count()).where(
        ENTRY.c.tenant_id == read.tenant_id, ENTRY.c.status.in_(STANDING)
    )
    if user_id is not None:
        query = query.where(ENTRY.c.user_id == user_id)
    return int((await read.run(query)).scalar_one())


async def list_entries(
    read: Reading, wanted: EntryFilter, limit: int, after: tuple[datetime, UUID] | None
) -> list[EntryRow]:
    """Entries in the order of the line, `limit` at most, after the given place."""
    query = (
        select(ENTRY)
        .where(ENTRY.c.tenant_id == read.tenant_id)
        .order_by(ENTRY.c.created_at, ENTRY.c.entry_id)
        .limit(limit)
    )
    for column, value in (
        (ENTRY.c.resource_id, wanted.resource_id),
        (ENTRY.c.category_id, wanted.category_id),
        (ENTRY.c.user_id, wanted.user_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.status:
        query = query.where(ENTRY.c.status.in_(wanted.status))
    if after is not None:
        query = query.where(tuple_(ENTRY.c.created_at, ENTRY.c.entry_id) > after)
    return [EntryRow(**row._asdict()) for row in await read.run(query)]


def _values(entry: EntryRow) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(entry)}
