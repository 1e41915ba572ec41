"""A collector for tests: takes spans by OTLP over HTTP, and says what it was told."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanOnTheWire
from opentelemetry.proto.trace.v1.trace_pb2 import Status

ERROR = Status.STATUS_CODE_ERROR


@dataclass(frozen=True)
class Told:
    """One span as it arrived; ids in hexadecimal digits, `parent_id` "" where there is none."""

    name: str
    kind: str
    trace_id: str
    id: str
    parent_id: str
    service: str
    instance: str
    attributes: dict[str, Any]
    failed: bool
    began: int
    ended: int


@dataclass
class Collector:
    """What came to it. `headers` are those of the last request; `hang_up` ends it, also twice."""

    url: str = ""
    spans: list[Told] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    hang_up: Callable[[], None] = lambda: None

    def trace(self, trace_id: str) -> list[Told]:
        return [span for span in self.spans if span.trace_id == trace_id]

    def take(self, headers: dict[str, str], body: bytes) -> None:
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.bodies.append(body)
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            about = _values(resource.resource.attributes)
            for scope in resource.scope_spans:
                self.spans += [_told(span, about) for span in scope.spans]


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a port of this machine."""
    found = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            right = self.path == "/v1/traces"
            if right:
                found.take(dict(self.headers.items()), body)
            self.send_response(200 if right else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"

    def hang_up() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    found.hang_up = hang_up
    try:
        yield found
    finally:
        hang_up()


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def _told(span: Any, about: dict[str, Any]) -> Told:
    return Told(
        name=span.name,
        kind=SpanOnTheWire.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        service=about["service.name"],
        instance=about["service.instance.id"],
        attributes=_values(span.attributes),
        failed=span.status.code == ERROR,
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
    )
