"""A visit: what is known of a request before anything is decided about it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from litestar import Request

from contracts.wire.identity import new_id
from contracts.wire.tracing import trace_id_of
from gateway.edge.client_address import UNKNOWN, ClientAddresses
from journal.spans import begun

HttpRequest = Request[Any, Any, Any]

_VISIBLE = re.compile(r"^[\x21-\x7e]{1,128}$")


@dataclass(frozen=True, slots=True)
class Visit:
    """`instance` is the path as it came in; `traceparent` is the span of this request; `address`
    is the client's; `adds` are headers that whatever answer there will be carries. `begun` is when
    it came in (time.perf_counter), `codes` of which problems the answer is, `limits` what refused
    it."""

    method: str
    instance: str
    query: bytes
    request_id: str
    traceparent: str
    headers: Mapping[bytes, bytes]
    address: str = UNKNOWN
    adds: list[tuple[bytes, bytes]] = field(default_factory=list)
    begun: float = field(default_factory=perf_counter)
    codes: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)

    def header(self, name: bytes) -> str:
        """The header's value, "" where there is none; repetitions are joined by commas."""
        # Around a value there is space and tab (RFC 9110 §5.5), and no other white space.
        return self.headers.get(name, b"").decode("latin-1").strip(" \t")

    @property
    def trace_id(self) -> str:
        return trace_id_of(self.traceparent)


def visit_from(scope: Mapping[str, Any], addresses: ClientAddresses) -> Visit:
    """The visit of an ASGI scope; an X-Request-ID that is no visible ASCII is made anew."""
    headers = _joined(scope["headers"])
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    raw = scope.get("raw_path") or scope["path"].encode()
    return Visit(
        method=scope["method"],
        instance=raw.decode("latin-1")[:500],
        query=scope["query_string"],
        request_id=given if _VISIBLE.match(given) else str(new_id()),
        traceparent=begun(headers.get(b"traceparent", b"").decode("latin-1")),
        headers=headers,
        address=addresses.of(
            (scope.get("client") or ("", 0))[0],
            headers.get(b"x-forwarded-for", b"").decode("latin-1"),
        ),
    )


def unread_visit() -> Visit:
    """The visit of a request that cannot be read: nothing is known of it."""
    return Visit("", "", b"", str(new_id()), begun(), {})


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def visit_of(request: HttpRequest) -> Visit:
    visit: Visit = request.scope["state"]["visit"]
    return visit
