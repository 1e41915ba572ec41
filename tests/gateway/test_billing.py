"""Usage and statements as tables."""

from typing import Any

import orjson

from contracts.subscriber.billing import UsageCounts
from contracts.wire.envelope import Envelope
from contracts.wire.reply import Reply
from tests.gateway.house import House
from tests.gateway.routes import ID, TENANT

READ = "billing:read"
CSV = {"accept": "text/csv"}
COUNTS = {name: place for place, name in enumerate(UsageCounts.model_fields)}
LINE = {
    "id": ID,
    "date": "2026-11-10",
    "at": "2026-11-10T12:00:00Z",
    "booking_id": ID,
    "resource_id": ID,
    "kind": "correction",
    "amount": "-12.50",
    "currency": "BRL",
}
SUMS = {
    "usage": COUNTS,
    "earlier_months": {"bookings_kept": -1, "no_shows": 1, "resource_minutes": -60},
    "amounts": [
        {"currency": "BRL", "charges": "150.00", "corrections": "-25.00", "total": "125.00"},
        {"currency": "JPY", "charges": "0", "corrections": "-100", "total": "-100"},
    ],
}
# A page after the first.
REST = {"month": "2026-11", **dict.fromkeys(SUMS), "items": [LINE]}


def asked(envelope: Envelope) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(envelope.data)
    return found


async def test_usage_is_a_row_for_each_day(house: House) -> None:
    """Whoever prefers CSV has it; nobody else."""
    house.peer.script = lambda _: Reply(200, {"days": [{"date": "2026-11-10", **COUNTS}]})
    path = f"{TENANT}/usage?from=2026-11-10&to=2026-11-10"
    table = await house.call("GET", path, READ, headers=CSV)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == 'attachment; filename="usage.csv"'
    assert table.text == (
        "date,bookings_made,bookings_kept,bookings_cancelled,late_cancellations,no_shows,"
        "resource_minutes,messages_sent,active_resources\r\n2026-11-10,0,1,2,3,4,5,6,7\r\n"
    )
    assert (await house.call("GET", path, READ)).json()["days"][0]["no_shows"] == 4


async def test_a_statement_has_all_of_its_lines(house: House) -> None:
    """Below what was counted and the sums of each currency, page after page, whatever limit is
    asked for; amounts below zero stay numbers."""

    def answer(envelope: Envelope) -> Reply:
        if "cursor" in asked(envelope):
            return Reply(200, {**REST, "next_cursor": None})
        return Reply(200, {**REST, **SUMS, "next_cursor": "the rest"})

    house.peer.script = answer
    table = await house.call("GET", f"{TENANT}/statements/2026-11?limit=1", READ, headers=CSV)
    assert table.headers["content-disposition"].endswith('"statement-2026-11.csv"')
    first, *rows = table.text.splitlines()
    assert first == "kind,metric,quantity,id,date,at,booking_id,resource_id,amount,currency"
    assert rows[0] == "usage,bookings_made,0,,,,,,,"
    assert rows[len(COUNTS) : -2] == [
        "earlier_months,bookings_kept,-1,,,,,,,",
        "earlier_months,no_shows,1,,,,,,,",
        "earlier_months,resource_minutes,-60,,,,,,,",
        "due,charges,150.00,,,,,,,BRL",
        "due,corrections,-25.00,,,,,,,BRL",
        "due,total,125.00,,,,,,,BRL",
        "due,charges,0,,,,,,,JPY",
        "due,corrections,-100,,,,,,,JPY",
        "due,total,-100,,,,,,,JPY",
    ]
    line = f"correction,,,{ID},2026-11-10,2026-11-10T12:00:00Z,{ID},{ID},-12.50,BRL"
    assert rows[-2:] == [line, line]
    said = [asked(envelope) for _, envelope in house.peer.heard]
    assert said == [
        {"month": "2026-11", "limit": 2000},
        {"month": "2026-11", "limit": 2000, "cursor": "the rest"},
    ]


async def test_the_rest_of_a_statement_has_lines_alone(house: House) -> None:
    """Asked for behind a cursor, there is nothing that was counted, and no sum."""
    house.peer.script = lambda _: Reply(200, {**REST, "next_cursor": None})
    path = f"{TENANT}/statements/2026-11?cursor=here"
    table = await house.call("GET", path, READ, headers=CSV)
    assert [row[:10] for row in table.text.splitlines()[1:]] == ["correction"]


async def test_what_is_no_month_names_nothing(house: House) -> None:
    """A path that names nothing is not found, as one with an id that is none; nobody is asked."""
    for month in ("2026-13", "2026", "2026-1", "november", "1999-01"):
        answer = await house.call("GET", f"{TENANT}/statements/{month}", READ)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert house.peer.heard == []


async def test_a_refusal_is_a_problem_however_it_was_asked_for(house: House) -> None:
    """Never a table."""
    path = f"{TENANT}/usage?from=2026-11-10&to=2026-11-10"
    answer = await house.call("GET", path, "tenant:read", headers=CSV)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
