"""The doorway: what is true of every request and every answer, whichever route serves it.

Outside of Litestar, because its middleware sees no request that finds no route.
"""

from collections.abc import Sequence
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from contracts.wire.problems import Problem
from gateway.edge.client_address import ClientAddresses
from gateway.edge.problems import MEDIA_TYPE, problem_bytes
from gateway.edge.visit import Visit, visit_from

_PROBES = ("/health", "/ready")


class Drain:
    """Set once the process was told to stop: not ready any more, connections close one by one."""

    def __init__(self) -> None:
        self.on = False


class Doorway:
    """An ASGI application around the application; HEAD is GET without its body."""

    def __init__(
        self, app: ASGIApp, hosts: Sequence[str], addresses: ClientAddresses, drain: Drain
    ) -> None:
        self.app = app
        self._addresses = addresses
        self._hosts = frozenset(host.lower() for host in hosts)
        self._suffixes = tuple(host[1:].lower() for host in hosts if host.startswith("*."))
        self._any_host = not hosts or "*" in hosts
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "method" not in scope:
            await self.app(scope, receive, send)
            return
        visit = visit_from(scope, self._addresses)
        head = visit.method == "HEAD"
        leave = self._leaving(visit, send, head)
        if not self._serves(visit, scope["path"]):
            await _refuse_host(visit, leave)
            return
        inner: Any = dict(scope)
        inner["state"] = {**(scope.get("state") or {}), "visit": visit}
        if head:
            inner["method"] = "GET"
        await self.app(inner, receive, leave)

    def _leaving(self, visit: Visit, send: Send, head: bool) -> Send:
        async def leave(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                headers += (
                    (b"x-request-id", visit.request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-store"),
                    *visit.adds,
                )
                if self._drain.on:
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
            elif head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        return leave

    def _serves(self, visit: Visit, path: str) -> bool:
        if self._any_host or path in _PROBES:
            return True
        host = visit.header(b"host").lower().rsplit(":", 1)[0]
        return host in self._hosts or host.endswith(self._suffixes or ("\0",))


async def _refuse_host(visit: Visit, send: Send) -> None:
    problem = Problem(code="validation_failed", detail="This host is not served here.")
    body = problem_bytes(problem, visit)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
