"""What nginx refuses by itself: limits, what it cannot read, and gateways that are not there."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from contracts.wire.problems import CODES
from tests.deploy.nginx import GENEROUS, Nginx
from tests.gateway.raw import exchange

ROOT = Path(__file__).parents[2]
# Nothing listens on port 9 (discard) of the loopback: what passes the limits is answered 502.
NOBODY = "127.0.0.1:9"
FEW = {"NGINX_ADDRESS_RATE": "1r/m", "NGINX_ADDRESS_BURST": "2"}
FEW_OF_A_TENANT = {"NGINX_TENANT_RATE": "1r/m", "NGINX_TENANT_BURST": "2"}
# The address is whatever the test says, as behind a proxy of one's own.
ADDRESS_AS_TOLD = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Test-Address;\n"


@pytest.fixture(scope="module")
def alone() -> Iterator[Nginx]:
    """One that has no gateway behind it."""
    with Nginx(NOBODY).running() as nginx:
        yield nginx


def statuses(nginx: Nginx, paths: list[str], headers: dict[str, str] | None = None) -> list[int]:
    return [httpx.get(f"{nginx.address}{path}", headers=headers).status_code for path in paths]


def problem(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is a problem as the gateway's own are."""
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"[0-9a-f]{32}", body["trace_id"])
    assert body["type"] == f"urn:slotstream:problem:{code}"


@contextmanager
def limited(**told: str) -> Iterator[Nginx]:
    """One with little patience, which believes X-Test-Address."""
    nginx = Nginx(NOBODY, told={**GENEROUS, **told}, more=ADDRESS_AS_TOLD)
    with nginx.running():
        yield nginx


def test_limit_of_an_address() -> None:
    """Beyond its burst an address gets 429, as a problem that says when to try again; another
    address does not, and a whole /64 of IPv6 is one address."""
    with limited(**FEW) as nginx:
        one = {"X-Test-Address": "198.51.100.1"}
        assert statuses(nginx, ["/"] * 5, one) == [502, 502, 502, 429, 429]
        assert statuses(nginx, ["/"], {"X-Test-Address": "198.51.100.2"}) == [502]
        neighbours = [f"2001:db8:0:1::{last}" for last in range(1, 5)]
        found = [statuses(nginx, ["/"], {"X-Test-Address": of})[0] for of in neighbours]
        assert found == [502, 502, 502, 429]
        assert statuses(nginx, ["/"], {"X-Test-Address": "2001:db8:0:2::1"}) == [502]
        refused = httpx.get(nginx.address, headers=one)
        problem(refused, 429, "rate_limited")
        assert (refused.headers["retry-after"], refused.json()["retry_after"]) == ("1", 1)


@pytest.mark.parametrize("way", ["path", "public", "header"])
def test_limit_of_a_tenant(way: str) -> None:
    """Whoever names a tenant, from whatever address, shares that tenant's limit; another tenant's
    is its own, and what names none has none."""
    with limited(**FEW_OF_A_TENANT) as nginx:

        def ask(tenant: str, last: int) -> httpx.Response:
            path = {"path": f"/tenants/{tenant}/settings", "public": f"/public/{tenant}"}
            named = {"X-Tenant-ID": tenant} if way == "header" else {}
            headers = {"X-Test-Address": f"198.51.100.{last}", **named}
            return httpx.get(nginx.address + path.get(way, "/users/"), headers=headers)

        one, other = str(uuid4()), str(uuid4())
        assert [ask(one, last).status_code for last in range(5)] == [502, 502, 502, 429, 429]
        problem(ask(one, 9), 429, "rate_limited")
        assert ask(other, 9).status_code == 502
        assert statuses(nginx, ["/users/"] * 5) == [502] * 5


def test_one_address_cannot_use_up_a_tenant() -> None:
    """What an address is refused is not counted on the tenant that it names."""
    with limited(**FEW, NGINX_TENANT_RATE="1r/m", NGINX_TENANT_BURST="5") as nginx:
        path = f"/tenants/{uuid4()}"
        stranger, customer = ({"X-Test-Address": f"198.51.100.{last}"} for last in (1, 2))
        assert statuses(nginx, [path] * 20, stranger).count(502) == 3
        assert statuses(nginx, [path] * 3, customer) == [502] * 3


def test_nobody_behind_it(alone: Nginx) -> None:
    """Without a gateway the answer is a problem that says when to try again, in the caller's
    language."""
    answer = httpx.get(f"{alone.address}/users/?q=%22", headers={"Accept-Language": "pt-BR,en"})
    problem(answer, 502, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["title"] == CODES["unavailable"][2]
    assert answer.json()["instance"] == "/users/"


def test_the_trace_is_the_callers(alone: Nginx) -> None:
    """A refusal says the trace that the caller is in."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    assert httpx.get(alone.address, headers=headers).json()["trace_id"] == trace


def test_a_gateway_that_says_nothing() -> None:
    """A gateway that never answers gives 504: the outcome is not known."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hasty = {"proxy_read_timeout 65s": "proxy_read_timeout 100ms"}
        with Nginx(f"127.0.0.1:{port}", changes=hasty).running() as nginx:
            answer = httpx.post(f"{nginx.address}/resources/", json={})
    problem(answer, 504, "outcome_unknown")


async def test_what_cannot_be_read(alone: Nginx) -> None:
    """What is no HTTP, or has too large a head, or a method that is none, is told so."""
    unreadable = await exchange(alone.port, b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (unreadable.status, unreadable.json["code"]) == (400, "validation_failed")
    two_hosts = await exchange(alone.port, b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")
    assert (two_hosts.status, two_hosts.json["code"]) == (400, "validation_failed")
    async with httpx.AsyncClient(base_url=alone.address) as client:
        large = {"X-Large": "x" * 20_000}
        problem(await client.get("/", headers=large), 431, "head_too_large")
        problem(await client.get(f"/{'x' * 20_000}"), 431, "head_too_large")
        problem(await client.request("TRACE", "/"), 405, "method_not_allowed")


def test_its_version_is_not_told(alone: Nginx) -> None:
    """Neither a header nor a page says which nginx it is."""
    answer = httpx.get(f"{alone.address}/metrics")
    assert answer.headers["server"] == "nginx"
    assert "nginx" not in answer.text


def test_words_of_the_problems() -> None:
    """Every code that nginx says has the title that the gateway gives it, in both languages."""
    text = (ROOT / "ops/nginx/http.d/problems.conf").read_text(encoding="utf-8")
    titles = {
        (language, code): title
        for language, code, title in re.findall(r'(en|pt):(\w+) +"([^"]+)";', text)
    }
    said = text.partition("$problem_code {")[2].partition("}")[0]
    codes = set(re.findall(r" (\w+);", said))
    assert titles == {
        (language, code): CODES[code][column]
        for code in codes
        for language, column in (("en", 1), ("pt", 2))
    }
