"""What is true of every request and every answer: ids, headers, HEAD, hosts, no route."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.wire.reply import Reply
from tests.gateway.house import House, opened
from tests.gateway.server import ValkeyServer
from tests.log_output import written

READ = "resource:read"


async def test_a_request_id_is_echoed(house: House) -> None:
    """X-Request-ID comes back, and travels as the correlation id."""
    headers = {"x-request-id": "req-1"}
    answer = await house.call("GET", "/resources/", READ, headers=headers)
    assert answer.headers["x-request-id"] == "req-1"
    assert house.peer.last.correlation_id == "req-1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "a\tb", "\xe9"])
async def test_an_odd_request_id_is_made_anew(house: House, given: str) -> None:
    """What is no visible ASCII of at most 128 characters is replaced."""
    headers = {b"x-request-id": given.encode("latin-1")}
    answer = await house.client.get("/health", headers=headers)
    assert len(answer.headers["x-request-id"]) == 36


async def test_a_trace_is_continued(house: House) -> None:
    """The message is in the trace of the request, with a span of its own."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    await house.call("GET", "/resources/", READ, headers=headers)
    assert house.peer.last.trace_id == trace
    assert house.peer.last.traceparent != headers["traceparent"]
    refused = await house.client.get("/resources/", headers=headers)
    assert refused.json()["trace_id"] == trace


async def test_head_is_get_without_its_body(house: House) -> None:
    """HEAD has the status and headers of GET, and no body."""
    house.peer.script = lambda _: Reply(200, {"id": "x", "version": 2})
    answer = await house.call("HEAD", "/resources/018f0000-0000-7000-8000-000000000001", READ)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == '"2"'
    assert house.peer.last.type == "resource.get"


async def test_no_route_is_a_problem(house: House) -> None:
    """404 for a path that nothing is at."""
    answer = await house.client.get("/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["instance"] == "/nothing/here"
    assert answer.json()["trace_id"]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/resources/", "/resources"])
async def test_a_method_that_a_path_has_not_is_a_problem(house: House, path: str) -> None:
    """405 says which methods there are."""
    answer = await house.client.request("DELETE", path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


async def test_options_says_the_methods(house: House) -> None:
    """OPTIONS is answered without sign-in."""
    answer = await house.client.options("/resources/")
    assert answer.status_code == 204
    assert "POST" in answer.headers["allow"]


async def test_any_origin_may_call_in_development(house: House) -> None:
    """A browser's preflight is answered, and the headers it needs are shown."""
    asked = {
        "origin": "https://app.test",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, idempotency-key",
    }
    preflight = await house.client.options("/reservations/bookings/", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    answer = await house.client.get("/health", headers={"origin": "https://app.test"})
    assert "ETag" in answer.headers["access-control-expose-headers"]


async def test_only_named_hosts_and_origins_are_served(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """ALLOWED_HOSTS and CORS_ORIGINS name who is served; probes come by address."""
    changed: dict[str, Any] = {
        "allowed_hosts": "api.acme.test, *.book.test",
        "cors_origins": '["https://app.test"]',
        "environment": "production",
        "instance_name": "strict",
    }
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        for host, status in (
            ("api.acme.test", 401),
            ("API.acme.test:8000", 401),
            ("one.book.test", 401),
            ("book.test", 400),
            ("evil.test", 400),
        ):
            answer = await house.client.get("/resources/", headers={"host": host})
            assert answer.status_code == status, host
        refused = await house.client.get("/resources/", headers={"host": "evil.test"})
        assert refused.json()["code"] == "validation_failed"
        assert refused.headers["x-request-id"]
        assert (await house.client.get("/health")).status_code == 200
        origin = {"origin": "https://evil.test", "host": "api.acme.test"}
        foreign = await house.client.get("/health", headers=origin)
        assert "access-control-allow-origin" not in foreign.headers


async def test_what_nobody_foresaw_is_a_problem(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 says nothing of the inside; the log has the traceback and the trace id."""

    def broken(*_: object) -> bool:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("gateway.edge.sign_in._identity", broken)
    with written("json") as log:
        answer = await house.call("GET", "/resources/", READ)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["level"], line["trace_id"]) == ("error", answer.json()["trace_id"])
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError" in line["traceback"]


async def test_health_asks_nobody(house: House) -> None:
    """/health is true as long as the process lives."""
    answer = await house.client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert house.peer.heard == []


async def test_ready_asks_every_context(
    own_valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/ready is true when each context's ping is answered with 200, and names who did not."""
    monkeypatch.setattr("gateway.edge.health.FRESH_SECONDS", 3600.0)
    async with opened(own_valkey.url, tmp_path, instance_name="asking") as house:
        house.peer.script = lambda asked: Reply(200, {"migrated": True})
        ready = await house.client.get("/ready")
        again = await house.client.get("/ready")
        streams = sorted(stream for stream, _ in house.peer.heard)
        assert (ready.status_code, again.status_code) == (200, 200)
        assert streams == [f"{c}.queries" for c in ("reservation", "resource", "tenant", "user")]
        assert {envelope.actor.kind for _, envelope in house.peer.heard} == {"system"}


async def test_not_ready_says_why(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """503 with each part's state, where a context is not migrated; false while draining."""
    async with opened(own_valkey.url, tmp_path, instance_name="unready") as house:
        house.peer.script = lambda _: Reply(503, {"migrated": False})
        unready = await house.client.get("/ready")
        assert unready.status_code == 503
        assert unready.json()["code"] == "unavailable"
        assert unready.json()["parts"] == {
            "redis": "ok",
            **dict.fromkeys(("tenant", "resource", "user", "reservation"), "answered 503"),
        }
        house.parts.drain.on = True
        draining = await house.client.get("/ready")
        assert draining.json()["parts"] == {"gateway": "draining"}
        assert draining.headers["connection"] == "close"
        assert (await house.client.get("/health")).status_code == 200
