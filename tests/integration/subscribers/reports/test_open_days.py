"""Open time in reports: the rules of each day, and questions that are refused."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.subscriber.reports import (
    ReportBookings,
    ReportNoShows,
    ReportOccupancy,
    ReportSurvey,
)
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from domain.user.roles import BUILT_IN_ROLES
from handlers.subscribers.reports.surveying import Surveyor, resources_left
from storage.delivery.engine import make_engine
from storage.subscriber.purging import forget_tenant
from storage.subscriber.report_rules import to_be_surveyed
from tests.integration.desk import code_of
from tests.integration.postgres import Databases
from tests.integration.subscribers.reports.conftest import Inside, Reports

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
JUNE: dict[str, Any] = {"from": "2026-06-01", "to": "2026-06-30"}


def daily(start: str, end: str) -> dict[str, Any]:
    return {day: [{"start": start, "end": end}] for day in WEEK}


async def open_minutes(reports: Reports, *days: int, **more: Any) -> list[float]:
    answer = await reports.ask(ReportOccupancy, **JUNE, **more)
    shown = {item["day"]: item["open_minutes"] for item in answer["items"]}
    return [shown[f"2026-06-{day:02d}"] for day in days]


async def test_a_day_has_the_rules_with_which_it_ended(reports: Reports) -> None:
    """Hours that change during a day hold for that day and what follows; what was before stays as
    it was, whether it had been asked for or not, and whenever the change is heard of."""
    resource = new_id()
    await reports.settings("2026-01-01T00:00:00Z", 1, business_hours=daily("09:00", "17:00"))
    await reports.resource(resource, "2026-06-03T12:00:00Z")
    assert await open_minutes(reports, 2, 3, 10, 20) == [0, 480, 480, 480]
    await reports.settings("2026-06-20T23:30:00Z", 3, business_hours=daily("09:00", "10:00"))
    assert await open_minutes(reports, 2, 3, 10, 19, 20, 21) == [0, 480, 480, 480, 60, 60]
    await reports.settings("2026-06-10T12:00:00Z", 2, business_hours=daily("09:00", "12:00"))
    assert await open_minutes(reports, 9, 10, 19, 20) == [480, 180, 180, 60]


async def test_a_resource_that_is_deleted_stays_in_what_was(reports: Reports) -> None:
    """Until the day on which it is deleted it has open time, of its capacity and its category of
    then, and none from the next day on."""
    resource, category = new_id(), new_id()
    await reports.settings("2026-01-01T00:00:00Z", business_hours=daily("09:00", "10:00"))
    await reports.resource(resource, "2026-01-01T00:00:00Z", capacity=3)
    after = {"created_at": "2026-01-01T00:00:00Z", "capacity": 2, "category_id": str(category)}
    await reports.resource(resource, "2026-06-10T12:00:00Z", version=2, **after)
    gone = {**after, "version": 3, "deleted_at": "2026-06-20T12:00:00Z"}
    await reports.rule("resource.deleted", "2026-06-20T12:00:00Z", **await whole(resource, **gone))
    assert await open_minutes(reports, 9, 10, 20, 21) == [180, 120, 120, 0]
    answer = await reports.ask(ReportOccupancy, **JUNE, group_by="category")
    shown = {item["category_id"]: item["open_minutes"] for item in answer["items"]}
    assert shown == {str(category): 11 * 120, None: 9 * 180}


async def whole(resource: Any, **state: Any) -> dict[str, Any]:
    return {
        "id": str(resource),
        "timezone": None,
        "availability_schedule": None,
        "active": True,
        "overrides": [],
        **state,
    }


async def test_days_are_worked_out_before_they_are_asked_for(
    reports: Reports, databases: Databases
) -> None:
    """The surveyor finds a tenant who has asked before, once its rules have stayed a while, works
    out the year that was and the months to come, and has nothing more to do."""
    await reports.settings("2026-01-01T00:00:00Z", business_hours=daily("09:00", "10:00"))
    for _ in range(12):
        await reports.resource(new_id(), "2026-01-01T00:00:00Z")
    timers = make_engine(databases.of("subscriber").timer, connections=1, name="surveyor")
    assert reports.tenant_id not in await to_be_surveyed(timers, 62, 0)
    ((today,),) = await reports.desk.rows("SELECT (now() AT TIME ZONE 'UTC')::date")
    first = today - timedelta(days=270)
    asked = ReportSurvey(first=first, last=first + timedelta(days=1))
    assert await resources_left(Inside(reports.desk), reports.tenant_id, asked) == 0
    assert reports.tenant_id not in await to_be_surveyed(timers, 62, 300)
    assert reports.tenant_id in await to_be_surveyed(timers, 62, 0)
    await Surveyor(timers, Inside(reports.desk), quiet_seconds=0).round()
    assert reports.tenant_id not in await to_be_surveyed(timers, 62, 0)
    ((count,),) = await reports.desk.rows(
        "SELECT count(*) FROM report_open_day WHERE tenant_id = :it", it=reports.tenant_id
    )
    assert count == 12 * (366 + 92 + 1)
    await reports.settings("2026-01-02T00:00:00Z", 2, business_hours=daily("09:00", "11:00"))
    assert reports.tenant_id in await to_be_surveyed(timers, 62, 0)
    assert reports.tenant_id not in await to_be_surveyed(timers, 62, 300)

    await forget_tenant(timers, reports.tenant_id)
    for table in ("report_rule", "report_open_day", "report_calendar"):
        rows = await reports.desk.rows(
            f"SELECT 1 FROM {table} WHERE tenant_id = :it", it=reports.tenant_id
        )
        assert rows == []
    await timers.dispose()


@pytest.mark.parametrize("message", [ReportOccupancy, ReportBookings])
async def test_a_report_is_of_a_year_at_most(
    reports: Reports, message: type[ReportOccupancy] | type[ReportBookings]
) -> None:
    """366 days are answered, 367 are 400 `range_too_long`."""
    manager = Actor("user", str(new_id()), ("manager",), BUILT_IN_ROLES["manager"])
    span: dict[str, Any] = {"from": "2025-12-31", "to": "2026-12-31"}
    year = await reports.ask(message, **{**span, "to": "2026-12-31", "from": "2026-01-01"})
    assert len(year["items"]) == 365
    assert len((await reports.ask(message, **span))["items"]) == 366
    span["from"] = "2025-12-30"
    reply = await reports.desk.ask(message, reports.tenant_id, manager, **span)
    assert code_of(reply) == (400, "range_too_long")


@pytest.mark.parametrize("role", ["staff", "customer"])
async def test_reports_are_for_whoever_may_read_them(reports: Reports, role: str) -> None:
    """Without `report:read` it is 403."""
    actor = Actor("user", str(new_id()), (role,), BUILT_IN_ROLES[role])
    for message in (ReportOccupancy, ReportNoShows):
        reply = await reports.desk.ask(message, reports.tenant_id, actor, **JUNE)
        assert code_of(reply) == (403, "forbidden")
