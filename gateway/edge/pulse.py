"""The pulse of Redis: a PING four times a second, so that its absence is known beforehand."""

import asyncio
import logging
from collections.abc import Callable

from gateway.edge.redis_line import LOST, RedisLine
from journal.notes import note

EVERY_SECONDS = 0.25
ANSWER_WITHIN = 1.0


class Pulse:
    """`alive` is what the last beat said."""

    def __init__(self, url: str, on_lost: Callable[[], None]) -> None:
        self._line = RedisLine(url, ANSWER_WITHIN)
        self._on_lost = on_lost
        self.alive = False

    async def beat(self) -> None:
        """One beat; tells `on_lost` when it fails."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._line.call("PING")
        except LOST as failure:
            await self._line.drop()
            if self.alive:
                note(logging.WARNING, "Redis does not answer", error=type(failure).__name__)
            self.alive = False
            self._on_lost()
            return
        if not self.alive:
            note(logging.INFO, "Redis answers")
        self.alive = True

    async def run(self) -> None:
        """Beats until cancelled."""
        while True:
            await self.beat()
            await asyncio.sleep(EVERY_SECONDS)

    async def close(self) -> None:
        await self._line.drop()
