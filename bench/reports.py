"""How long reports on many bookings of one tenant take.

    python -m bench.reports [bookings] [resources]

Starts a PostgreSQL with the subscribers' schema, plants a year of bookings (a million, of 250
resources, unless told otherwise) with the figures that they add up to, has the open days worked
out, and asks every report by every group, as its handler does: preparation, sums, encoded reply.
Each is asked seven times; the median and the slowest are shown. Bookings go in as facts, half an
hour each; how they become figures is proved by tests, not here.
"""

import asyncio
import statistics
import sys
import time
from datetime import date
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.subscriber.reports import (
    Report,
    ReportBookings,
    ReportCancellations,
    ReportNoShows,
    ReportOccupancy,
    ReportSurvey,
)
from contracts.wire.identity import new_id
from domain.reservation.open_time import OpenTime
from handlers.subscribers.reports.set_up import report_routes
from handlers.subscribers.reports.surveying import resources_left
from tests.integration.desk import Desk
from tests.integration.postgres import Databases
from tests.integration.subscribers.reports.conftest import MANAGER, Inside

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAYS = 365
GROUPS = ("day", "week", "month", "resource", "category", "weekday_hour")
TIMES = 7
_HOURS = [{"start": "09:00", "end": "19:00"}]
RULES = {
    "timezone": "America/Sao_Paulo",
    "business_hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), _HOURS),
    "closures": [{"date": "2026-12-25"}],
}
_RESOURCES = """
    CREATE TEMPORARY TABLE place AS
    SELECT n, gen_random_uuid() AS resource_id,
        ('00000000-0000-0000-0000-' || lpad((n % 12)::text, 12, '1'))::uuid AS category_id
    FROM generate_series(1, cast(:resources AS integer)) AS n
"""
_RULES = """
    INSERT INTO report_rule (tenant_id, kind, object_id, version, since, document)
    SELECT cast(:tenant AS uuid), 'settings', cast(:tenant AS uuid), 1, timestamptz '2025-01-01',
        cast(:rules AS jsonb)
    UNION ALL
    SELECT cast(:tenant AS uuid), 'resource', resource_id, 1, timestamptz '2025-01-01',
        jsonb_build_object('id', resource_id, 'category_id', category_id, 'capacity', 1,
        'timezone', null, 'active', true, 'overrides', jsonb_build_array(), 'deleted_at', null,
        'created_at', '2025-01-01T00:00:00Z',
        'availability_schedule', CASE WHEN n % 2 = 0 THEN jsonb_build_object('mon',
            jsonb_build_array(jsonb_build_object('start', '10:00', 'end', '18:00'))) END)
    FROM place
"""
# Which booking of the tenant it is says where and when it is, and what became of it.
_BOOKINGS = """
    INSERT INTO report_booking (tenant_id, booking_id, sequence, resource_ids, category_id,
        starts_at, ends_at, timezone, quantity, status, on_hold, created_at, cancelled_at,
        cancelled_by, window_hours, cancelled_from)
    SELECT cast(:tenant AS uuid), gen_random_uuid(), 2, ARRAY[p.resource_id], p.category_id, at,
        at + interval '30 minutes', 'America/Sao_Paulo', 1, CASE WHEN b % 10 = 0 THEN 'cancelled'
        WHEN b % 25 = 1 THEN 'no_show' WHEN b % 3 = 0 THEN 'confirmed' ELSE 'completed' END,
        false, at - interval '5 days',
        CASE WHEN b % 10 = 0 THEN at - make_interval(hours => (b / 10 % 200)::int) END,
        CASE WHEN b % 10 = 0 THEN 'customer' END, 24,
        CASE WHEN b % 10 = 0 THEN 'confirmed' END
    FROM generate_series(0, cast(:bookings AS bigint) - 1) AS b
    JOIN place p ON p.n = b % cast(:resources AS bigint) + 1
    CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01 12:00+00'
        + make_interval(days => (b / cast(:resources AS bigint) % 365)::int,
            mins => (b / cast(:resources AS bigint) / 365 % 16 * 30)::int) AS at) AS found
"""
_SUMS = """
    count(*) FILTER (WHERE status = 'confirmed'), count(*) FILTER (WHERE status = 'completed'),
    count(*) FILTER (WHERE status = 'no_show'), count(*) FILTER (WHERE status = 'cancelled'),
    count(*) FILTER (WHERE status <> 'cancelled') * 1800,
    count(*) FILTER (WHERE status <> 'cancelled') * 1800,
    count(*) FILTER (WHERE status = 'no_show') * 1800,
    count(*) FILTER (WHERE status = 'cancelled'),
    count(*) FILTER (WHERE cancelled_at > starts_at - interval '1 day'),
    count(*) FILTER (WHERE status = 'cancelled' AND cancelled_at > starts_at - interval '1 day'),
    count(*) FILTER (WHERE cancelled_at <= starts_at - interval '1 day'),
    coalesce(sum(extract(epoch FROM starts_at - cancelled_at)), 0)::bigint,
    count(*) FILTER (WHERE status = 'no_show'),
    count(*) FILTER (WHERE status = 'no_show') * 432000
"""
_NAMES = """confirmed, completed, no_show, cancelled, booked_seconds, length_seconds, lost_seconds,
    by_customer, late, notice_3, notice_6, notice_seconds, ahead_5, ahead_seconds"""
