"""Queries that keep the figures up: the booking as last heard, and what it adds to which sums."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.delivery.transaction import Writing
from storage.subscriber.tables import METADATA

_BOOKING = METADATA.tables["report_booking"]
_DAY = METADATA.tables["report_day"]
_HOUR = METADATA.tables["report_hour"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What the figures need to know of a booking; its own resource is the first. `cancelled_by` is
    a kind of caller, never who."""

    resource_ids: tuple[UUID, ...]
    category_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    quantity: int
    status: str
    on_hold: bool
    created_at: datetime
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    window_hours: int | None = None
    cancelled_from: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    """The figures of a resource on a local day, by the category that was booked; `main` where it is
    the booking's own resource."""

    day: date
    resource_id: UUID
    category_id: UUID
    main: bool


@dataclass(frozen=True, slots=True, order=True)
class HourKey:
    """The figures of a tenant in an hour of a local day."""

    day: date
    hour: int


Key = DayKey | HourKey
Amounts = Mapping[str, int]
_FACT = tuple(field.name for field in fields(Fact))


async def fact_for_change(work: Writing, booking_id: UUID) -> tuple[int, Fact | None]:
    """The booking as last counted and the sequence of that event, nobody else's to count until the
    commit; (0, None) where it was not counted yet."""
    values = {"tenant_id": work.tenant_id, "booking_id": booking_id}
    await work.run(insert(_BOOKING).values(values).on_conflict_do_nothing())
    query = (
        select(_BOOKING.c.sequence, *(_BOOKING.c[name] for name in _FACT))
        .where(_BOOKING.c.tenant_id == work.tenant_id, _BOOKING.c.booking_id == booking_id)
        .with_for_update()
    )
    row = (await work.run(query)).one()
    if row.sequence == 0:
        return 0, None
    found = {name: getattr(row, name) for name in _FACT}
    return row.sequence, Fact(**{**found, "resource_ids": tuple(row.resource_ids)})


async def save_fact(work: Writing, booking_id: UUID, sequence: int, fact: Fact) -> None:
    """The booking is counted as of this event."""
    change = (
        update(_BOOKING)
        .where(_BOOKING.c.tenant_id == work.tenant_id, _BOOKING.c.booking_id == booking_id)
        .values(sequence=sequence, **{**asdict(fact), "resource_ids": list(fact.resource_ids)})
    )
    await work.run(change)


async def add_figures(work: Writing, added: Mapping[Key, Amounts]) -> None:
    """The amounts are added to the sums of their keys. Always in the same order, so that two
    bookings that meet in their sums wait for one another and do not stand in each other's way."""
    for table, kind in ((_DAY, DayKey), (_HOUR, HourKey)):
        for key in sorted(found for found in added if isinstance(found, kind)):
            await _add(work, table, asdict(key), added[key])


async def _add(work: Writing, table: Table, key: Mapping[str, object], amounts: Amounts) -> None:
    statement = insert(table).values(tenant_id=work.tenant_id, **key, **amounts)
    sums = {name: table.c[name] + statement.excluded[name] for name in amounts}
    on = table.primary_key.columns.keys()
    await work.run(statement.on_conflict_do_update(index_elements=list(on), set_=sums))
