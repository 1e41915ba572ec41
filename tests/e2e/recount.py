"""A tenant's bill added up anew: from its bookings, their histories and its mails, as the database
of each has them; nothing here is shared with what the subscriber does."""

import asyncio
import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from tests.installation import Installation

STANDS = ("confirmed", "checked_in", "completed")
MADE = (*STANDS, "no_show")
_HISTORY = """
    SELECT b.price ->> 'amount' AS price, b.price ->> 'per' AS per, b.cancellation_window_hours,
        h.booking_id, h.version, h.at, h.changes
    FROM booking_history h JOIN booking b USING (tenant_id, booking_id)
    WHERE h.tenant_id = $1 ORDER BY h.booking_id, h.version
"""
_BOOKINGS = """
    SELECT (starts_at AT TIME ZONE timezone)::date AS day,
        count(*) FILTER (WHERE status <> 'no_show') AS bookings_kept,
        count(*) FILTER (WHERE status = 'no_show') AS no_shows,
        sum(extract(epoch FROM ends_at - starts_at) / 60
            * (quantity + cardinality(resource_ids) - 1))::bigint AS resource_minutes
    FROM booking WHERE tenant_id = $1
      AND status IN ('confirmed', 'checked_in', 'completed', 'no_show')
    GROUP BY 1
"""
_SENT = """
    SELECT (ended_at AT TIME ZONE 'UTC')::date AS day, count(*) AS messages_sent
    FROM notification WHERE tenant_id = $1 AND state = 'sent' GROUP BY 1
"""
_SECOND = timedelta(seconds=1)
FIELDS = ("starts_at", "ends_at", "timezone", "quantity", "status", "cancelled_at")


@dataclass
class Recount:
    """By day and metric, without zeros; and what is due by month (as 2026-11) and kind."""

    usage: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    due: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def more(self, day: date, metric: str, many: int = 1) -> None:
        self.usage[str(day)][metric] = self.usage[str(day)].get(metric, 0) + many


def recount(installation: Installation, tenant_id: str) -> Recount:
    """Days are the bookings' own, and of mails those of UTC."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _recount(installation, tenant_id)).result()


async def _recount(installation: Installation, tenant_id: str) -> Recount:
    found = Recount()
    databases = installation.endpoints["databases"]
    bookings = await _rows(databases["reservation"], _BOOKINGS, tenant_id)
    for row in (*bookings, *await _rows(databases["subscriber"], _SENT, tenant_id)):
        for metric in [name for name in dict(row) if name != "day" and row[name]]:
            found.more(row["day"], metric, row[metric])
    states: dict[Any, dict[str, Any]] = {}
    for row in await _rows(databases["reservation"], _HISTORY, tenant_id):
        before = states.get(row["booking_id"], {})
        changes = json.loads(row["changes"])
        after = {**before, **{name: changes[name]["after"] for name in FIELDS if name in changes}}
        states[row["booking_id"]] = {**after, "due": _add(found, row, before, after)}
    return found


def _add(found: Recount, row: Any, before: dict[str, Any], after: dict[str, Any]) -> Decimal:
    """Adds one change; what the booking is worth after it."""
    day = row["at"].astimezone(ZoneInfo(after["timezone"])).date()
    was_made, is_made = before.get("status") in MADE, after["status"] in MADE
    late = was_made and after["status"] == "cancelled" and _is_late(row, after)
    if is_made and not was_made:
        found.more(day, "bookings_made")
    if was_made and not is_made:
        found.more(day, "bookings_cancelled")
    if late:
        found.more(day, "late_cancellations")
    due: Decimal = before.get("due", Decimal(0))
    if before.get("status") == after["status"] == "cancelled":
        return due
    worth = _worth(row, after) if is_made or late else Decimal(0)
    found.due[str(day)[:7], "corrections" if was_made else "charges"] += worth - due
    return worth


def _is_late(row: Any, state: dict[str, Any]) -> bool:
    window = timedelta(hours=row["cancellation_window_hours"])
    return _at(state["cancelled_at"]) > _at(state["starts_at"]) - window


def _worth(row: Any, state: dict[str, Any]) -> Decimal:
    if row["price"] is None:
        return Decimal(0)
    minutes = Fraction((_at(state["ends_at"]) - _at(state["starts_at"])) // _SECOND, 60)
    times = {"booking": Fraction(1), "hour": minutes / 60, "minute": minutes}[row["per"]]
    cents = Fraction(row["price"]) * times * state["quantity"] * 100
    # Halves up: what it costs is never below nothing.
    return Decimal(floor(cents + Fraction(1, 2))).scaleb(-2)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def _rows(url: str, statement: str, tenant_id: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, tenant_id))
    finally:
        await connection.close()
