"""The doorway: what is true of every request and every answer, whichever route serves it.

Outside of Litestar, because its middleware sees no request that finds no route.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from contracts.wire.problems import Problem
from gateway.edge.client_address import ClientAddresses
from gateway.edge.cors import Cors
from gateway.edge.hosts import Hosts
from gateway.edge.metrics import GatewayMetrics
from gateway.edge.problems import (
    MEDIA_TYPE,
    Refused,
    allow,
    problem_bytes,
    problem_headers,
    refused,
)
from gateway.edge.served import Served
from gateway.edge.visit import Visit, visit_from

_METRICS = "/metrics"
_PROBES = ("/health", "/ready", _METRICS)
# A page that shows something says otherwise itself; all else is data, and nobody's to frame.
_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_OVER_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")
Fields = tuple[tuple[bytes, bytes], ...]


class Drain:
    """Set once the process was told to stop: not ready any more, connections close one by one.
    `begun` is for those that are under way for good."""

    def __init__(self) -> None:
        self.on = False
        self.begun = asyncio.Event()


def always(*, production: bool) -> Fields:
    """The headers of every answer that has none of the name."""
    return (*_ALWAYS, _OVER_TLS_ONLY) if production else _ALWAYS


@dataclass(frozen=True, slots=True)
class Premises:
    """What the doorway goes by. `methods` are those of each route, by its path's template; on
    `metrics_port` there is the page of metrics and nothing else."""

    hosts: Hosts = field(default_factory=lambda: Hosts(()))
    cors: Cors = field(default_factory=lambda: Cors(()))
    addresses: ClientAddresses = field(default_factory=lambda: ClientAddresses(()))
    always: Fields = _ALWAYS
    drain: Drain = field(default_factory=Drain)
    methods: Mapping[str, Iterable[str]] = field(default_factory=dict)
    metrics: GatewayMetrics = field(default_factory=GatewayMetrics)
    metrics_port: int = 0


class Doorway:
    """An ASGI application around the application; HEAD is GET without its body."""

    def __init__(self, app: ASGIApp, premises: Premises) -> None:
        self.app = app
        self.premises = premises

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "method" not in scope:
            await self.app(scope, receive, send)
            return
        metrics = self.premises.metrics
        metrics.under_way += 1
        try:
            await self._enter(scope, receive, send)
        finally:
            metrics.under_way -= 1

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_from(scope, self.premises.addresses)
        inner: Any = dict(scope)
        inner["state"] = {**(scope.get("state") or {}), "visit": visit}
        with Served(visit, inner) as served:
            await self._serve(visit, inner, receive, self._leaving(visit, inner, served, send))

    async def _serve(self, visit: Visit, inner: Any, receive: Receive, leave: Send) -> None:
        try:
            self._check_door(inner)
            self._check_host(visit, inner)
            if self.premises.cors.is_preflight(visit):
                await _answer(leave, 204, self.premises.cors.preflight(visit))
                return
        except Refused as refusal:
            await _refuse(refusal.problem, visit, leave)
            return
        if visit.method == "HEAD":
            inner["method"] = "GET"
        await self.app(inner, receive, leave)

    def _leaving(self, visit: Visit, inner: Mapping[str, Any], served: Served, send: Send) -> Send:
        async def leave(message: Message) -> None:
            if message["type"] == "http.response.start":
                served.status = message["status"]
                said = [
                    *message["headers"],
                    (b"x-request-id", visit.request_id.encode()),
                    *self.premises.cors.fields(visit),
                    *visit.adds,
                ]
                if visit.method == "OPTIONS" and message["status"] == 204:
                    said = self._with_methods(said, inner.get("path_template", ""))
                names = {name for name, _ in said}
                said += [(name, value) for name, value in self.premises.always if name not in names]
                if self.premises.drain.on:
                    said.append((b"connection", b"close"))
                message["headers"] = said
                template = inner.get("path_template", "")
                self.premises.metrics.answered(visit, template, message["status"])
            elif visit.method == "HEAD" and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        return leave

    def _with_methods(self, said: list[tuple[bytes, bytes]], template: str) -> Any:
        """Litestar's own answer to OPTIONS names the methods of one handler of the path."""
        methods = set(self.premises.methods.get(template, ()))
        if not methods:
            return said
        kept = [(name, value) for name, value in said if name != b"allow"]
        return [*kept, (b"allow", allow(methods).encode())]

    def _check_door(self, scope: Mapping[str, Any]) -> None:
        """Who reads metrics comes in by a door of their own, and gets nowhere else from there."""
        port = self.premises.metrics_port
        if port and (scope.get("server") or ("", 0))[1] == port and scope["path"] != _METRICS:
            raise refused("not_found")

    def _check_host(self, visit: Visit, scope: Mapping[str, Any]) -> None:
        """One Host that is served; probes come by address."""
        given = sum(name == b"host" for name, _ in scope["headers"])
        if given > 1 or (not given and scope.get("http_version") == "1.1"):
            raise refused("validation_failed", "Say one Host.")
        if scope["path"] not in _PROBES and not self.premises.hosts.serve(visit.header(b"host")):
            raise refused("validation_failed", "This host is not served here.")


async def _refuse(problem: Problem, visit: Visit, send: Send) -> None:
    fields = tuple(
        (name.encode(), value.encode()) for name, value in problem_headers(problem).items()
    )
    kind = (b"content-type", MEDIA_TYPE.encode())
    await _answer(send, problem.status, (kind, *fields), problem_bytes(problem, visit))


async def _answer(send: Send, status: int, fields: Fields, body: bytes = b"") -> None:
    length = () if status == 204 else ((b"content-length", str(len(body)).encode()),)
    headers = [*fields, *length]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
