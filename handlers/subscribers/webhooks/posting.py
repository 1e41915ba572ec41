"""One attempt over HTTP: no redirects, no proxy, no connection kept, and an end to everything."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpcore

from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.guard import Forbidden, GuardedBackend, Resolve
from handlers.subscribers.webhooks.schedule import Answer
from handlers.subscribers.webhooks.urls import path_of, unfit

TOTAL_SECONDS = 15.0
CONNECT_SECONDS = 5.0
# Once the status was said: what follows is for the log, and need not end.
BODY_SECONDS = 3.0
MOST_READ = 16 * 1024
# What the log keeps of an answer.
HEAD = 1000
_NO_ANSWER = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (Forbidden, "forbidden_address"),
    (TimeoutError, "timeout"),
    (httpcore.TimeoutException, "timeout"),
    (httpcore.ConnectError, "connection_failed"),
    (httpcore.NetworkError, "connection_lost"),
    (httpcore.ProtocolError, "invalid_answer"),
)


class Poster:
    """Sends to one URL at a time, over a connection of its own each time: an address that was
    allowed once is looked at again."""

    def __init__(
        self,
        reach: Reach,
        resolve: Resolve,
        total_seconds: float = TOTAL_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls` says whose certificates are believed, instead of the authorities that all know."""
        self._reach = reach
        self._backend = GuardedBackend(reach, resolve)
        self._tls = tls or httpcore.default_ssl_context()
        self._total = total_seconds

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What became of it; never raises for what the other side does."""
        begun = time.monotonic()
        # What an installation allows can have changed since the URL was accepted.
        if unfit(url, self._reach) is not None:
            return Answer(None, "forbidden_address", "", None, 0)
        try:
            async with asyncio.timeout(self._total) as whole:
                status, head, retry_after = await self._sent(url, headers, body, whole)
        except (*_NO_ANSWER, TimeoutError, ssl.SSLError, OSError) as failure:
            return Answer(None, _name(failure), "", None, _since(begun))
        return Answer(status, None, head, retry_after, _since(begun))

    async def _sent(
        self, url: str, headers: Mapping[str, str], body: bytes, whole: asyncio.Timeout
    ) -> tuple[int, str, str | None]:
        parts = urlsplit(url)
        target = httpcore.URL(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port,
            target=path_of(parts),
        )
        told = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "Slotstream-Webhooks/1.0",
            **headers,
        }
        limits = {"connect": CONNECT_SECONDS, "read": self._total, "write": self._total}
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._tls, max_keepalive_connections=0, network_backend=self._backend
        )
        async with (
            pool,
            pool.stream(
                "POST",
                target,
                headers=[(name.encode(), value.encode()) for name, value in told.items()],
                content=body,
                extensions={"timeout": limits},
            ) as response,
        ):
            within = min(self._total, BODY_SECONDS)
            # As much again for what is to be closed.
            whole.reschedule(asyncio.get_running_loop().time() + 2 * within)
            head = await _head(response, within)
            return response.status, head, _header(response, b"retry-after")


async def _head(response: httpcore.Response, within: float) -> str:
    """The beginning of the answer as text. What does not come any more is not missed: the status
    was said."""
    read = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in response.aiter_stream():
                read += chunk[: MOST_READ - len(read)]
                if len(read) >= MOST_READ:
                    break
    except (*_NO_ANSWER, TimeoutError):
        pass
    text = read.decode("utf-8", "replace")
    return "".join(mark if mark.isprintable() else " " for mark in text[:HEAD])


def _header(response: httpcore.Response, wanted: bytes) -> str | None:
    found = [value for name, value in response.headers if name.lower() == wanted]
    return found[0].decode("latin-1")[:100] if found else None


def _name(failure: Exception) -> str:
    # What httpcore makes of a certificate that is not believed is a ConnectError around it.
    if any(isinstance(found, ssl.SSLError) for found in (failure, *failure.args)):
        return "tls_failed"
    return next((name for kind, name in _ERRORS if isinstance(failure, kind)), "connection_lost")


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)
