"""What was delivered and never acknowledged: claimed from the dead, and from one's own past.

FastStream's own claiming reads one entry at a time, knows no ceiling and runs an entry beside a
slow first handler; this one keeps the count and leaves an outage alone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from handlers.delivery.entries import Entry
from handlers.delivery.groups import ensure_group
from journal.notes import note

# Milliseconds; above the handler's hard limit, so that no entry is claimed from one still at work.
MIN_IDLE = 30_000
EVERY = 2.0
COUNT = 50

Take = Callable[[Entry], Awaitable[None]]
Ready = Callable[[], Awaitable[bool]]


class Reclaimer:
    """Watches one stream for one group."""

    def __init__(  # one stream's whole circumstances
        self,
        client: Redis,
        stream: str,
        group: str,
        consumer: str,
        take: Take,
        ready: Ready,
        min_idle: int = MIN_IDLE,
    ) -> None:
        self._client = client
        self._stream = stream
        self._group = group
        self._consumer = consumer
        self._take = take
        self._ready = ready
        self._min_idle = min_idle

    async def drain_own(self, work: Take) -> None:
        """Works off what this consumer had read before it died, one at a time: were one of them
        deadly, its neighbours would not be delivered again with it. What it needs is waited for
        first: a start while that is away is no delivery."""
        if not await self._client.xpending_range(
            self._stream, self._group, "-", "+", 1, self._consumer
        ):
            return
        ready = await self._ready()
        while not ready:
            await asyncio.sleep(EVERY)
            ready = await self._ready()
        after = "0"
        while True:
            answer = await self._client.xreadgroup(
                self._group, self._consumer, {self._stream: after}, count=1
            )
            entries = _entries_of(answer)
            if not entries:
                return
            entry_id, fields = entries[0]
            after = entry_id.decode()
            if not fields:
                await self._client.xack(self._stream, self._group, entry_id)
                continue
            counts = await self._deliveries([entry_id])
            await work(Entry(self._stream, self._group, after, fields, counts.get(entry_id, 1)))

    async def run(self) -> None:
        """Claims for ever what lay idle for too long; pauses while a dependency is away."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                if await self._ready():
                    await self._claim()
            except ResponseError as failure:
                if "NOGROUP" not in str(failure):
                    raise
                note(logging.WARNING, "group was gone", stream=self._stream, group=self._group)
                await ensure_group(self._client, self._stream, self._group)
            except (RedisError, OSError) as failure:
                note(logging.INFO, "cannot reclaim now", error=type(failure).__name__)

    async def _claim(self) -> None:
        start = "0-0"
        while True:
            answer = await self._client.xautoclaim(
                self._stream,
                self._group,
                self._consumer,
                min_idle_time=self._min_idle,
                start_id=start,
                count=COUNT,
            )
            following, entries = answer[0], [found for found in answer[1] if found[1]]
            if entries:
                counts = await self._deliveries([entry_id for entry_id, _ in entries])
                for entry_id, fields in entries:
                    await self._take(
                        Entry(
                            self._stream,
                            self._group,
                            entry_id.decode(),
                            fields,
                            counts.get(entry_id, 1),
                        )
                    )
            start = following.decode() if isinstance(following, bytes) else following
            if start == "0-0":
                return

    async def _deliveries(self, entry_ids: list[bytes]) -> dict[bytes, int]:
        async with self._client.pipeline(transaction=False) as pipe:
            for entry_id in entry_ids:
                pipe.xpending_range(self._stream, self._group, entry_id, entry_id, 1)
            answers = await pipe.execute()
        return {
            found["message_id"]: found["times_delivered"] for answer in answers for found in answer
        }


def _entries_of(answer: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Entries of an XREADGROUP answer in either protocol: a map (RESP3) or pairs (RESP2)."""
    if not answer:
        return []
    streams = list(answer.values()) if isinstance(answer, dict) else [pair[1] for pair in answer]
    first = streams[0]
    if first and isinstance(first[0], list) and first[0] and isinstance(first[0][0], list | tuple):
        first = first[0]
    return [(entry_id, fields) for entry_id, fields in first]
