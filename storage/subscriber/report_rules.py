"""Queries on the rules that open time follows from, and on the open days that were worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.timing import committed
from storage.delivery.transaction import Reading, Writing
from storage.subscriber.tables import METADATA

_RULE = METADATA.tables["report_rule"]
_OPEN_DAY = METADATA.tables["report_open_day"]
_OPEN_HOUR = METADATA.tables["report_open_hour"]
_CALENDAR = METADATA.tables["report_calendar"]
Kind = Literal["settings", "resource"]
Span = tuple[date, date]

# Rules are not changed while days are worked out from them.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('open days:' || :tenant_id, 0))")
_ADD_DAYS = text("""
    INSERT INTO report_open_day (tenant_id, day, resource_id, category_id, capacity, seconds, hours)
    SELECT :tenant_id, one.day, one.resource_id, one.category_id, one.capacity, one.seconds,
        one.hours
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS one (day date, resource_id uuid,
        category_id uuid, capacity integer, seconds integer, hours smallint[])
    ON CONFLICT ON CONSTRAINT pk_report_open_day DO NOTHING
""")
# Days that are open alike are added up before they are taken apart: there are few kinds of them.
_ADD_HOURS = text("""
    INSERT INTO report_open_hour (tenant_id, day, hour, seconds)
    SELECT :tenant_id, alike.day, one.hour - 1, sum(alike.units * one.seconds)
    FROM (SELECT day, hours, sum(capacity) AS units FROM report_open_day AS open_day
          WHERE tenant_id = :tenant_id AND day BETWEEN :first AND :last
            AND NOT EXISTS (SELECT 1 FROM report_open_hour AS there
                WHERE there.tenant_id = :tenant_id AND there.day = open_day.day)
          GROUP BY day, hours) AS alike
    CROSS JOIN LATERAL unnest(alike.hours) WITH ORDINALITY AS one (seconds, hour)
    GROUP BY alike.day, one.hour
""")
# all tenants: a timer serves them all. Who never asked has no calendar.
_TO_BE_SURVEYED = text("""
    SELECT tenant_id FROM report_calendar
    WHERE (surveyed_to IS NULL OR surveyed_to < current_date + cast(:days AS integer))
      AND changed_at <= clock_timestamp() - make_interval(secs => :quiet)
    ORDER BY tenant_id
""")


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a tenant's settings, or of a resource: what it says of open time, and since
    when."""

    kind: Kind
    object_id: UUID
    version: int
    since: datetime
    document: Mapping[str, Any]


async def lock_rules(work: Writing) -> None:
    """Nobody else changes the tenant's rules or its open days until the commit."""
    await work.run(_LOCK, {"tenant_id": str(work.tenant_id)})


async def add_rule(work: Writing, rule: Rule) -> bool:
    """The version is known; False where it was known, or says the same as the one before."""
    before = (
        select(_RULE.c.document)
        .where(
            _RULE.c.tenant_id == work.tenant_id,
            _RULE.c.kind == rule.kind,
            _RULE.c.object_id == rule.object_id,
            _RULE.c.version < rule.version,
        )
        .order_by(_RULE.c.version.desc())
        .limit(1)
    )
    same = (await work.run(before)).scalar_one_or_none() == rule.document
    values = {name: getattr(rule, name) for name in Rule.__dataclass_fields__}
    added = await work.run(
        insert(_RULE).values(tenant_id=work.tenant_id, **values).on_conflict_do_nothing()
    )
    return added.rowcount == 1 and not same


async def throw_away(work: Writing, since: date, resource_id: UUID | None) -> None:
    """Open days from that date on are to be worked out anew: of one resource, or of all."""
    days, hours = (
        delete(table).where(table.c.tenant_id == work.tenant_id, table.c.day >= since)
        for table in (_OPEN_DAY, _OPEN_HOUR)
    )
    if resource_id is not None:
        days = days.where(_OPEN_DAY.c.resource_id == resource_id)
    await work.run(days)
    await work.run(hours)
    first, last = await surveyed(work) or (since, since)
    until = min(last, since - timedelta(days=1))
    left = (None, None) if until < first else (first, until)
    await work.run(
        update(_CALENDAR)
        .where(_CALENDAR.c.tenant_id == work.tenant_id)
        .values(surveyed_from=left[0], surveyed_to=left[1], changed_at=work.now)
    )


