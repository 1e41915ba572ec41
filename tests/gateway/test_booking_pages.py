"""`/public/…`: what strangers are let through to, and for whom they are asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from gateway.edge.booking_pages import REMEMBERED, BookingPages
from tests.gateway.house import House, opened
from tests.gateway.routes import ID
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME

PAGE = {"tenant_id": str(ACME), "slug": "acme", "name": "Acme", "branding": {}, "labels": {}}
ROOMS = {"items": [{"id": ID, "name": "Room"}], "next_cursor": None}


class Clock:
    """A clock that a test turns."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def state_of(house: House) -> Any:
    transport: Any = house.client._transport
    return transport.app.app.state


@pytest.fixture
def lobby(house: House, clock: Clock) -> Iterator[House]:
    """The house, with nothing remembered of pages; Acme alone has one."""
    state = state_of(house)
    before, state.booking_pages = state.booking_pages, BookingPages(clock)
    house.peer.script = answering()
    yield house
    state.booking_pages = before


def answering(**replies: Reply) -> Any:
    def script(asked: Envelope) -> Reply:
        if asked.type == "tenant.get_public":
            known = b'"acme"' in asked.data
            return replies.get("page") or (Reply(200, PAGE) if known else _unknown(asked))
        return Reply(200, ROOMS)

    return script


def _unknown(asked: Envelope) -> Reply:
    return refusal(Problem(code="not_found", detail="There is no such booking page."), "")


def kinds(house: House) -> list[str]:
    return [asked.type for asked in house.peer.asked]


async def test_a_page_with_its_categories(lobby: House) -> None:
    """The tenant is found by its slug, its categories are asked of their owner, and the tenant's
    id stays inside."""
    answer = await lobby.client.get("/public/acme")
    assert answer.status_code == 200
    assert answer.json() == {
        **{name: value for name, value in PAGE.items() if name != "tenant_id"},
        "categories": ROOMS["items"],
    }
    first, second = lobby.peer.asked
    assert (first.type, first.tenant_id, first.actor.kind) == (
        "tenant.get_public",
        None,
        "anonymous",
    )
    assert (second.type, second.tenant_id) == ("category.list_public", ACME)
    assert set(answer.headers["ratelimit-policy"].split(";")[0].split()) == {'"address"'}


async def test_a_passer_by_may_see_free_time(lobby: House) -> None:
    """The question is the one that people who signed in ask, by nobody, for the page's tenant."""
    path = f"/public/acme/resources/{ID}/availability?date=2026-12-01&duration_minutes=60"
    headers = {**lobby.signer.bearer("booking:override"), "x-tenant-id": str(uuid4())}
    answer = await lobby.client.get(path, headers=headers)
    assert answer.status_code == 200
    asked = lobby.peer.last
    assert (asked.type, asked.tenant_id, asked.actor.label) == (
        "availability.get",
        ACME,
        "anonymous",
    )
    assert asked.actor.permissions == {"availability:read"}
    assert (await lobby.client.get("/public/acme/resources?q=Ro&limit=5")).json() == ROOMS
    assert lobby.peer.last.data == b'{"limit":5,"q":"Ro"}'


@pytest.mark.parametrize(
    "path",
    ["/public/globex", "/public/globex/resources", f"/public/globex/resources/{ID}/availability"],
)
async def test_no_page_is_not_found(lobby: House, path: str) -> None:
    """404, and nothing but the page is asked about."""
    answer = await lobby.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert kinds(lobby) == ["tenant.get_public"]


@pytest.mark.parametrize("slug", ["ACME", "a" * 64, "a.b", "%00", "%F0%9F%98%80", "a%20b"])
async def test_what_is_no_slug_is_asked_nobody(lobby: House, slug: str) -> None:
    """404 without a question."""
    answer = await lobby.client.get(f"/public/{slug}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert lobby.peer.heard == []


async def test_a_page_is_remembered_for_seconds(lobby: House, clock: Clock) -> None:
    """Within two seconds it is not asked for again; after that, what changed is seen."""
    for _ in range(3):
        assert (await lobby.client.get("/public/acme/resources")).status_code == 200
        assert (await lobby.client.get("/public/globex")).status_code == 404
    assert kinds(lobby).count("tenant.get_public") == 2
    lobby.peer.script = answering(page=refusal(Problem(code="not_found"), ""))
    clock.now += 1.9
    assert (await lobby.client.get("/public/acme/resources")).status_code == 200
    clock.now += 0.2
    assert (await lobby.client.get("/public/acme/resources")).status_code == 404


async def test_slugs_that_are_none_do_not_fill_the_memory(lobby: House) -> None:
    """What is remembered is bounded."""
    transport: Any = lobby.client._transport
    pages: BookingPages = transport.app.app.state.booking_pages
    for number in range(REMEMBERED + 10):
        pages._remember(f"slug-{number}", (0.0, None))
    assert len(pages._seen) == REMEMBERED


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/public/acme?limit=1", "limit"),
        ("/public/acme/resources?attribute=a:b", "attribute"),
        ("/public/acme/resources?active=false", "active"),
        ("/public/acme/resources?include_deleted=true", "include_deleted"),
        (f"/public/acme/resources/{ID}/availability?exclude_booking_id={ID}", "exclude_booking_id"),
    ],
)
async def test_a_passer_by_cannot_ask_for_more(lobby: House, path: str, field: str) -> None:
    """Parameters of those who have signed in are unknown here."""
    answer = await lobby.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_resource_that_is_none(lobby: House) -> None:
    """A path id that is no UUID is not found."""
    answer = await lobby.client.get("/public/acme/resources/x/availability?date=2026-12-01")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_passers_by_are_limited_by_address(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Whatever page they look at, and whatever they claim to be."""
    changed: dict[str, Any] = {"rate_limit_address": "3/600", "trusted_proxies": "127.0.0.1"}
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        house.peer.script = answering()
        here, there = {"x-forwarded-for": "198.51.100.1"}, {"x-forwarded-for": "198.51.100.2"}
        for path, status in (
            ("acme", 200),
            ("acme/resources", 200),
            ("globex", 404),
            ("acme", 429),
        ):
            assert (await house.client.get(f"/public/{path}", headers=here)).status_code == status
        signed_in = {**here, **house.signer.bearer("resource:read")}
        assert (await house.client.get("/public/acme", headers=signed_in)).status_code == 429
        assert (await house.client.get("/public/acme", headers=there)).status_code == 200


async def test_without_an_answer_there_is_none(
    own_valkey: ValkeyServer, tmp_path: Path, clock: Clock
) -> None:
    """Where nobody answers, or the owner of tenants cannot, it is 503 and not remembered."""
    short: dict[str, Any] = {"instance_name": "hasty", "request_timeout_seconds": 0.2}
    async with (
        opened(own_valkey.url, tmp_path) as house,
        opened(own_valkey.url, tmp_path, **short) as hasty,
    ):
        # Two that remember together: one gives up soon, and the other waits for what does come.
        state_of(hasty).booking_pages = state_of(house).booking_pages = BookingPages(clock)
        house.peer.script = hasty.peer.script = lambda _: None
        assert (await hasty.client.get("/public/acme")).json()["code"] == "timeout"
        house.peer.script = answering(page=refusal(Problem(code="unavailable"), ""))
        assert (await house.client.get("/public/acme")).status_code == 503
        house.peer.script = lambda asked: (
            Reply(200, PAGE) if asked.type == "tenant.get_public" else None
        )
        assert (await hasty.client.get("/public/acme")).json()["code"] == "timeout"
        house.peer.script = answering()
        assert (await house.client.get("/public/acme")).status_code == 200
