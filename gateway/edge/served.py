"""A request as it is served: whose work it is in the log, and a span of its trace.

The span says the route's template and never the path, the query or who asked: a path may hold a
token, and what stands in a trace is read by others than the tenant.
"""

from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Any, Self

from contracts.wire.tracing import trace_id_of
from gateway.edge.visit import Visit
from journal import bearings
from journal.bearings import Bearings
from journal.spans import Span, Value, is_recorded

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Served:
    """`with Served(visit, scope)`: what happens inside is the work on this request. `status` is the
    answer's, once it begins."""

    __slots__ = ("_bearings", "_scope", "_span", "_token", "status")

    def __init__(self, visit: Visit, scope: Mapping[str, Any]) -> None:
        self.status = 0
        self._scope = scope
        self._span = _span(visit) if is_recorded(visit.traceparent) else None
        self._bearings = Bearings(visit.traceparent, visit.request_id)
        self._token: Token[Bearings | None] | None = None

    def __enter__(self) -> Self:
        self._token = bearings.take(self._bearings)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            bearings.leave(self._token)
        if self._span is not None:
            self._end(self._span, "" if kind is None else kind.__name__)

    def _end(self, span: Span, error: str) -> None:
        template = str(self._scope.get("path_template") or "")
        told: dict[str, Value] = {"http.route": template} if template else {}
        if self.status:
            told["http.response.status_code"] = self.status
        if self._bearings.tenant_id is not None:
            told["slotstream.tenant_id"] = str(self._bearings.tenant_id)
        span.name = f"{span.name} {template}".rstrip()
        span.attributes |= told
        span.end(error or (str(self.status) if self.status >= 500 else ""))


def _span(visit: Visit) -> Span:
    method = visit.method if visit.method in _METHODS else "_OTHER"
    given = visit.header(b"traceparent")
    above = given if trace_id_of(given) == visit.trace_id else ""
    told: dict[str, Value] = {"http.request.method": method}
    name = "HTTP" if method == "_OTHER" else method
    return Span(name, "server", visit.traceparent, above, told)
