"""What is handed in during one event-loop turn goes to Redis in one pipeline, over a few lanes."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import Generic, TypeVar

from gateway.edge.redis_line import RedisLine
from journal.bearings import nobodys

MOST_AT_ONCE = 256
Parcel = TypeVar("Parcel")


class Lanes(ABC, Generic[Parcel]):
    """Gathers parcels and drives idle lines with them."""

    def __init__(self, url: str, lanes: int) -> None:
        self._idle = deque(RedisLine(url) for _ in range(lanes))
        self._lines = tuple(self._idle)
        self._queue: deque[Parcel] = deque()
        self._woken = False
        self._running: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def _carry(self, line: RedisLine, parcels: list[Parcel]) -> None:
        """Sends the parcels over the line and settles each, whatever happens."""

    @abstractmethod
    def _turn_back(self, parcel: Parcel) -> None:
        """Settles a parcel that is not going to be sent."""

    def hand_in(self, parcel: Parcel) -> None:
        self._queue.append(parcel)
        if not self._woken and self._idle:
            self._woken = True
            # After this turn: whoever else hands in during it travels along.
            asyncio.get_running_loop().call_soon(self._start, context=nobodys())

    def give_up_waiting(self) -> None:
        """Redis does not answer: what has not been sent yet is not going to be."""
        while self._queue:
            self._turn_back(self._queue.popleft())

    async def close(self) -> None:
        self.give_up_waiting()
        if self._running:
            await asyncio.wait(self._running, timeout=2)
        for line in self._lines:
            await line.drop()

    def _start(self) -> None:
        self._woken = False
        if self._queue and self._idle:
            task = asyncio.get_running_loop().create_task(self._work(self._idle.popleft()))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self, line: RedisLine) -> None:
        try:
            while self._queue:
                count = min(len(self._queue), MOST_AT_ONCE)
                await self._carry(line, [self._queue.popleft() for _ in range(count)])
        finally:
            # The line that was used last is the one most likely to be open.
            self._idle.appendleft(line)
