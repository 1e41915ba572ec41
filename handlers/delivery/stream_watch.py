"""How far behind everything is: streams and their groups, dead letters, outboxes.

Looked at every few seconds, by the relay process, which may read all of them. What could not be
looked at is not on the page: an old number would say that all is well.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.streams import dead_of
from handlers.delivery.asking import text_of
from handlers.delivery.redis_clock import entry_ms
from journal.notes import note
from storage.delivery.backlog import Backlog, backlog
from storage.delivery.errors import Trouble, trouble_of

LOOK_EVERY = 10.0


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """One group of one stream; `lag` is None where Redis cannot say it."""

    stream: str
    group: str
    lag: int | None
    pending: int
    oldest_pending_seconds: float
    oldest_unread_seconds: float


@dataclass(slots=True)
class Seen:
    """What was found at one look."""

    redis_up: bool = False
    # In bytes; what it may use is 0 where nothing limits it.
    redis_used: int = 0
    redis_limit: int = 0
    lengths: dict[str, int] = field(default_factory=dict)
    groups: list[GroupSeen] = field(default_factory=list)
    dead: dict[str, tuple[int, float]] = field(default_factory=dict)
    outboxes: dict[str, Backlog] = field(default_factory=dict)


class StreamWatch:
    """`seen` is the last look, and empty where there could be none. `engines` are those of the
    outboxes as the timers' role, by who publishes from there."""

    def __init__(
        self, client: Redis, streams: Sequence[str], engines: Mapping[str, AsyncEngine]
    ) -> None:
        self._client = client
        self._streams = streams
        # A context's dead letters stand beside its streams.
        self._dead = sorted({dead_of(stream.partition(".")[0]) for stream in streams})
        self._engines = engines
        self._pending_since: dict[tuple[str, str], tuple[str, int]] = {}
        self.seen = Seen()

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Afterwards `seen` is of now."""
        seen = Seen()
        try:
            await self._look_at_streams(seen)
            seen.redis_up = True
        except (RedisError, OSError) as failure:
            seen = Seen()
            note(logging.INFO, "cannot look at the streams now", error=type(failure).__name__)
        for context, engine in self._engines.items():
            try:
                seen.outboxes[context] = await backlog(engine)
            except Exception as failure:
                if trouble_of(failure) is Trouble.BUG:
                    raise
                note(logging.INFO, "cannot look at an outbox now", context=context)
        self.seen = seen

    async def _look_at_streams(self, seen: Seen) -> None:
        now_ms = await self._now_ms()
        memory = await self._client.info("memory")
        seen.redis_used, seen.redis_limit = memory["used_memory"], memory["maxmemory"]
        for stream in self._streams:
            try:
                groups = await self._client.xinfo_groups(stream)
            except ResponseError as failure:
                if "no such key" not in str(failure):
                    raise
                continue
            seen.lengths[stream] = await self._client.xlen(stream)
            for found in groups:
                seen.groups.append(await self._group(stream, found, now_ms))
        for stream in self._dead:
            seen.dead[stream] = await self._dead_letters(stream, now_ms)

    async def _now_ms(self) -> int:
        seconds, microseconds = await self._client.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    async def _group(self, stream: str, found: Mapping[str, object], now_ms: int) -> GroupSeen:
        name, lag = text_of(found["name"]), found["lag"]
        oldest = 0.0
        if found["pending"]:
            pending = await self._client.xpending(stream, name)
            if pending["min"] is not None:
                oldest = self._waited((stream, name), text_of(pending["min"]), now_ms)
        else:
            self._pending_since.pop((stream, name), None)
        return GroupSeen(
            stream,
            name,
            None if lag is None else int(str(lag)),
            int(str(found["pending"])),
            oldest,
            await self._unread(stream, text_of(found["last-delivered-id"]), now_ms) if lag else 0.0,
        )

    async def _unread(self, stream: str, delivered: str, now_ms: int) -> float:
        """How old the first entry is that the group has not been given; by when it says that it was
        written, where its id is a number and no time."""
        first: Any = await self._client.xrange(stream, min=f"({delivered}", count=1)
        if not first:
            return 0.0
        ((entry, fields),) = first
        entry_id = text_of(entry)
        if _is_time(entry_id, now_ms):
            return max(now_ms - entry_ms(entry_id), 0) / 1000
        try:
            written = datetime.fromisoformat(fields[b"time"].decode())
        except (KeyError, ValueError):
            return 0.0
        return max(now_ms / 1000 - written.timestamp(), 0.0)

    def _waited(self, key: tuple[str, str], entry_id: str, now_ms: int) -> float:
        """How long the oldest pending entry has been that, as far as was looked. An event's id is a
        number and no time, and the time of a delivery is set back with each."""
        known = self._pending_since.get(key)
        if known is None or known[0] != entry_id:
            since = entry_ms(entry_id) if _is_time(entry_id, now_ms) else now_ms
            known = (entry_id, since)
            self._pending_since[key] = known
        return max(now_ms - known[1], 0) / 1000

    async def _dead_letters(self, stream: str, now_ms: int) -> tuple[int, float]:
        """How many there are, and how old the oldest is in seconds."""
        first = await self._client.xrange(stream, count=1)
        if not first:
            return 0, 0.0
        depth = await self._client.xlen(stream)
        return depth, max(now_ms - entry_ms(text_of(first[0][0])), 0) / 1000


def _is_time(entry_id: str, now_ms: int) -> bool:
    """Whether the id was given by Redis' clock: so many events there never are."""
    return entry_ms(entry_id) > now_ms // 2
