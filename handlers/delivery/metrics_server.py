"""The page of a process's metrics, on a port of its own: plain HTTP, one page, nothing else.

An asyncio server and not the library's own: that looks the host's name up when it binds, and runs
threads that nobody ends.
"""

import asyncio

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest

PATH = "/metrics"
# A request of ours is a line and a few headers; whoever takes longer is not reading metrics.
MAX_HEAD = 8_192
HEAD_SECONDS = 5.0


class CannotListen(Exception):
    """The port cannot be had; the message says which, and why."""


class MetricsServer:
    """Serves from `start` to `stop`; without a port it does nothing."""

    def __init__(self, registry: CollectorRegistry, host: str, port: int) -> None:
        self._registry = registry
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens. Raises CannotListen."""
        if not self._port:
            return
        try:
            self._server = await asyncio.start_server(
                self._serve, self._host, self._port, limit=MAX_HEAD
            )
        except OSError as wrong:
            where = f"port {self._port} of {self._host}"
            raise CannotListen(f"METRICS_PORT: {where}: {wrong.strerror or wrong}") from wrong

    async def stop(self) -> None:
        """Nothing listens any more, and nobody is being answered."""
        if self._server is None:
            return
        self._server.close()
        for task in tuple(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(await self._answer(head))
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # Whoever asks for nothing, or never to the end, is told nothing.
            pass
        finally:
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        if method not in ("GET", "HEAD"):
            return _said("405 Method Not Allowed", b"GET is all there is.\n", "allow: GET, HEAD")
        if path != PATH:
            return _said("404 Not Found", b"The page is /metrics.\n")
        # In a thread: a page of some thousand lines takes longer than an entry should wait.
        body = await asyncio.to_thread(generate_latest, self._registry)
        answer = _said("200 OK", body, f"content-type: {CONTENT_TYPE_PLAIN_0_0_4}")
        return answer if method == "GET" else answer[: -len(body)]


def _said(status: str, body: bytes, *headers: str) -> bytes:
    given = "".join(f"{header}\r\n" for header in headers)
    length = f"content-length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\n{given}{length}connection: close\r\n\r\n".encode() + body
