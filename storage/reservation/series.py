"""Queries on series: the series, its skipped occurrences, and its bookings many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, text, update

from storage.delivery.transaction import Reading, Writing
from storage.reservation.bookings import BookingRow, HistoryRow
from storage.reservation.places import Stretch
from storage.reservation.tables import (
    BOOKING,
    BOOKING_HISTORY,
    BOOKING_SERIES,
    BOOKING_SERIES_SKIPPED,
)


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series as it is stored: what further bookings of it are made of."""

    tenant_id: UUID
    series_id: UUID
    resource_id: UUID
    user_id: UUID | None
    rrule: str
    pattern: dict[str, Any]
    starts_at: datetime
    ends_at: datetime
    timezone: str
    quantity: int
    notes: str | None
    attributes: dict[str, Any]
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """An occurrence that was not booked, and why."""

    starts_at: datetime
    ends_at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """What a booking that is no hold takes of the one resource it is of."""

    booking_id: UUID
    resource_id: UUID
    stretch: Stretch
    quantity: int
    exclusive: bool


_SAVED = (
    "rrule",
    "pattern",
    "starts_at",
    "ends_at",
    "quantity",
    "notes",
    "updated_at",
    "version",
)
_FIND = select(BOOKING_SERIES).where(
    BOOKING_SERIES.c.tenant_id == bindparam("tenant_id"),
    BOOKING_SERIES.c.series_id == bindparam("series_id"),
)
_FIND_LOCKED = _FIND.with_for_update()
_SAVE = (
    update(BOOKING_SERIES)
    .where(
        BOOKING_SERIES.c.tenant_id == bindparam("of_tenant"),
        BOOKING_SERIES.c.series_id == bindparam("of_id"),
    )
    .values({name: bindparam(name, type_=BOOKING_SERIES.c[name].type) for name in _SAVED})
)
_BOOKINGS = select(BOOKING).where(
    BOOKING.c.tenant_id == bindparam("tenant_id"), BOOKING.c.series_id == bindparam("series_id")
)
# Rows are locked in the order of their ids, as whoever expires holds does it.
_BOOKINGS_LOCKED = _BOOKINGS.order_by(BOOKING.c.booking_id).with_for_update()
_BOOKINGS_BY_START = _BOOKINGS.order_by(BOOKING.c.starts_at, BOOKING.c.booking_id)
_SAVE_BOOKING = (
    update(BOOKING)
    .where(
        BOOKING.c.tenant_id == bindparam("of_tenant"), BOOKING.c.booking_id == bindparam("of_id")
    )
    .values(
        {
            field.name: bindparam(field.name, type_=BOOKING.c[field.name].type)
            for field in fields(BookingRow)
            if field.name not in ("tenant_id", "booking_id")
        }
    )
)
_SKIPPED = (
    select(
        BOOKING_SERIES_SKIPPED.c.starts_at,
        BOOKING_SERIES_SKIPPED.c.ends_at,
        BOOKING_SERIES_SKIPPED.c.code,
    )
    .where(
        BOOKING_SERIES_SKIPPED.c.tenant_id == bindparam("tenant_id"),
        BOOKING_SERIES_SKIPPED.c.series_id == bindparam("series_id"),
    )
    .order_by(BOOKING_SERIES_SKIPPED.c.starts_at)
)
_FORGET_SKIPPED = delete(BOOKING_SERIES_SKIPPED).where(
    BOOKING_SERIES_SKIPPED.c.tenant_id == bindparam("tenant_id"),
    BOOKING_SERIES_SKIPPED.c.series_id == bindparam("series_id"),
)
_PUT = text("""
    INSERT INTO allocation (tenant_id, resource_id, booking_id, blocked, blocked_from, blocked_to,
                            quantity, active, exclusive, hold_expires_at)
    SELECT :tenant_id, resource_id, booking_id, tstzrange(from_, to_), from_, to_,
           quantity, true, exclusive, NULL
    FROM unnest(cast(:resource_ids AS uuid[]), cast(:booking_ids AS uuid[]),
                cast(:froms AS timestamptz[]), cast(:tos AS timestamptz[]),
                cast(:quantities AS integer[]), cast(:exclusives AS boolean[]))
        AS place(resource_id, booking_id, from_, to_, quantity, exclusive)
    ORDER BY resource_id, from_
    ON CONFLICT ON CONSTRAINT pk_allocation DO UPDATE SET
        blocked = EXCLUDED.blocked, blocked_from = EXCLUDED.blocked_from,
        blocked_to = EXCLUDED.blocked_to, quantity = EXCLUDED.quantity,
        exclusive = EXCLUDED.exclusive, active = true
""")
_LEAVE = text("""
    UPDATE allocation SET active = false
    WHERE tenant_id = :tenant_id AND booking_id = ANY(:booking_ids) AND active
""")