async def surveyed(read: Reading) -> Span | None:
    """Between which dates all open days are there."""
    query = select(_CALENDAR.c.surveyed_from, _CALENDAR.c.surveyed_to).where(
        _CALENDAR.c.tenant_id == read.tenant_id, _CALENDAR.c.surveyed_to.is_not(None)
    )
    row = (await read.run(query)).one_or_none()
    return None if row is None else (row.surveyed_from, row.surveyed_to)


async def is_surveyed(read: Reading, first: date, last: date) -> bool:
    """Whether all open days between the dates are there."""
    span = await surveyed(read)
    return span is not None and span[0] <= first and last <= span[1]


async def end_survey(work: Writing, first: date, last: date) -> None:
    """All open days between the dates are there: they are added up by the hour. What is there with
    a gap between counts as not there."""
    values = {"tenant_id": work.tenant_id, "first": first, "last": last}
    await work.run(_ADD_HOURS, values)
    before = await surveyed(work)
    day = timedelta(days=1)
    if before is not None and first <= before[1] + day and before[0] <= last + day:
        first, last = min(first, before[0]), max(last, before[1])
    change = {"surveyed_from": first, "surveyed_to": last}
    statement = insert(_CALENDAR).values(tenant_id=work.tenant_id, changed_at=work.now, **change)
    await work.run(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=change))


async def rules_of(read: Reading, kind: Kind, objects: Sequence[UUID] | None = None) -> list[Rule]:
    """Every version, the oldest of each object first; of all objects of the kind, or of these."""
    columns = [_RULE.c[name] for name in Rule.__dataclass_fields__]
    query = (
        select(*columns)
        .where(_RULE.c.tenant_id == read.tenant_id, _RULE.c.kind == kind)
        .order_by(_RULE.c.object_id, _RULE.c.version)
    )
    if objects is not None:
        query = query.where(_RULE.c.object_id.in_(objects))
    return [Rule(**row._asdict()) for row in await read.run(query)]


async def unsurveyed(read: Reading, first: date, last: date) -> list[UUID]:
    """The resources of which not every day between the dates is worked out."""
    days = last.toordinal() - first.toordinal() + 1
    worked_out = (
        select(_OPEN_DAY.c.resource_id, func.count().label("days"))
        .where(_OPEN_DAY.c.tenant_id == read.tenant_id, _OPEN_DAY.c.day.between(first, last))
        .group_by(_OPEN_DAY.c.resource_id)
        .subquery()
    )
    query = (
        select(_RULE.c.object_id)
        .distinct()
        .outerjoin(worked_out, worked_out.c.resource_id == _RULE.c.object_id)
        .where(
            _RULE.c.tenant_id == read.tenant_id,
            _RULE.c.kind == "resource",
            func.coalesce(worked_out.c.days, 0) < days,
        )
        .order_by(_RULE.c.object_id)
    )
    return list((await read.run(query)).scalars())


async def add_open_days(work: Writing, rows: Sequence[Mapping[str, Any]]) -> None:
    """The days are worked out; what is there stays."""
    values = {"tenant_id": work.tenant_id, "rows": orjson.dumps(rows).decode()}
    await work.run(_ADD_DAYS, values)


async def to_be_surveyed(engine: AsyncEngine, days: int, quiet_seconds: float) -> list[UUID]:
    """Tenants who have asked for reports, whose open days are not all there, so many days ahead,
    and whose rules have not changed for so long; as the timers' role."""
    values = {"days": days, "quiet": quiet_seconds}
    return [row.tenant_id for row in await committed(engine, _TO_BE_SURVEYED, values)]
