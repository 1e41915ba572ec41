"""What a gateway counts, and by which names: closed sets of words, whatever a request says."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from gateway.__main__ import bound_socket
from tests.gateway.house import House, opened
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME
from tests.waiting import eventually

NAME = "slotstream_http_requests_total"


def value(house: House, name: str, **labels: str) -> float:
    registry: CollectorRegistry = house.parts.metrics.registry
    return registry.get_sample_value(name, labels) or 0.0


def requests(house: House, method: str, route: str, status: str) -> float:
    return value(house, NAME, method=method, route=route, status=status)


async def test_a_route_is_named_by_its_template(house: House) -> None:
    """Two resources are one series; what no route serves is `none`, and no path becomes a label."""
    before = requests(house, "GET", "/resources/{resource_id}", "200")
    for name in ("0190d9a6-0000-7000-8000-000000000001", "0190d9a6-0000-7000-8000-000000000002"):
        assert (await house.call("GET", f"/resources/{name}", "resource:read")).status_code == 200
    assert requests(house, "GET", "/resources/{resource_id}", "200") == before + 2
    nowhere = requests(house, "GET", "none", "404")
    assert (await house.client.get("/nowhere/at/all")).status_code == 404
    assert requests(house, "GET", "none", "404") == nowhere + 1
    page = (await house.client.get("/metrics")).text
    assert "0190d9a6" not in page
    assert "nowhere" not in page


async def test_a_method_that_nobody_has_makes_no_series(house: House) -> None:
    """Whatever a client calls its methods, there is one name for all of them."""
    for method in ("BREW", "BREW2", "BREW3"):
        await house.client.request(method, "/resources/")
    page = (await house.client.get("/metrics")).text
    assert 'method="other"' in page
    assert "BREW" not in page


async def test_problems_are_counted_by_their_code(house: House) -> None:
    """One answer, one count, whether a route, the framework or the doorway refused."""

    def counted(code: str) -> float:
        return value(house, "slotstream_http_problems_total", code=code)

    codes = ("unauthorized", "not_found", "method_not_allowed", "validation_failed")
    before = {code: counted(code) for code in codes}
    await house.client.get("/resources/")
    await house.client.get("/nowhere")
    await house.client.delete("/health")
    await house.client.get("/health", headers=[("host", "a"), ("host", "b")])
    assert {code: counted(code) - before[code] for code in codes} == dict.fromkeys(codes, 1)


async def test_the_time_to_the_answer_is_measured(house: House) -> None:
    """As many observations as requests."""
    labels = {"method": "GET", "route": "/health", "status": "200"}
    await house.client.get("/health")
    requested = value(house, NAME, **labels)
    assert value(house, "slotstream_http_request_seconds_count", **labels) == requested
    assert value(house, "slotstream_http_request_seconds_sum", **labels) > 0


async def test_a_token_is_verified_once(house: House) -> None:
    """The first use is a miss of the cache, the second a hit."""

    def looked(result: str) -> float:
        return value(house, "slotstream_cache_lookups_total", cache="tokens", result=result)

    before = looked("hit"), looked("miss")
    # No other test's token: those of one second that say the same are the same.
    headers = house.signer.bearer("resource:read", "closure:manage", "role:manage")
    for _ in range(2):
        assert (await house.client.get("/resources/", headers=headers)).status_code == 200
    assert (looked("hit"), looked("miss")) == (before[0] + 1, before[1] + 1)


async def test_what_is_under_way_is_seen_and_forgotten(house: House) -> None:
    """A request is in flight until it is answered, and not a moment longer."""

    def under_way() -> float:
        return value(house, "slotstream_http_requests_in_flight")

    house.peer.script = lambda *_: None
    asked = asyncio.ensure_future(house.call("GET", "/resources/", "resource:read"))
    await eventually(lambda: under_way() == 1, 5)
    assert "slotstream_http_requests_in_flight 2.0" in (await house.client.get("/metrics")).text
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await eventually(lambda: under_way() == 0, 5)


async def test_connections_that_follow_are_counted(house: House) -> None:
    """One more while somebody follows."""

    def followers() -> float:
        return value(house, "slotstream_event_followers")

    before = followers()
    async with house.parts.live.dealer.joined(str(ACME), asyncio.Event(), 5):
        assert followers() == before + 1
    assert followers() == before


async def test_limits_are_counted_by_whose_they_are(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """A user's own limit, and that on connections that follow."""
    changed: dict[str, Any] = {"rate_limit_user": "1/600", "rate_limit_address": "1/600"}
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        headers = house.signer.bearer("resource:read")
        answers = [await house.client.get("/resources/", headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 429, 429]
        for _ in range(2):
            await house.client.get("/resources/")
        assert value(house, "slotstream_rate_limited_total", limit="user") == 2
        assert value(house, "slotstream_rate_limited_total", limit="address") == 1
        assert value(house, "slotstream_rate_limited_total", limit="tenant") == 0


async def test_whether_redis_answers_is_told(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """1 while it does, and 0 soon after it does not; the page is there all the same."""
    async with opened(own_valkey.url, tmp_path) as house:
        assert "slotstream_redis_up 1.0" in (await house.client.get("/metrics")).text
        own_valkey.stop()
        await eventually(lambda: value(house, "slotstream_redis_up") == 0, 10)
        assert "slotstream_redis_up 0.0" in (await house.client.get("/metrics")).text


def test_a_metrics_port_is_nobody_elses() -> None:
    """A second process on it is told which port is taken; the common port is shared."""
    own = bound_socket("127.0.0.1", 0, shared=False)
    own.listen()
    port = own.getsockname()[1]
    with own, pytest.raises(OSError, match=f"127.0.0.1 port {port}"):
        bound_socket("127.0.0.1", port, shared=False)
    common = bound_socket("127.0.0.1", 0)
    another = bound_socket("127.0.0.1", common.getsockname()[1])
    assert another.getsockname() == common.getsockname()
    common.close()
    another.close()
