"""Bytes over a real connection, and the answer to them: what no HTTP client would send."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class RawAnswer:
    """One HTTP/1.1 answer; header names are in lower case, repetitions joined."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


def request(
    method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """A request as it stands on the wire, with the length of its body."""
    said = {"Host": "gateway", **(headers or {})}
    if body:
        said["Content-Length"] = str(len(body))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def exchange(port: int, sent: bytes, within_seconds: float = 20) -> RawAnswer:
    """Sends the bytes over a connection of their own and reads one answer."""
    async with asyncio.timeout(within_seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(sent)
            return await read_answer(reader, sent.startswith(b"HEAD"))
        finally:
            writer.close()


async def read_answer(reader: asyncio.StreamReader, head: bool = False) -> RawAnswer:
    """The next answer on the connection."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, _, value = line.partition(": ")
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    length = 0 if head else int(headers.get("content-length", "0"))
    return RawAnswer(int(first.split(" ")[1]), headers, await reader.readexactly(length))
