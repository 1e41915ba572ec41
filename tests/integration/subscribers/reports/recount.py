"""The same figures once more, counted naively from the bookings themselves, minute by minute."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.integration.desk import Desk

STATUSES = (
    *("pending", "confirmed", "checked_in", "completed"),
    *("no_show", "cancelled", "rejected", "expired"),
)
_KEPT = ("pending", "confirmed", "checked_in", "completed", "no_show")
_BOOKINGS = """
    SELECT b.*, (SELECT h.changes -> 'status' ->> 'before' FROM booking_history h
        WHERE h.tenant_id = b.tenant_id AND h.booking_id = b.booking_id
          AND h.changes -> 'status' ->> 'after' = 'cancelled') AS cancelled_from
    FROM booking b WHERE tenant_id = :tenant ORDER BY starts_at, booking_id
"""
_STEPS = (
    (0, "after_start"),
    (60, "under_1h"),
    (240, "1h_to_4h"),
    (1440, "4h_to_24h"),
    (3 * 1440, "1d_to_3d"),
    (7 * 1440, "3d_to_7d"),
)
Open = Callable[[datetime], bool]
Figures = dict[Any, Counter[str]]


@dataclass(frozen=True)
class Place:
    """A resource as the test made it; `opens` says of an instant whether it is open."""

    resource_id: UUID
    category_id: UUID | None
    capacity: int
    opens: Open


def group_of(group_by: str, at: datetime, resource: UUID, category: UUID | None) -> Any:
    match group_by:
        case "resource":
            return str(resource)
        case "category":
            return None if category is None else str(category)
        case "weekday_hour":
            return at.strftime("%a").lower(), at.hour
        case _:
            return at.strftime({"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[group_by])


def group_in(group_by: str, item: dict[str, Any]) -> Any:
    """The same of a row of an answer."""
    if group_by == "weekday_hour":
        return item["weekday"], item["hour"]
    return item[f"{group_by}_id" if group_by in ("resource", "category") else group_by]


async def bookings_of(desk: Desk, tenant_id: UUID) -> list[Any]:
    return await desk.rows(_BOOKINGS, tenant=tenant_id)


def is_hold(row: Any) -> bool:
    if row.status == "cancelled":
        return bool(row.cancelled_from == "held")
    return row.status == "held" or (row.status == "expired" and row.hold_expires_at is not None)


def minutes_between(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every minute as the zone's clocks show it."""
    while start < end:
        yield start.astimezone(zone)
        start += timedelta(minutes=1)


def counted(rows: list[Any], group_by: str, within: Callable[[datetime], bool]) -> Figures:
    """What became of bookings, by where they start."""
    found: Figures = defaultdict(Counter)
    for row in rows:
        at = row.starts_at.astimezone(ZoneInfo(row.timezone))
        if not within(at):
            continue
        taken = row.resource_ids if group_by == "resource" else [row.resource_id]
        for resource in taken:
            quantity = row.quantity if resource == row.resource_id else 1
            group = found[group_of(group_by, at, resource, row.category_id)]
            group += one_booking(row, quantity)
    return {key: value for key, value in found.items() if value}


def one_booking(row: Any, quantity: int) -> Counter[str]:
    if is_hold(row):
        return Counter(holds=1)
    length = int((row.ends_at - row.starts_at).total_seconds()) // 60 * quantity
    found = Counter({row.status: 1, "bookings": 1})
    if row.status in _KEPT:
        found["minutes"] = length
    if row.status == "no_show":
        found["minutes_lost"] = length
        found[f"ahead {step(row.starts_at - row.created_at)}"] += 1
    if row.status == "cancelled":
        found[f"by_{cancelled_by(row)}"] += 1
        limit = row.starts_at - timedelta(hours=row.cancellation_window_hours)
        found["late" if row.cancelled_at > limit else "in_time"] += 1
        found[f"notice {step(row.starts_at - row.cancelled_at)}"] += 1
    return found


def step(ahead: timedelta) -> str:
    minutes = ahead.total_seconds() / 60
    return next((name for limit, name in _STEPS if minutes < limit), "7d_or_more")


def cancelled_by(row: Any) -> str:
    if row.cancelled_by == f"user:{row.user_id}":
        return "customer"
    return {"user": "staff", "service": "service"}.get(row.cancelled_by.split(":")[0], "system")


def booked(
    rows: list[Any], places: list[Place], group_by: str, within: Callable[[datetime], bool]
) -> Counter[Any]:
    """Booked minutes by where they lie; the category is that of the resource."""
    categories = {one.resource_id: one.category_id for one in places}
    found: Counter[Any] = Counter()
    for row in rows:
        if row.status not in _KEPT:
            continue
        zone = ZoneInfo(row.timezone)
        for at in minutes_between(row.starts_at, row.ends_at, zone):
            for resource in row.resource_ids if within(at) else ():
                quantity = row.quantity if resource == row.resource_id else 1
                found[group_of(group_by, at, resource, categories[resource])] += quantity
    return found


def opened(places: list[Place], group_by: str, dates: list[Any], zone: ZoneInfo) -> Counter[Any]:
    """Open minutes of every unit of each resource."""
    found: Counter[Any] = Counter()
    for date in dates:
        noon = datetime(date.year, date.month, date.day, 12, tzinfo=zone).astimezone(UTC)
        around = minutes_between(noon - timedelta(hours=15), noon + timedelta(hours=15), zone)
        for at in (one for one in around if one.date() == date):
            for one in places:
                if one.opens(at):
                    key = group_of(group_by, at, one.resource_id, one.category_id)
                    found[key] += one.capacity
    return found
