"""Queries on bookings and their history. Nobody commits here."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, or_, select, tuple_, update

from storage.delivery.transaction import Reading, Writing
from storage.reservation.tables import BOOKING, BOOKING_HISTORY

ACTIVE = ("held", "pending", "confirmed", "checked_in")
COUNTED = ("pending", "confirmed")


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking as it is stored, with the terms that it was made under."""

    tenant_id: UUID
    booking_id: UUID
    resource_id: UUID
    resource_ids: list[UUID]
    category_id: UUID | None
    user_id: UUID | None
    series_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    quantity: int
    status: str
    notes: str | None
    attributes: dict[str, Any]
    price: dict[str, Any] | None
    hold_expires_at: datetime | None
    rules_version: int
    cancellation_window_hours: int
    reschedule_window_hours: int | None
    buffer_before_minutes: int
    buffer_after_minutes: int
    hold_ttl_seconds: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    cancelled_by: str | None
    cancellation_reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a booking: what happened, who did it, before and after."""

    tenant_id: UUID
    booking_id: UUID
    version: int
    type: str
    at: datetime
    actor: str
    changes: dict[str, Any]
    overridden: list[str]
    reason: str | None


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """What a list is narrowed to; `since` and `until` keep what overlaps `[since, until)`."""

    resource_id: UUID | None = None
    user_id: UUID | None = None
    category_id: UUID | None = None
    series_id: UUID | None = None
    status: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


_COLUMNS = tuple(field.name for field in fields(BookingRow))
_HISTORY_COLUMNS = tuple(field.name for field in fields(HistoryRow))
_ADD = insert(BOOKING)
_ADD_HISTORY = insert(BOOKING_HISTORY)
# The names of bound parameters must not be those of the columns that are set.
_SAVE = (
    update(BOOKING)
    .where(
        BOOKING.c.tenant_id == bindparam("of_tenant"), BOOKING.c.booking_id == bindparam("of_id")
    )
    .values(
        {
            name: bindparam(name, type_=BOOKING.c[name].type)
            for name in _COLUMNS
            if name not in ("tenant_id", "booking_id")
        }
    )
)
_FIND = select(BOOKING).where(
    BOOKING.c.tenant_id == bindparam("tenant_id"), BOOKING.c.booking_id == bindparam("booking_id")
)
_FIND_LOCKED = _FIND.with_for_update()
_HISTORY = (
    select(BOOKING_HISTORY)
    .where(
        BOOKING_HISTORY.c.tenant_id == bindparam("tenant_id"),
        BOOKING_HISTORY.c.booking_id == bindparam("booking_id"),
        BOOKING_HISTORY.c.version > bindparam("after"),
    )
    .order_by(BOOKING_HISTORY.c.version)
    .limit(bindparam("most"))
)
_COUNT_OF_USER = (
    select(func.count())
    .select_from(BOOKING)
    .where(
        BOOKING.c.tenant_id == bindparam("tenant_id"),
        BOOKING.c.user_id == bindparam("user_id"),
        BOOKING.c.status.in_(COUNTED),
        BOOKING.c.starts_at > bindparam("now"),
        BOOKING.c.booking_id.is_distinct_from(bindparam("but_for")),
    )
)


async def find_booking(read: Reading, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
    """The booking; `lock` holds it until the commit."""
    keys = {"tenant_id": read.tenant_id, "booking_id": booking_id}
    row = (await read.run(_FIND_LOCKED if lock else _FIND, keys)).one_or_none()
    return None if row is None else BookingRow(**row._asdict())


async def add_booking(write: Writing, booking: BookingRow, history: HistoryRow) -> None:
    """Inserts a booking, and how it came about."""
    await write.run(_ADD, _values(booking, _COLUMNS))
    await write.run(_ADD_HISTORY, _values(history, _HISTORY_COLUMNS))


async def save_booking(write: Writing, booking: BookingRow, history: HistoryRow) -> None:
    """Writes a booking that was loaded under lock, and what changed it."""
    keys = {"of_tenant": booking.tenant_id, "of_id": booking.booking_id}
    values = _values(booking, _COLUMNS)
    await write.run(_SAVE, {**values, **keys})
    await write.run(_ADD_HISTORY, _values(history, _HISTORY_COLUMNS))


async def list_bookings(
    read: Reading, wanted: BookingFilter, limit: int, after: tuple[datetime, UUID] | None
) -> list[BookingRow]:
    """Bookings by start, `limit` at most, after the given place."""
    query = (
        select(BOOKING)
        .where(BOOKING.c.tenant_id == read.tenant_id, *_conditions(wanted))
        .order_by(BOOKING.c.starts_at, BOOKING.c.booking_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(BOOKING.c.starts_at, BOOKING.c.booking_id) > after)
    return [BookingRow(**row._asdict()) for row in await read.run(query)]


async def history_of(
    read: Reading, booking_id: UUID, limit: int, after: int = 0
) -> list[HistoryRow]:
    """The changes of a booking, oldest first, `limit` at most, from behind the version `after`."""
    keys = {"tenant_id": read.tenant_id, "booking_id": booking_id, "most": limit, "after": after}
    return [HistoryRow(**row._asdict()) for row in await read.run(_HISTORY, keys)]


async def active_bookings_of(
    read: Reading, user_id: UUID, now: datetime, but_for: UUID | None = None
) -> int:
    """How many future bookings of a user count against a quota."""
    values = {"tenant_id": read.tenant_id, "user_id": user_id, "now": now, "but_for": but_for}
    return int((await read.run(_COUNT_OF_USER, values)).scalar_one())


def _conditions(wanted: BookingFilter) -> list[Any]:
    table = BOOKING.c
    found: list[Any] = []
    if wanted.resource_id is not None:
        found.append(
            or_(
                table.resource_id == wanted.resource_id,
                table.resource_ids.contains([wanted.resource_id]),
            )
        )
    for column, value in (
        (table.user_id, wanted.user_id),
        (table.category_id, wanted.category_id),
        (table.series_id, wanted.series_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.status:
        found.append(table.status.in_(wanted.status))
    if wanted.since is not None:
        found.append(table.ends_at > wanted.since)
    if wanted.until is not None:
        found.append(table.starts_at < wanted.until)
    if wanted.text:
        found.append(table.notes.icontains(wanted.text, autoescape=True))
    return found


def _values(row: BookingRow | HistoryRow, columns: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns}
