"""Questions to a Redis server without a client library: is it there, and does it know us?"""

import asyncio
import ssl
from urllib.parse import unquote, urlsplit

from ops.errors import Refused

DEFAULT_PORT = 6379
SECONDS = 2.0


class NotYet(Exception):
    """The server is not there, or still reads its data."""


async def ping(url: str) -> None:
    """Return when the server answers; NotYet when it may later, Refused when it never will."""
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await signed_in(url)
            try:
                _check(await ask(reader, writer, "PING"))
            finally:
                writer.close()
    except (OSError, TimeoutError, EOFError) as wrong:
        raise NotYet(str(wrong) or "no answer in time") from wrong


async def signed_in(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection whose server knows who we are; the caller closes it."""
    parts = urlsplit(url)
    reader, writer = await _connect(url)
    try:
        if parts.password:
            user = (unquote(parts.username),) if parts.username else ()
            _check(await ask(reader, writer, "AUTH", *user, unquote(parts.password)))
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return await asyncio.open_unix_connection(unquote(parts.path))
    return await asyncio.open_connection(
        parts.hostname or "127.0.0.1",
        parts.port or DEFAULT_PORT,
        ssl=ssl.create_default_context() if parts.scheme == "rediss" else None,
    )


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *words: str) -> str:
    """The first line of the answer to one command."""
    encoded = [word.encode() for word in words]
    writer.write(b"*%d\r\n" % len(encoded))
    for word in encoded:
        writer.write(b"$%d\r\n%s\r\n" % (len(word), word))
    await writer.drain()
    line = await reader.readuntil(b"\r\n")
    return line.decode(errors="replace").strip()


def _check(answer: str) -> None:
    if answer.startswith("+"):
        return
    if answer.startswith(
        ("-WRONGPASS", "-NOAUTH", "-ERR invalid password", "-ERR Client sent AUTH")
    ):
        raise Refused("Redis refuses the user or the password of REDIS_URL.")
    if answer.startswith("-NOPERM"):
        return
    raise NotYet(answer.removeprefix("-") or "an empty answer")


def server_of(url: str) -> str:
    """Which server a URL means, without the secret in it."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return unquote(parts.path)
    return f"{parts.hostname or '127.0.0.1'}:{parts.port or DEFAULT_PORT}"
