"""Whether the gateway says that it is ready."""

import asyncio
from urllib.parse import urlsplit

from ops.errors import Unreachable

PAUSE_SECONDS = 0.05
ANSWER_SECONDS = 3.0


async def wait_until_ready(url: str, host: str, seconds: float) -> None:
    """Return once `GET /ready` answers 200; Unreachable when it does not in time."""
    last = "it does not answer"
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        status = await _status_of(url, "/ready", host)
                except (OSError, TimeoutError, EOFError):
                    status = None
                if status == 200:
                    return
                if status is not None:
                    last = f"it answers {status}"
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError as late:
        raise Unreachable(
            f"The gateway at {url} was not ready within {seconds:g} s ({last}): "
            "the log lines above say why."
        ) from late


async def _status_of(url: str, path: str, host: str) -> int | None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        line = await reader.readuntil(b"\r\n")
    finally:
        writer.close()
    words = line.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None
