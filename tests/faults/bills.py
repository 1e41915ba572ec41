"""A tenant's usage and statements as the gateway tells them, held against a recount."""

import asyncio
import csv
import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

from tests.e2e.house import House, day_ahead, so_far
from tests.e2e.recount import Recount, recount
from tests.installation import Installation
from tests.waiting import eventually

# What a row is that stands for a line of a statement, beside counts and sums.
LINES = ("charge", "correction")


def told(house: House, path: str, **params: Any) -> Any:
    answer = house.owner.get(f"/tenants/{house.id}{path}", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def usage_of(house: House) -> dict[str, dict[str, int]] | None:
    """By day and metric, without zeros and without resources; None while nobody answers."""
    span = {"from": str(day_ahead(-60)), "to": str(day_ahead(120))}
    answer = so_far(house.owner.get(f"/tenants/{house.id}/usage", **span))
    if answer is None:
        return None
    left_out = ("date", "active_resources")
    found = {
        day["date"]: {name: many for name, many in day.items() if many and name not in left_out}
        for day in answer["days"]
    }
    return {day: counts for day, counts in found.items() if counts}


def due_of(house: House, months: set[str]) -> dict[tuple[str, str], Decimal]:
    """Of these months, by kind; and the lines of each month, as a table, come to the same."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for month in months:
        lines: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in table(house, f"/statements/{month}"):
            if row["kind"] in LINES:
                lines[row["currency"], f"{row['kind']}s"] += Decimal(row["amount"])
        for one in told(house, f"/statements/{month}")["amounts"]:
            for kind in ("charges", "corrections"):
                amount = Decimal(one[kind])
                assert lines[one["currency"], kind] == amount
                found[month, kind] += amount
    return {key: amount for key, amount in found.items() if amount}


def table(house: House, path: str) -> list[dict[str, str]]:
    answer = house.owner.request(
        "GET", f"/tenants/{house.id}{path}", headers={"Accept": "text/csv"}
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def agrees(hurt: Installation, house: House) -> Recount:
    """Once all that happened was heard, both say the same; then the recount."""
    counted: list[Recount] = []

    def same() -> bool:
        counted[:] = [recount(hurt, house.id)]
        return usage_of(house) == dict(counted[0].usage)

    await eventually(lambda: asyncio.to_thread(same), 90, every=0.5)
    months = {month for month, _ in counted[0].due}
    due = {key: amount for key, amount in counted[0].due.items() if amount}
    assert await asyncio.to_thread(due_of, house, months) == due
    return counted[0]
