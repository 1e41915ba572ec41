"""Sends of one event-loop turn go to Redis in one pipeline, over a few connections."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from enum import Enum

from gateway.edge.logs import note
from gateway.edge.redis_line import DENIED, LOST, RedisLine, Step

LANES = 4
MOST_AT_ONCE = 256


class Sent(Enum):
    """What is known of an entry after it was handed in."""

    ON_STREAM = "it is on its stream"
    UNKNOWN = "whether it is on its stream is not known"
    NOT_SENT = "it is not on its stream"


class _Parcel:
    """Commands that belong together; the last one is the XADD, and its fate is the parcel's."""

    __slots__ = ("fate", "steps")

    def __init__(self, steps: Sequence[Step], fate: "asyncio.Future[Sent]") -> None:
        self.steps = steps
        self.fate = fate

    def settle(self, sent: Sent) -> None:
        if not self.fate.done():
            self.fate.set_result(sent)


class Sender:
    """Gathers what is sent. Nothing is sent a second time by itself."""

    def __init__(self, url: str, lanes: int = LANES) -> None:
        self._idle = deque(RedisLine(url) for _ in range(lanes))
        self._lines = tuple(self._idle)
        self._queue: deque[_Parcel] = deque()
        self._woken = False
        self._running: set[asyncio.Task[None]] = set()

    async def put(self, *steps: Step) -> Sent:
        """Carries out the commands, in order; the last one is the XADD."""
        loop = asyncio.get_running_loop()
        parcel = _Parcel(steps, loop.create_future())
        self._queue.append(parcel)
        if not self._woken and self._idle:
            self._woken = True
            # After this turn: whoever else sends in it travels along.
            loop.call_soon(self._start)
        return await parcel.fate

    def give_up_waiting(self) -> None:
        """Redis does not answer: what has not been sent yet is not going to be."""
        while self._queue:
            self._queue.popleft().settle(Sent.NOT_SENT)

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
                await self._send(line, [self._queue.popleft() for _ in range(count)])
        finally:
            # The line that was used last is the one most likely to be open.
            self._idle.appendleft(line)

    async def _send(self, line: RedisLine, parcels: list[_Parcel]) -> None:
        fate = Sent.NOT_SENT
        try:
            await line.ready()
            fate = Sent.UNKNOWN
            await line.send([step for parcel in parcels for step in parcel.steps])
            for parcel in parcels:
                parcel.settle(await _fate(line, parcel.steps))
        except LOST as failure:
            note(logging.WARNING, "Redis took no entries", error=type(failure).__name__)
            await line.drop()
        finally:
            for parcel in parcels:
                parcel.settle(fate)


async def _fate(line: RedisLine, steps: Sequence[Step]) -> Sent:
    sent = Sent.ON_STREAM
    for step in steps:
        sent = Sent.ON_STREAM
        try:
            await line.read()
        except DENIED as failure:
            sent = Sent.NOT_SENT
            note(logging.ERROR, "Redis refused a command", step=str(step[0]), error=str(failure))
    return sent
