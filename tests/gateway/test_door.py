"""The door over real connections: whatever comes in, what goes out is an answer and no 5xx."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from contracts.wire.reply import Reply
from tests.gateway.peer import Peer
from tests.gateway.raw import RawAnswer, exchange, request
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import Signer
from tests.gateway.test_guard import MALFORMED
from tests.gateway.test_process import Running, answering, started

PATH = "/resources/"
ALWAYS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}
JSON = {"Content-Type": "application/json"}
ROOM = b'{"name":"Room","kind":"space"}'


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, ValkeyServer]]:
    """A gateway in production, for one host."""
    server = ValkeyServer()
    server.start()
    signer = Signer(tmp_path_factory.mktemp("door") / "jwks.json")
    told = {"ENVIRONMENT": "production", "ALLOWED_HOSTS": "gateway, [::1]"}
    with started(server.url, signer, **told) as gateway:
        yield gateway, server
    server.remove()


@pytest_asyncio.fixture
async def peer(door: tuple[Running, ValkeyServer]) -> AsyncIterator[Peer]:
    async with answering(door[1]) as speaking:
        speaking.script = lambda _: Reply(200, {"id": "x", "version": 1})
        yield speaking


async def sent(door: tuple[Running, ValkeyServer], raw: bytes) -> RawAnswer:
    return await exchange(door[0].port, raw)


def is_problem(answer: RawAnswer) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == answer.status
    assert len(answer.json["trace_id"]) == 32
    assert answer.headers["x-request-id"]


NO_HTTP: dict[str, bytes] = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "noise": b"\x00\xff nonsense\r\n\r\n",
    "no method": b" / HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "a method of nobody": b"BREW / HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "HTTP/3": b"GET /health HTTP/3.0\r\nHost: gateway\r\n\r\n",
    "a space in a header's name": b"GET /health HTTP/1.1\r\nHost : gateway\r\n\r\n",
    "a header without a name": b"GET /health HTTP/1.1\r\n: x\r\nHost: gateway\r\n\r\n",
    "a folded header": b"GET /health HTTP/1.1\r\nHost: gateway\r\nX-A: b\r\n c\r\n\r\n",
    "a control character in a header": b"GET /health HTTP/1.1\r\nHost: gate\x00way\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "bytes beyond ASCII in the target": b"GET /\xff HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "no number as length": request("POST", PATH, {"Content-Length": "ten", **JSON}),
    "a negative length": request("POST", PATH, {"Content-Length": "-1", **JSON}),
    "two lengths": request("POST", PATH, {"Content-Length": "2\r\nContent-Length: 3"}),
    "length and chunks": request(
        "POST", PATH, {"Content-Length": "2", "Transfer-Encoding": "chunked", **JSON}
    ),
    "a chunk of no size": request("POST", PATH, {"Transfer-Encoding": "chunked", **JSON})
    + b"zz\r\n{}\r\n0\r\n\r\n",
    "the port of CONNECT": b"CONNECT gateway:443 HTTP/1.1\r\nHost: gateway:443\r\n\r\n",
}


@pytest.mark.parametrize("raw", NO_HTTP.values(), ids=NO_HTTP.keys())
async def test_what_is_no_http_is_a_problem(door: tuple[Running, ValkeyServer], raw: bytes) -> None:
    """400 as problem+json with a trace id, the headers of every answer, and the end of the
    connection; no server header."""
    answer = await sent(door, raw)
    assert (answer.status, answer.json["code"]) == (400, "validation_failed")
    is_problem(answer)
    assert answer.headers["connection"] == "close"
    assert answer.headers.items() >= ALWAYS.items()
    assert "server" not in answer.headers


@pytest.mark.parametrize("ends", [b"", b"\r\n\r\n"], ids=["never ends", "ends"])
async def test_a_head_is_not_read_for_ever(door: tuple[Running, ValkeyServer], ends: bytes) -> None:
    """431 for a header of a megabyte, whether it ends or goes on."""
    head = b"GET /health HTTP/1.1\r\nHost: gateway\r\nX-Long: " + b"a" * 1_000_000 + ends
    answer = await sent(door, head)
    assert (answer.status, answer.json["code"]) == (431, "head_too_large")
    is_problem(answer)


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "no route": (request("GET", "/nothing"), 404, "not_found"),
    "a NUL in the path": (request("GET", "/resources/%00"), 401, "unauthorized"),
    "no UTF-8 in the path": (request("GET", "/resources/%ff%fe"), 401, "unauthorized"),
    "a path upwards": (request("GET", "/resources/../health"), 404, "not_found"),
    "an encoded slash": (request("GET", "/resources%2f"), 401, "unauthorized"),
    "another method": (request("PUT", PATH), 405, "method_not_allowed"),
    "TRACE": (request("TRACE", PATH), 405, "method_not_allowed"),
    "PROPFIND": (request("PROPFIND", PATH), 405, "method_not_allowed"),
    "CONNECT to a path": (request("CONNECT", PATH), 405, "method_not_allowed"),
    "a host that is not served": (request("GET", PATH, {"Host": "evil"}), 400, "validation_failed"),
    "no host": (b"GET /health HTTP/1.1\r\n\r\n", 400, "validation_failed"),
    "an empty host": (request("GET", PATH, {"Host": ""}), 400, "validation_failed"),
    "two hosts": (
        request("GET", PATH, {"Host": "gateway\r\nHost: gateway"}),
        400,
        "validation_failed",
    ),
    "an absolute target of another": (
        request("GET", f"http://evil{PATH}"),
        400,
        "validation_failed",
    ),
    "an unknown host in brackets": (
        request("GET", PATH, {"Host": "[::2]:80"}),
        400,
        "validation_failed",
    ),
    "a tenant that is none": (request("GET", "/tenants/%F0%9F%98%80"), 401, "unauthorized"),
}


@pytest.mark.parametrize(("raw", "status", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_refusal_is_a_problem(
    door: tuple[Running, ValkeyServer], raw: bytes, status: int, code: str
) -> None:
    """Whatever refuses it, and at whatever layer: problem+json, and the headers of every answer."""
    answer = await sent(door, raw)
    assert (answer.status, answer.json["code"]) == (status, code)
    is_problem(answer)
    assert answer.headers.items() >= ALWAYS.items()
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("/health", "anything"),
        (PATH, "GATEWAY:8000"),
        (PATH, "gateway."),
        (PATH, "[::1]:8000"),
        (f"http://gateway{PATH}", "evil"),
        (f"http://GATEWAY:80{PATH}", "gateway"),
        (f"http://[::1]:80{PATH}", "evil"),
    ],
)
async def test_a_host_that_is_served(
    door: tuple[Running, ValkeyServer], peer: Peer, target: str, host: str
) -> None:
    """However it is spelled, and an absolute target says it in Host's place."""
    headers = {**door[0].signer.bearer("resource:read"), "Host": host}
    assert (await sent(door, request("GET", target, headers))).status == 200