async def find_series(read: Reading, series_id: UUID, *, lock: bool = False) -> SeriesRow | None:
    """The series; `lock` holds it until the commit."""
    statement = _FIND_LOCKED if lock else _FIND
    row = (await read.run(statement, _keys(read, series_id))).one_or_none()
    return None if row is None else SeriesRow(**row._asdict())


async def add_series(write: Writing, series: SeriesRow) -> None:
    await write.run(insert(BOOKING_SERIES), _values(series))


async def save_series(write: Writing, series: SeriesRow) -> None:
    """Writes a series that was loaded under lock."""
    values = {name: value for name, value in _values(series).items() if name in _SAVED}
    await write.run(_SAVE, {**values, "of_tenant": series.tenant_id, "of_id": series.series_id})


async def skipped_of(read: Reading, series_id: UUID) -> list[SkippedRow]:
    """The occurrences that are not booked, by start."""
    found = await read.run(_SKIPPED, _keys(read, series_id))
    return [SkippedRow(**row._asdict()) for row in found]


async def set_skipped(write: Writing, series_id: UUID, rows: Sequence[SkippedRow]) -> None:
    """Afterwards these occurrences are the skipped ones, and no others."""
    keys = _keys(write, series_id)
    await write.run(_FORGET_SKIPPED, keys)
    if rows:
        await write.run(insert(BOOKING_SERIES_SKIPPED), [{**keys, **_values(row)} for row in rows])


async def bookings_of_series(
    read: Reading, series_id: UUID, *, lock: bool = False
) -> list[BookingRow]:
    """Every booking of the series, by start; `lock` holds them until the commit."""
    statement = _BOOKINGS_LOCKED if lock else _BOOKINGS_BY_START
    found = await read.run(statement, _keys(read, series_id))
    rows = [BookingRow(**row._asdict()) for row in found]
    return sorted(rows, key=lambda row: (row.starts_at, row.booking_id)) if lock else rows


async def add_bookings(
    write: Writing, bookings: Sequence[BookingRow], history: Sequence[HistoryRow]
) -> None:
    """Inserts bookings, and how they came about."""
    await write.run(insert(BOOKING), [_values(row) for row in bookings])
    await write.run(insert(BOOKING_HISTORY), [_values(row) for row in history])


async def save_bookings(
    write: Writing, bookings: Sequence[BookingRow], history: Sequence[HistoryRow]
) -> None:
    """Writes bookings that were loaded under lock, and what changed them."""
    changed = [
        {**_values(row), "of_tenant": row.tenant_id, "of_id": row.booking_id} for row in bookings
    ]
    await write.run(_SAVE_BOOKING, changed)
    await write.run(insert(BOOKING_HISTORY), [_values(row) for row in history])


async def put_many_places(write: Writing, places: Sequence[PlaceRow]) -> None:
    """Takes the places, under the locks and after the decision. Those that are moved were left
    before, so that none stands in another's way."""
    values = {
        "tenant_id": write.tenant_id,
        "resource_ids": [place.resource_id for place in places],
        "booking_ids": [place.booking_id for place in places],
        "froms": [place.stretch.from_ for place in places],
        "tos": [place.stretch.to for place in places],
        "quantities": [place.quantity for place in places],
        "exclusives": [place.exclusive for place in places],
    }
    await write.run(_PUT, values)


async def leave_many_places(write: Writing, booking_ids: Sequence[UUID]) -> None:
    """Frees what the bookings have taken."""
    await write.run(_LEAVE, {"tenant_id": write.tenant_id, "booking_ids": list(booking_ids)})


def _keys(read: Reading, series_id: UUID) -> dict[str, UUID]:
    return {"tenant_id": read.tenant_id, "series_id": series_id}


def _values(row: SeriesRow | SkippedRow | BookingRow | HistoryRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}
