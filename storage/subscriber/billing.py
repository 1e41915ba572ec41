"""Queries on what a bill is made of: counts are moved, lines are added, nothing is taken away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.wire.identity import NIL
from storage.delivery.transaction import Reading, Writing

# Rows are locked in the order in which they are given: nobody waits for each other.
_MOVE = text("""
    INSERT INTO billing_tally (tenant_id, day, month, metric, currency, quantity)
    SELECT :tenant, day, month, metric, currency, quantity
    FROM unnest(cast(:days AS date[]), cast(:months AS date[]), cast(:metrics AS text[]),
        cast(:currencies AS text[]), cast(:quantities AS numeric[]))
        AS moved (day, month, metric, currency, quantity)
    ON CONFLICT ON CONSTRAINT pk_billing_tally
    DO UPDATE SET quantity = billing_tally.quantity + excluded.quantity
""")
_ADD_LINE = text("""
    INSERT INTO billing_line (tenant_id, line_id, month, day, at, booking_id, resource_id, kind,
        amount, currency)
    VALUES (:tenant, :line_id, :month, :day, :at, :booking_id, :resource_id, :kind, :amount,
        :currency)
""")
_ADD_RESOURCE = text("""
    INSERT INTO billing_resource (tenant_id, resource_id, version, at, active)
    VALUES (:tenant, :resource_id, :version, :at, :active) ON CONFLICT DO NOTHING
""")
_ADD_ZONE = text("""
    INSERT INTO billing_zone (tenant_id, version, since, timezone)
    VALUES (:tenant, :version, :since, :timezone) ON CONFLICT DO NOTHING
""")
_OF_DAYS = text("""
    SELECT day, metric, sum(quantity) AS quantity FROM billing_tally
    WHERE tenant_id = :tenant AND day BETWEEN :first AND :last AND currency = ''
    GROUP BY day, metric
""")
_OF_MONTH = text("""
    SELECT metric, currency, sum(quantity) AS quantity,
        coalesce(sum(quantity) FILTER (WHERE day < :month), 0) AS earlier
    FROM billing_tally WHERE tenant_id = :tenant AND month = :month
    GROUP BY metric, currency
""")
_LINES_BEHIND = text("""
    SELECT line_id, day, at, booking_id, resource_id, kind, amount, currency FROM billing_line
    WHERE tenant_id = :tenant AND month = :month AND (at, line_id) > (:at, :line)
    ORDER BY at, line_id LIMIT :limit
""")
_RESOURCES = text("""
    SELECT resource_id, version, at, active FROM billing_resource
    WHERE tenant_id = :tenant AND at < :until ORDER BY resource_id, version
""")
_ZONES = text("""
    SELECT since, timezone FROM billing_zone WHERE tenant_id = :tenant ORDER BY version
""")
# No line comes before the first instant of the calendar.
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC), NIL


@dataclass(frozen=True, slots=True)
class TallyRow:
    """So much of a metric, and of it what corrects days of earlier months."""

    metric: str
    currency: str
    quantity: Decimal
    earlier: Decimal


@dataclass(frozen=True, slots=True)
class LineRow:
    """What an event made due of a booking, or took back."""

    line_id: UUID
    day: date
    at: datetime
    booking_id: UUID
    resource_id: UUID
    kind: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Move:
    """So much more of a metric on a day, in a month's statement."""

    day: date
    month: date
    metric: str
    currency: str
    quantity: Decimal


async def move_tally(work: Writing, moves: Sequence[Move]) -> None:
    """Adds to what is counted; `moves` are sorted, and no two are of the same row."""
    await work.run(
        _MOVE,
        {
            "tenant": work.tenant_id,
            "days": [one.day for one in moves],
            "months": [one.month for one in moves],
            "metrics": [one.metric for one in moves],
            "currencies": [one.currency for one in moves],
            "quantities": [one.quantity for one in moves],
        },
    )


async def add_line(work: Writing, month: date, line: LineRow) -> None:
    """One more line of that month's statement."""
    values = {name: getattr(line, name) for name in LineRow.__dataclass_fields__}
    await work.run(_ADD_LINE, {"tenant": work.tenant_id, "month": month, **values})


async def add_activity(
    work: Writing, resource_id: UUID, version: int, at: datetime, *, active: bool
) -> None:
    """From then on the resource is active, or is not."""
    values = {"resource_id": resource_id, "version": version, "at": at, "active": active}
    await work.run(_ADD_RESOURCE, {"tenant": work.tenant_id, **values})


async def add_zone(work: Writing, version: int, since: datetime, timezone: str) -> None:
    """From then on the tenant's days are those of this zone."""
    values = {"version": version, "since": since, "timezone": timezone}
    await work.run(_ADD_ZONE, {"tenant": work.tenant_id, **values})


async def tally_of_days(read: Reading, first: date, last: date) -> list[tuple[date, str, int]]:
    """Day, metric and how much, of days from first to last, both inclusive; no amounts."""
    values = {"tenant": read.tenant_id, "first": first, "last": last}
    rows: Iterable[Any] = await read.run(_OF_DAYS, values)
    return [(row.day, row.metric, int(row.quantity)) for row in rows]


async def tally_of_month(read: Reading, month: date) -> list[TallyRow]:
    """All that stands in the statement of the month that begins on that day."""
    rows = await read.run(_OF_MONTH, {"tenant": read.tenant_id, "month": month})
    return [TallyRow(**row._asdict()) for row in rows]


async def lines_of_month(
    read: Reading, month: date, limit: int, after: tuple[datetime, UUID] | None
) -> list[LineRow]:
    """Lines in the order in which they came about, `limit` at most, after the given place."""
    at, line = after or _BEFORE_ALL
    values = {"tenant": read.tenant_id, "month": month, "limit": limit, "at": at, "line": line}
    return [LineRow(**row._asdict()) for row in await read.run(_LINES_BEHIND, values)]


async def activities(read: Reading, until: datetime) -> list[tuple[UUID, int, datetime, bool]]:
    """Resource, version, since when, and whether it is active; by resource and version."""
    rows = await read.run(_RESOURCES, {"tenant": read.tenant_id, "until": until})
    return [(row.resource_id, row.version, row.at, row.active) for row in rows]


async def zones(read: Reading) -> list[tuple[datetime, str]]:
    """Since when the tenant had which zone, by time."""
    rows = await read.run(_ZONES, {"tenant": read.tenant_id})
    return [(row.since, row.timezone) for row in rows]
