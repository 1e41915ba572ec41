"""The audit trail as a table: all of it, harmless in a spreadsheet, recorded when it is taken."""

import csv
import io
from typing import Any

import httpx
import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.reply import Reply
from gateway.edge.trail import Trail
from gateway.subscribers.audit import COLUMNS
from tests.gateway.house import House
from tests.gateway.signer import ACME, ALICE

PATH = f"/tenants/{ACME}/audit/"
READ = "audit:read"
CSV = {"accept": "text/csv"}


def record(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": f"record-{number}",
        "at": "2026-11-24T09:00:00Z",
        "context": "user",
        "event_type": "role.updated",
        "subject": "role/1",
        "sequence": number,
        "actor": {"kind": "user", "id": str(ALICE), "roles": ["owner", "=cmd"]},
        "source": "user",
        "correlation_id": "=HYPERLINK(1)",
        "trace_id": "",
        "changes": {"name": {"before": "a", "after": "=b"}},
        "outcome": "succeeded",
        "channel": "http",
        "address": "203.0.113.7",
        "operation": None,
        "reason": None,
        "count": 1,
        "until": None,
        **changed,
    }


def paged(asked: Envelope) -> Reply:
    """Three pages of one record each."""
    place = int(asked.data.partition(b'"cursor":"')[2].partition(b'"')[0] or 0)
    following = str(place + 1) if place < 2 else None
    return Reply(200, {"items": [record(place)], "next_cursor": following})


async def told(house: House, monkeypatch: pytest.MonkeyPatch, *, lost: bool = False) -> list[Any]:
    """What is noted from now on; with `lost` Redis takes none of it."""
    noted: list[Any] = []

    async def tell(_: Trail, noticed: Any) -> bool:
        noted.append(noticed)
        return not lost

    monkeypatch.setattr(Trail, "told", tell)
    return noted


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def test_it_is_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page after page, with the same filters; a row of names, then a line for each record."""
    house.peer.script = paged
    await told(house, monkeypatch)
    answer = await house.call("GET", f"{PATH}?outcome=succeeded", READ, headers=CSV)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines()[0] == ",".join(COLUMNS)
    assert [line["id"] for line in lines(answer)] == ["record-0", "record-1", "record-2"]
    assert all(b'"outcome":"succeeded"' in asked.data for asked in house.peer.asked)
    assert len(house.peer.asked) == 3


async def test_its_cells_say_what_a_record_says(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who, what, from where, before and after; what a spreadsheet would run is a text."""
    house.peer.script = lambda _: Reply(200, {"items": [record(7)], "next_cursor": None})
    await told(house, monkeypatch)
    (line,) = lines(await house.call("GET", PATH, READ, headers=CSV))
    assert (line["actor_kind"], line["actor_id"]) == ("user", str(ALICE))
    assert (line["address"], line["sequence"], line["count"]) == ("203.0.113.7", "7", "1")
    assert line["changes"] == '{"name":{"before":"a","after":"=b"}}'
    assert line["correlation_id"] == "'=HYPERLINK(1)"
    assert (line["until"], line["operation"]) == ("", "")


async def test_who_takes_it_is_recorded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes the table leaves a record; whoever reads a page of JSON leaves none."""
    house.peer.script = paged
    noted = await told(house, monkeypatch)
    assert (await house.call("GET", PATH, READ)).headers["content-type"] == "application/json"
    assert noted == []
    await house.call("GET", PATH, READ, headers=CSV)
    (one,) = noted
    assert (one.event_type, one.outcome, one.tenant_id) == ("audit.exported", "succeeded", ACME)
    assert (one.actor.id, one.subject) == (str(ALICE), f"tenant/{ACME}")


async def test_without_a_record_there_is_no_table(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the record cannot be left the answer is 503, and nothing of the trail."""
    house.peer.script = paged
    await told(house, monkeypatch, lost=True)
    answer = await house.call("GET", PATH, READ, headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_it_takes_the_permission(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As JSON does; a refusal is a problem, and no table."""
    noted = await told(house, monkeypatch)
    answer = await house.call("GET", PATH, "tenant:read", headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert noted == []
