"""uvicorn's reading of HTTP, so that what it cannot read is answered like all else.

Overridden are its methods for the head of a request and for the answer to what is no HTTP; uvicorn
is pinned for that.
"""

from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from contracts.wire.problems import Problem
from gateway.edge.problems import MEDIA_TYPE, problem_bytes
from gateway.edge.visit import Visit, unread_visit

# The request line and headers together; a token of ours takes some 1,500 bytes.
MAX_HEAD = 65_536
Fields = tuple[tuple[bytes, bytes], ...]
Tell = Callable[[Visit, str, int], None]


def protocol(
    always: Fields, tell: Tell = lambda _visit, _template, _status: None
) -> type[HttpToolsProtocol]:
    """The protocol, whose own answers carry the headers that every answer does; `tell` is told of
    each."""

    class Protocol(_Protocol):
        fields = always
        told = staticmethod(tell)

    return Protocol


class _Protocol(HttpToolsProtocol):
    fields: Fields = ()
    told: Tell

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._reading_head = False
        self._head_size = 0

    def on_message_begin(self) -> None:
        self._reading_head = True
        self._head_size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._reading_head = False
        self._heed_target()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # The parser keeps what it has of a head for as long as it grows.
        if self._reading_head and not self.transport.is_closing():
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self._refuse(Problem(code="head_too_large", detail=f"{MAX_HEAD} bytes are read."))

    def send_400_response(self, msg: str) -> None:
        self._refuse(Problem(code="validation_failed", detail=msg))

    def _heed_target(self) -> None:
        """An absolute target says which host is meant, whatever Host says (RFC 9112 §3.2.2)."""
        if self.url[:1] in (b"/", b"*") or b"://" not in self.url:
            return
        parsed = httptools.parse_url(self.url)
        host = parsed.host or b""
        host = b"[" + host + b"]" if b":" in host else host
        authority = host + (b":%d" % parsed.port if parsed.port else b"")
        self.headers[:] = [field for field in self.headers if field[0] != b"host"]
        self.headers.append((b"host", authority))

    def _refuse(self, problem: Problem) -> None:
        """Answers and hangs up. A whole request before it gets its own answer, and only then the
        connection ends; what the application makes of half a request nobody hears."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body:
                cycle.keep_alive = False
                self.flow.pause_reading()
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                return
        self.transport.write(self._answer(problem))
        self.transport.close()

    def _answer(self, problem: Problem) -> bytes:
        visit = unread_visit()
        body = problem_bytes(problem, visit)
        self.told(visit, "", problem.status)
        fields = (
            *self.server_state.default_headers,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (b"x-request-id", visit.request_id.encode()),
            *self.fields,
        )
        lines = b"".join(b"%b: %b\r\n" % field for field in fields)
        return STATUS_LINE[problem.status] + lines + b"\r\n" + body
