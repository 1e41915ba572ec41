"""What billing says is what a recount says, whatever dies while it counts."""

import asyncio
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.house import House, day_ahead, new_house, sign_in
from tests.faults.bills import LINES, agrees, table, told
from tests.faults.lives import Lives
from tests.installation import ROOT, Installation
from tests.waiting import eventually

LIVES = 80
# What of a statement goes by the days of the bookings.
STARTED = ("bookings_kept", "no_shows", "resource_minutes")
STATUSES = ("confirmed", "checked_in", "completed", "no_show", "cancelled", "expired")


@pytest.fixture
def house(hurt: Installation) -> House:
    platform = sign_in(hurt.base_url, None, hurt.admin_email, hurt.admin_password)
    found = new_house(hurt, platform)
    found.open_always(slot_interval_minutes=5, min_advance_minutes=0)
    return found


@pytest.mark.parametrize("victim", ["subscriber", "relay", "postgres", "redis"])
async def test_the_bill_is_what_a_recount_says(
    hurt: Installation, house: House, victim: str
) -> None:
    """Under load, and killed in the middle of it: by day and metric, and by month and kind."""
    lives = Lives(house)
    living = asyncio.create_task(lives.live(0, LIVES))
    for goal in (LIVES // 4, LIVES // 2):
        await lives.reached(goal)
        pid = hurt.kill(victim)
        await asyncio.to_thread(hurt.wait_for_role, victim, pid)
    await living
    found = await agrees(hurt, house)
    sums: dict[str, int] = defaultdict(int)
    for counts in found.usage.values():
        for name, many in counts.items():
            sums[name] += many
    assert {"late_cancellations", "no_shows", "bookings_kept"} <= sums.keys()
    assert sums["bookings_made"] == (
        sums["bookings_kept"] + sums["no_shows"] + sums["bookings_cancelled"]
    )
    assert {kind for _, kind in found.due} == {"charges", "corrections"}


async def test_it_is_rebuilt_while_bookings_go_on(hurt: Installation, house: House) -> None:
    """By the command: emptied and made again from the outboxes while its process runs; the reports
    as well."""
    lives = Lives(house)
    await lives.live(0, LIVES // 3)
    before = await agrees(hurt, house)
    living = asyncio.create_task(lives.live(LIVES // 3, LIVES))
    await lives.reached(LIVES // 2)
    await asyncio.to_thread(rebuilt, hurt, "billing", "report")
    await living
    after = await agrees(hurt, house)
    assert after.usage.keys() >= before.usage.keys()
    resources = told(house, "/usage", **{"from": str(day_ahead(0)), "to": str(day_ahead(0))})
    assert resources["days"][0]["active_resources"] == 4
    await eventually(lambda: asyncio.to_thread(heard_by_reports, house), 60)
    shown = await asyncio.to_thread(reported, house)
    assert sum(shown.values()) > LIVES // 2
    await asyncio.to_thread(rebuilt, hurt, "report")
    assert await asyncio.to_thread(reported, house) == shown


def rebuilt(hurt: Installation, *names: str) -> None:
    words = (sys.executable, "-m", "ops", "rebuild", *names)
    done = subprocess.run(words, env=hurt.told(), cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def heard_by_reports(house: House) -> bool:
    """Whether nothing is left that they have not heard."""
    groups: list[Any] = [
        group
        for stream in ("tenant.events", "resource.events", "reservation.events")
        for group in house.redis.xinfo_groups(stream)
        if group["name"] == b"report"
    ]
    return len(groups) == 3 and not any(group["pending"] or group["lag"] for group in groups)


def reported(house: House) -> dict[str, int]:
    """How many bookings there are of each status, by the figures of the reports."""
    spans = {"from": str(day_ahead(-60)), "to": str(day_ahead(120)), "group_by": "month"}
    answer = house.owner.get("/reservations/reports/bookings", **spans)
    assert answer.status_code == 200, answer.text
    return {name: many for name, many in answer.json()["total"].items() if name in STATUSES}


def statement_and_table(house: House, month: str) -> tuple[Any, list[dict[str, str]]] | None:
    """Both, of one moment; None where it was another: mails count as they go out."""
    path = f"/statements/{month}"
    statement = told(house, path, limit=1)
    rows = table(house, path)
    return (statement, rows) if told(house, path, limit=1) == statement else None


async def test_a_statement_is_a_table_too(hurt: Installation, house: House) -> None:
    """Every day of usage is a row; a statement has its counts and sums first and then all of its
    lines, with numbers that a spreadsheet adds up."""
    lives = Lives(house)
    await lives.live(0, 27)
    await agrees(hurt, house)
    month = str(day_ahead(0))[:7]
    days = table(house, f"/usage?from={month}-01&to={month}-28")
    assert [row["date"] for row in days] == [f"{month}-{day:02}" for day in range(1, 29)]
    both = await eventually(lambda: statement_and_table(house, month), 30)
    assert both is not None
    statement, rows = both
    counts = {row["metric"]: int(row["quantity"]) for row in rows if row["kind"] == "usage"}
    assert counts == statement["usage"]
    sums = statement["amounts"]
    due = [row for row in rows if row["kind"] == "due"]
    assert [(row["currency"], row["metric"], row["quantity"]) for row in due] == [
        (one["currency"], name, one[name])
        for one in sums
        for name in ("charges", "corrections", "total")
    ]
    lines = [row for row in rows if row["kind"] in LINES]
    for one in sums:
        amounts = (Decimal(row["amount"]) for row in lines if row["currency"] == one["currency"])
        assert sum(amounts) == Decimal(one["total"])
    assert lines[0]["id"] == statement["items"][0]["id"]
    assert len(lines) > 1
    assert any(row["amount"].startswith("-") for row in lines)
    assert set(STARTED) == set(statement["earlier_months"])
