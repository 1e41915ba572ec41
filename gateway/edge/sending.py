"""Entries for the streams: each is sent once, and what is known of it is said."""

import asyncio
import logging
from collections.abc import Sequence
from enum import Enum

from gateway.edge.lanes import Lanes
from gateway.edge.redis_line import DENIED, LOST, RedisLine, Step
from journal.notes import note

LANES = 4


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


class Sender(Lanes[_Parcel]):
    """Nothing is sent a second time by itself."""

    def __init__(self, url: str, lanes: int = LANES) -> None:
        super().__init__(url, lanes)

    async def put(self, *steps: Step) -> Sent:
        """Carries out the commands, in order; the last one is the XADD."""
        parcel = _Parcel(steps, asyncio.get_running_loop().create_future())
        self.hand_in(parcel)
        return await parcel.fate

    def _turn_back(self, parcel: _Parcel) -> None:
        parcel.settle(Sent.NOT_SENT)

    async def _carry(self, line: RedisLine, parcels: list[_Parcel]) -> None:
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
