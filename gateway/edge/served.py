"""A request as it is served: whose work it is in the log, and a span of its trace.

The span says the route's template and never the path, the query or who asked: a path may hold a
token, and what stands in a trace is read by others than the tenant.
"""

from collections.abc import Mapping
from typing import Any

from contracts.wire.tracing import trace_id_of
from gateway.edge.visit import Visit
from journal.bearings import Bearings
from journal.spans import Span, Value, is_recorded
from journal.work import Work

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Served(Work):
    """The work on a request. `status` is the answer's, once it begins."""

    __slots__ = ("_scope", "status")

    def __init__(self, visit: Visit, scope: Mapping[str, Any]) -> None:
        span = _span(visit) if is_recorded(visit.traceparent) else None
        super().__init__(Bearings(visit.traceparent, visit.request_id), span)
        self._scope = scope
        self.status = 0

    def finish(self, span: Span) -> None:
        template = str(self._scope.get("path_template") or "")
        if template:
            span.name = f"{span.name} {template}"
            span.attributes["http.route"] = template
        if self.status:
            span.attributes["http.response.status_code"] = self.status
        if self.status >= 500:
            self.bearings.error = str(self.status)
        if self.bearings.tenant_id is not None:
            span.attributes["slotstream.tenant_id"] = str(self.bearings.tenant_id)


def _span(visit: Visit) -> Span:
    method = visit.method if visit.method in _METHODS else "_OTHER"
    given = visit.header(b"traceparent")
    above = given if trace_id_of(given) == visit.trace_id else ""
    told: dict[str, Value] = {"http.request.method": method}
    name = "HTTP" if method == "_OTHER" else method
    return Span(name, "server", visit.traceparent, above, told)