async def test_http_1_0_needs_no_host(door: tuple[Running, ValkeyServer]) -> None:
    """A probe of the old kind is answered."""
    assert (await sent(door, b"GET /health HTTP/1.0\r\n\r\n")).status == 200


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/resources/", "GET, HEAD, OPTIONS, POST"),
        ("/resources/018f0000-0000-7000-8000-000000000001", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/auth/token", "OPTIONS, POST"),
        ("/health", "GET, HEAD, OPTIONS"),
    ],
)
async def test_allow_is_complete(
    door: tuple[Running, ValkeyServer], path: str, methods: str
) -> None:
    """405 and OPTIONS name every method that the path has."""
    said = await sent(door, request("OPTIONS", path))
    assert (said.status, said.headers["allow"]) == (204, methods)
    refused = await sent(door, request("PUT", path))
    assert (refused.status, refused.headers["allow"]) == (405, methods)


def chunked(body: bytes, size: int = 65_536) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


BODIES: dict[str, tuple[dict[str, str], bytes, int]] = {
    **{name: (JSON, body, 400) for name, body in MALFORMED.items()},
    "a naive instant": (
        JSON,
        b'{"resource_id":"018f0000-0000-7000-8000-000000000001","starts_at":"2026-12-01T09:00:00",'
        b'"ends_at":"2026-12-01T10:00:00Z"}',
        400,
    ),
    "gzip": ({**JSON, "Content-Encoding": "gzip"}, b"\x1f\x8b\x08", 415),
    "deflate, twice": ({**JSON, "Content-Encoding": "identity, deflate"}, b"x", 415),
    "no media type": ({}, b"{}", 415),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=b", 415),
    "a charset": ({"Content-Type": "application/json; charset=utf-16"}, b"{}", 415),
    "a mebibyte and a byte": (JSON, b" " * 1_048_577, 413),
    "nothing": (JSON, b"", 400),
}


@pytest.mark.parametrize(("headers", "body", "status"), BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("way", ["whole", "chunked"])
async def test_no_body_is_a_5xx(
    door: tuple[Running, ValkeyServer],
    way: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    """What a body may be that it must not: 4xx as a problem, however it is sent."""
    said = {**door[0].signer.bearer("booking:create:own"), **headers}
    target = "/reservations/bookings/"
    if way == "chunked":
        raw = request("POST", target, {**said, "Transfer-Encoding": "chunked"}) + chunked(body)
    else:
        raw = request("POST", target, said, body)
    answer = await sent(door, raw)
    assert answer.status == status
    is_problem(answer)


async def test_a_body_that_is_longer_than_announced(
    door: tuple[Running, ValkeyServer], peer: Peer
) -> None:
    """What is beyond the announced length is no part of the request, which gets its answer."""
    headers = {**door[0].signer.bearer("resource:create"), **JSON, "Content-Length": str(len(ROOM))}
    answer = await sent(door, request("POST", PATH, headers) + ROOM + b"GARBAGE")
    assert answer.status == 200
    assert peer.last.data == ROOM


async def test_an_upgrade_is_not_taken(door: tuple[Running, ValkeyServer]) -> None:
    """Who asks for another protocol is answered in this one."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    assert (await sent(door, request("GET", "/health", headers))).status == 200
