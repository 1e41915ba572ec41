"""What a page of another origin may do, by the list of origins."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.gateway.house import House, in_one_task, opened
from tests.gateway.server import ValkeyServer

PAGE = "https://app.test"
METHODS = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]


@pytest_asyncio.fixture(scope="module")
async def strict(
    valkey: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A gateway that one origin may call."""
    changed: dict[str, Any] = {
        "cors_origins": PAGE,
        "environment": "production",
        "instance_name": "with-cors",
    }
    folder = tmp_path_factory.mktemp("cors")
    async with in_one_task(opened(valkey.url, folder, **changed)) as house:
        yield house


async def preflight(house: House, origin: str, method: str, **headers: str) -> httpx.Response:
    asked = {"origin": origin, "access-control-request-method": method, **headers}
    return await house.client.options("/reservations/bookings/", headers=asked)


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_may_be_sent(strict: House, method: str) -> None:
    """A preflight is answered for each method that there is, with the headers that were asked."""
    wanted = {"access-control-request-headers": "authorization, if-match,idempotency-key"}
    answer = await preflight(strict, PAGE, method, **wanted)
    assert (answer.status_code, answer.content) == (204, b"")
    assert sorted(answer.headers["access-control-allow-methods"].split(", ")) == METHODS
    assert answer.headers["access-control-allow-headers"] == next(iter(wanted.values()))
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        ("https://evil.test", "GET", ""),
        ("https://app.test.evil.test", "GET", ""),
        ("http://app.test", "GET", ""),
        ("null", "GET", ""),
        (PAGE, "TRACE", ""),
        (PAGE, "get", ""),
        (PAGE, "POST", "a b"),
        (PAGE, "POST", "x\xff"),
    ],
)
async def test_what_may_not_be_sent_is_a_problem(
    strict: House, origin: str, method: str, headers: str
) -> None:
    """Another origin, another method, headers that are none: 400, as a problem."""
    asked = {b"access-control-request-headers": headers.encode("latin-1")} if headers else {}
    answer = await strict.client.options(
        "/resources/",
        headers={b"origin": origin.encode(), b"access-control-request-method": method.encode()}
        | asked,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["trace_id"]


async def test_a_page_reads_the_headers_it_needs(strict: House) -> None:
    """On every answer, refusals and unknown paths included; another origin is shown nothing."""
    for path in ("/health", "/resources/", "/nothing"):
        answer = await strict.client.get(path, headers={"origin": PAGE})
        assert answer.headers["access-control-allow-origin"] == PAGE
        shown = answer.headers["access-control-expose-headers"].split(", ")
        assert {"ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "Location"} <= set(shown)
        foreign = await strict.client.get(path, headers={"origin": "https://evil.test"})
        assert "access-control-allow-origin" not in foreign.headers
        assert foreign.headers["vary"] == "Origin"


async def test_without_origins_there_is_no_cors(valkey: ValkeyServer, tmp_path: Path) -> None:
    """In production, where nobody was named, OPTIONS is OPTIONS and no answer speaks of origins."""
    changed: dict[str, Any] = {"environment": "production", "instance_name": "no-cors"}
    async with opened(valkey.url, tmp_path, **changed) as house:
        answer = await preflight(house, PAGE, "POST")
        assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        seen = await house.client.get("/health", headers={"origin": PAGE})
        assert not [name for name in seen.headers if name.startswith("access-control")]
