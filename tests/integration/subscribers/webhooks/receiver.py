"""A receiver: a real HTTP server on a port of its own that answers what a test has it answer."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

# What is answered, byte for byte; None hangs, and an empty answer resets the connection.
Script = Callable[["Received"], bytes | None]


@dataclass(frozen=True)
class Received:
    """One request as it came; names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: str = "", **headers: str) -> bytes:
    """An HTTP answer; `retry_after=…` is Retry-After."""
    told = {"content-length": str(len(body.encode())), "connection": "close"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in told.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


OK = answer(200, "thank you")


@dataclass
class Receiver:
    """`script` decides about each request; what came is in `received`. One that `stays_on` does not
    hang up after it has answered, and sends a `drip` ever again."""

    script: Script = field(default=lambda _: OK)
    received: list[Received] = field(default_factory=list)
    stays_on: bool = False
    drip: bytes = b""

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        self._hanging.set()
        await self._server.wait_closed()

    def __post_init__(self) -> None:
        self._hanging = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?key=canary"

    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.received]

    async def _is_over(self, within_seconds: float) -> bool:
        try:
            async with asyncio.timeout(within_seconds):
                return await self._hanging.wait()
        except TimeoutError:
            return False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            self.received.append(request)
            said = self.script(request)
            if said is None:
                await self._hanging.wait()
            elif said:
                writer.write(said)
                await writer.drain()
                while self.stays_on and not await self._is_over(within_seconds=0.1):
                    writer.write(self.drip)
                    await writer.drain()
            else:
                # With a reset and not a farewell.
                linger = struct.pack("ii", 1, 0)
                found = writer.get_extra_info("socket")
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    pairs = (line.partition(": ") for line in head[1:] if line)
    headers = {name.lower(): value for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)
