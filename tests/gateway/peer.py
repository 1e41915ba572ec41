"""The peer: reads commands and queries from the streams and answers as it was told to."""

import asyncio
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.wire.codec import decode, encode
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.streams import CONTEXTS, commands_of, queries_of, replies_to
from gateway.edge.stream_client import ended
from tests.waiting import eventually

STREAMS = (
    *(commands_of(context) for context in CONTEXTS),
    *(queries_of(context) for context in CONTEXTS),
    queries_of("audit"),
    queries_of("notification"),
    commands_of("notification"),
    queries_of("report"),
    commands_of("webhook"),
    queries_of("webhook"),
    queries_of("billing"),
)
Script = Callable[[Envelope], "Reply | bytes | None"]


def echo(asked: Envelope) -> Reply:
    """Answers with what was asked."""
    return Reply(200, {"type": asked.type, "asked": str(asked.id)})


class Peer:
    """A test double of the handlers, across the real streams. `script` answers; None is silence."""

    def __init__(self, url: str) -> None:
        self._client: Redis = Redis.from_url(url)
        self._reading: Redis = Redis.from_url(url)
        self._task: asyncio.Task[None] | None = None
        self.script: Script = echo
        self.heard: list[tuple[str, Envelope]] = []

    async def start(self) -> None:
        seen = {stream: await self._end(stream) for stream in STREAMS}
        self._task = asyncio.get_running_loop().create_task(self._run(seen))

    async def stop(self) -> None:
        assert self._task is not None
        await ended([self._task])
        await self._client.aclose()
        await self._reading.aclose()

    def reset(self) -> None:
        self.script = echo
        self.heard.clear()

    @property
    def asked(self) -> list[Envelope]:
        """What was heard, pings left out."""
        return [envelope for _, envelope in self.heard if envelope.type != "ping"]

    @property
    def last(self) -> Envelope:
        return self.asked[-1]

    async def hears(self, count: int) -> list[Envelope]:
        await eventually(lambda: len(self.asked) >= count, within_seconds=5)
        return self.asked

    async def answer(self, asked: Envelope, reply: Reply | bytes) -> None:
        """Writes the reply, as a handler process would."""
        answer = Envelope(
            id=new_id(),
            type="reply",
            source="peer",
            subject=str(asked.id),
            tenant_id=asked.tenant_id,
            traceparent=asked.traceparent,
            data=reply if isinstance(reply, bytes) else reply.encode(),
        )
        fields: dict[Any, Any] = dict(encode(answer))
        await self._client.xadd(replies_to(asked.reply_to), fields)

    async def forget_replies(self, instance: str) -> None:
        await self._client.delete(replies_to(instance))

    @property
    def redis(self) -> Redis:
        return self._client

    async def _end(self, stream: str) -> str:
        last = await self._client.xrevrange(stream, count=1)
        entries: Any = last
        return str(entries[0][0].decode()) if entries else "0-0"

    async def _run(self, seen: dict[str, str]) -> None:
        positions: dict[Any, Any] = dict(seen)
        while True:
            try:
                found = await self._reading.xread(positions, block=500, count=100)
                await self._hear(found, positions)
            except (RedisError, OSError):
                await asyncio.sleep(0)

    async def _hear(self, found: Any, positions: dict[Any, Any]) -> None:
        # RESP3 answers with a map, RESP2 with a list of pairs.
        for name, entries in found.items() if isinstance(found, dict) else found or ():
            stream = name.decode()
            batch = (
                entries[0]
                if isinstance(found, dict) and entries and isinstance(entries[0], list)
                else entries
            )
            for entry_id, fields in batch:
                positions[stream] = entry_id.decode()
                asked = decode(fields)
                self.heard.append((stream, asked))
                reply = self.script(asked)
                if reply is not None:
                    await self.answer(asked, reply)
