"""Queries that answer reports: sums of figures, never a look at a booking."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, Double, and_, cast, extract, func, select

from storage.delivery.transaction import Reading
from storage.subscriber.report_tables import BOOKED
from storage.subscriber.tables import METADATA

By = Literal["day", "resource", "category", "weekday_hour"]
_DAY = METADATA.tables["report_day"].c
_HOUR = METADATA.tables["report_hour"].c
_OPEN = METADATA.tables["report_open_day"].c
_OPEN_HOUR = METADATA.tables["report_open_hour"].c
Sums = list[tuple[Any, tuple[int, ...]]]


def _sum(amount: Any) -> Any:
    """Numbers of 64 bits would be added up as decimals; as doubles they are as exact below 2^53,
    and are done in a fraction of the time."""
    if isinstance(amount.type, BigInteger):
        amount = cast(amount, Double)
    return cast(func.sum(amount), BigInteger)


# Of all its units.
_OPEN_SECONDS = cast(func.sum(cast(_OPEN.seconds, Double) * _OPEN.capacity), BigInteger)


async def sums(read: Reading, by: By, first: date, last: date, measures: Sequence[str]) -> Sums:
    """The measures of what starts between the dates, by date, (weekday 1 to 7, hour), resource or
    category. By resource, whatever takes part in a booking counts; else the booking counts once."""
    if by in ("day", "weekday_hour"):
        table, keys = _HOUR, _hours(by)
        within = and_(_HOUR.tenant_id == read.tenant_id, _HOUR.day.between(first, last))
    else:
        table, keys = _DAY, [_DAY.resource_id if by == "resource" else _DAY.category_id]
        within = and_(_DAY.tenant_id == read.tenant_id, _DAY.day.between(first, last))
        if by == "category":
            within = and_(within, _DAY.main)
    added = [_sum(table[name]) for name in measures]
    rows = await read.run(select(*keys, *added).where(within).group_by(*keys))
    return [_keyed(row, len(keys)) for row in rows]


async def booked(read: Reading, by: By, first: date, last: date) -> Sums:
    """Booked seconds between the dates; never by category, see `by_category`."""
    return await sums(read, by, first, last, (BOOKED,))


async def by_category(read: Reading, first: date, last: date) -> Sums:
    """Booked and open seconds by the category that the resource has on the day."""
    query = (
        select(_OPEN.resource_id, _OPEN.category_id, _OPEN_SECONDS)
        .where(_OPEN.tenant_id == read.tenant_id, _OPEN.day.between(first, last))
        .group_by(_OPEN.resource_id, _OPEN.category_id)
    )
    found: Sums = []
    categories: dict[UUID, set[UUID | None]] = {}
    for resource, category, seconds in map(tuple, await read.run(query)):
        found.append((category, (0, seconds)))
        categories.setdefault(resource, set()).add(category)
    # Hardly any goes from one to another: only of these every day has to be looked at.
    moved = [one for one, several in categories.items() if len(several) > 1]
    for resource, (seconds,) in await booked(read, "resource", first, last):
        if resource not in moved:
            (category,) = categories.get(resource, {None})
            found.append((category, (seconds, 0)))
    by_day = await _booked_by_day(read, moved, first, last)
    return [*found, *((category, (seconds, 0)) for category, (seconds,) in by_day)]


async def _booked_by_day(read: Reading, resources: Sequence[UUID], first: date, last: date) -> Sums:
    """Booked seconds of these resources by category, day by day."""
    if not resources:
        return []
    same = and_(
        _OPEN.tenant_id == _DAY.tenant_id,
        _OPEN.day == _DAY.day,
        _OPEN.resource_id == _DAY.resource_id,
    )
    days, opens = METADATA.tables["report_day"], METADATA.tables["report_open_day"]
    query = (
        select(_OPEN.category_id, _sum(_DAY[BOOKED]))
        .select_from(days.outerjoin(opens, same))
        .where(
            _DAY.tenant_id == read.tenant_id,
            _DAY.day.between(first, last),
            _DAY.resource_id.in_(resources),
        )
        .group_by(_OPEN.category_id)
    )
    return [_keyed(row, 1) for row in await read.run(query)]


async def opened(read: Reading, by: By, first: date, last: date) -> Sums:
    """Open seconds between the dates, of all units of every resource."""
    if by == "resource":
        query = (
            select(_OPEN.resource_id, _OPEN_SECONDS)
            .where(_OPEN.tenant_id == read.tenant_id, _OPEN.day.between(first, last))
            .group_by(_OPEN.resource_id)
        )
        return [_keyed(row, 1) for row in await read.run(query)]
    keys = _hours(by, _OPEN_HOUR)
    query = (
        select(*keys, _sum(_OPEN_HOUR.seconds))
        .where(_OPEN_HOUR.tenant_id == read.tenant_id, _OPEN_HOUR.day.between(first, last))
        .group_by(*keys)
    )
    return [_keyed(row, len(keys)) for row in await read.run(query)]


def _hours(by: By, table: Any = _HOUR) -> list[Any]:
    if by == "day":
        return [table.day]
    return [cast(extract("isodow", table.day), BigInteger), cast(table.hour, BigInteger)]


def _keyed(row: Any, keys: int) -> tuple[Any, tuple[int, ...]]:
    key = row[0] if keys == 1 else tuple(row[:keys])
    return key, tuple(row[keys:])
