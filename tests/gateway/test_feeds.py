"""Calendar feeds at the gateway: what it asks with a token, and what it makes of the answers."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from icalendar import Calendar

from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from gateway.edge.feeds import MOST_PAGES
from tests.gateway.house import House, opened
from tests.gateway.routes import ID
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME

PATH = f"/resources/{ID}/calendar.ics"
TOKEN = "cal_a-token-of-somebodys"


def entry(number: int) -> dict[str, Any]:
    hour = f"{number % 24:02}"
    return {
        "id": f"019342c0-0000-7000-8000-{number:012}",
        "starts_at": f"2026-12-01T{hour}:00:00Z",
        "ends_at": f"2026-12-01T{hour}:30:00.250000Z",
        "status": "confirmed",
        "resource": None,
        "version": 1,
        "updated_at": "2026-11-01T00:00:00.123456Z",
    }


def feed(pages: int) -> Any:
    """Answers like the contexts: a feed of so many pages, an event on each."""

    def answer(asked: Envelope) -> Reply | bytes | None:
        if asked.type == "resource.verify_calendar_token":
            return Reply(200, {"tenant_id": str(ACME), "name": "Chair"})
        number = int(orjson.loads(asked.data).get("cursor", 0)) + 1
        following = str(number) if number < pages else None
        return Reply(200, {"items": [entry(number)], "locale": "es", "next_cursor": following})

    return answer


async def test_the_owner_is_asked_and_then_reservation(house: House) -> None:
    """The token travels sealed, in no tenant; the bookings are asked in the tenant that was
    answered, by the system."""
    house.peer.script = feed(2)
    answer = await house.client.get(PATH, params={"token": TOKEN})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == 2
    verify, first, second = house.peer.asked
    assert (verify.type, verify.tenant_id, verify.actor) == (
        "resource.verify_calendar_token",
        None,
        SYSTEM,
    )
    assert TOKEN.encode() not in verify.data
    assert {one.type for one in (first, second)} == {"booking.feed"}
    assert {one.tenant_id for one in (first, second)} == {ACME}
    assert [orjson.loads(one.data) for one in (first, second)] == [
        {"resource_id": ID},
        {"resource_id": ID, "cursor": "1"},
    ]


async def test_a_feed_is_as_long_as_it_may_be(house: House) -> None:
    """However much there is, so many pages are asked for, and those are shown."""
    house.peer.script = feed(1_000)
    answer = await house.client.get(PATH, params={"token": TOKEN})
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == MOST_PAGES
    assert len(house.peer.asked) == 1 + MOST_PAGES


@pytest.mark.parametrize(
    ("code", "status"),
    [("not_found", 404), ("forbidden", 404), ("unavailable", 503), ("overloaded", 503)],
)
async def test_what_is_refused_is_not_found(house: House, code: str, status: int) -> None:
    """404 for whatever the owner says no to; 503, to come back, where nobody could say."""

    def refuse(asked: Envelope) -> Reply | bytes | None:
        return refusal(Problem(code=code, detail="secret"), asked.trace_id)

    house.peer.script = refuse
    answer = await house.client.get(PATH, params={"token": TOKEN})
    assert answer.status_code == status
    if status == 404:
        assert answer.json()["detail"] == "There is no such calendar."
    assert TOKEN not in answer.text


async def test_guessing_is_limited_by_address(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Whatever the answer is, the address counts, and nothing is asked beyond its limit."""
    async with opened(own_valkey.url, tmp_path, rate_limit_address="2/60") as house:
        house.peer.script = feed(1)
        statuses = [
            (await house.client.get(PATH, params={"token": token})).status_code
            for token in (TOKEN, "x" * 200, TOKEN, TOKEN)
        ]
        assert statuses == [200, 404, 429, 429]
        assert len(house.peer.asked) == 2
