"""A client of Server-Sent Events without a browser, and a relay that publishes what it is to hear.

It reads bytes as they come and believes nothing but whole blocks, as WHATWG HTML §9.2.6 has it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from redis.asyncio import Redis

STREAM = "reservation.events"
EVENTS = "/reservations/events"


@dataclass(frozen=True)
class Heard:
    """One event as a client has it."""

    id: str
    type: str
    data: dict[str, Any]


@dataclass
class Listener:
    """What one client heard over however many connections; `last` is its last event id."""

    address: str
    headers: dict[str, str]
    last: str = ""
    heard: list[Heard] = field(default_factory=list)
    comments: int = 0
    _rest: bytes = b""

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[httpx.Response]:
        """A connection that goes on after what was heard last."""
        again = {"Last-Event-ID": self.last} if self.last else {}
        self._rest = b""
        async with (
            httpx.AsyncClient(base_url=self.address, timeout=20) as client,
            client.stream("GET", EVENTS, headers={**self.headers, **again}) as answer,
        ):
            yield answer

    def feed(self, piece: bytes) -> None:
        """Takes bytes in; half a block is kept for later."""
        *blocks, self._rest = (self._rest + piece).split(b"\n\n")
        for block in blocks:
            self._take(block.decode())

    def _take(self, block: str) -> None:
        kind, data = "message", []
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "":
                self.comments += bool(line)
            elif name == "id":
                self.last = value
            elif name == "event":
                kind = value
            elif name == "data":
                data.append(value)
        if data:
            self.heard.append(Heard(self.last, kind, orjson.loads("\n".join(data))))

    async def listen(self, most_bytes: int | None = None, enough: int | None = None) -> None:
        """Hears until the connection ends, or is cut off after so many bytes, or there are enough
        events."""
        async with self.connected() as answer:
            assert answer.status_code == 200, await answer.aread()
            taken = 0
            async for piece in answer.aiter_raw():
                left = len(piece) if most_bytes is None else most_bytes - taken
                self.feed(piece[:left])
                taken += len(piece)
                if most_bytes is not None and taken >= most_bytes:
                    return
                if enough is not None and len(self.heard) >= enough:
                    return


async def publish(redis: Redis, number: int, tenant: UUID, **said: Any) -> dict[str, Any]:
    """An event as the relay puts it on the stream."""
    data = {"id": str(uuid4()), "tenant_id": str(tenant), "user_id": None, "n": number, **said}
    fields: dict[Any, Any] = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "type": "booking.created",
        "source": "reservation",
        "subject": f"booking/{data['id']}",
        "tenantid": str(tenant),
        "data": orjson.dumps(data),
    }
    await redis.xadd(STREAM, fields, id=f"{number}-0")
    return data