_DAYS = (
    *("INSERT INTO report_day (tenant_id, day, resource_id, category_id, main,", _NAMES, ")"),
    "SELECT tenant_id, (starts_at AT TIME ZONE timezone)::date, resource_ids[1], category_id,",
    *("true,", _SUMS, "FROM report_booking WHERE tenant_id = :tenant GROUP BY 1, 2, 3, 4"),
)
_BY_HOUR = (
    *("INSERT INTO report_hour (tenant_id, day, hour,", _NAMES, ")"),
    "SELECT tenant_id, (starts_at AT TIME ZONE timezone)::date,",
    *("extract(hour FROM starts_at AT TIME ZONE timezone)::smallint,", _SUMS),
    "FROM report_booking WHERE tenant_id = :tenant GROUP BY 1, 2, 3",
)


async def planted(engine: AsyncEngine, tenant_id: UUID, bookings: int, resources: int) -> None:
    """A year of bookings and their figures."""
    sizes = {"bookings": bookings, "resources": resources}
    rules = orjson.dumps(RULES).decode()
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text(_RESOURCES), {"resources": resources})
        await connection.execute(text(_RULES), {"tenant": tenant_id, "rules": rules})
        await connection.execute(text(_BOOKINGS), {"tenant": tenant_id, **sizes})
        for words in (_DAYS, _BY_HOUR):
            await connection.execute(text(" ".join(words)), {"tenant": tenant_id})
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))


async def timed(desk: Desk, tenant_id: UUID, message: type[Report], group_by: str) -> list[float]:
    """Milliseconds of each time that it is asked."""
    found = []
    asked = {"from": str(FIRST), "to": str(LAST), "group_by": group_by}
    for _ in range(TIMES):
        begun = time.perf_counter()
        reply = await desk.ask(message, tenant_id, MANAGER, **asked)
        found.append((time.perf_counter() - begun) * 1000)
        if reply.status != 200:
            raise RuntimeError(str(reply))
    return found


async def measured(databases: Databases, bookings: int, resources: int) -> None:
    desk = Desk.at("report", databases.of("subscriber"))
    inside = Inside(desk)
    desk.serve(report_routes(desk.engine, inside, OpenTime))
    tenant_id = new_id()
    await planted(desk.administrator, tenant_id, bookings, resources)
    begun = time.perf_counter()
    while await resources_left(inside, tenant_id, ReportSurvey(first=FIRST, last=LAST)):
        pass
    spent = time.perf_counter() - begun
    print(f"{bookings} bookings, {resources} resources; open days worked out in {spent:.1f} s")
    for message in (ReportOccupancy, ReportBookings, ReportCancellations, ReportNoShows):
        for group_by in GROUPS:
            found = await timed(desk, tenant_id, message, group_by)
            median, slowest = statistics.median(found), max(found)
            print(f"{message.type:22} {group_by:13} {median:7.1f} ms {slowest:7.1f} ms")
    await desk.close()


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:3]]
    bookings, resources = (*sizes, *(1_000_000, 250)[len(sizes) :])
    databases = Databases()
    try:
        databases.start()
        asyncio.run(measured(databases, bookings, resources))
    finally:
        databases.stop()


if __name__ == "__main__":
    main()
