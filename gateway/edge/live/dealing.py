"""One reader for all who follow: it reads while somebody does, and deals out what it finds.

Who joins is told after which number the dealing begins for them: what stands before it they read
themselves, and what comes after it is in their hand. Between the two there is no moment in which
something could be missed, for joining is one step of the event loop.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.edge.live.stream import EventStream, Happening
from gateway.edge.redis_line import LOST
from journal.notes import note

# What one connection may have waiting; whoever is slower than that is cut off, and resumes.
HAND = 1_000
_LONGEST_PAUSE = 0.5


class Hand:
    """What was dealt to one connection and is not sent yet. `begins_after` is the number after
    which it is complete, until it has `overflowed`; `position` says how far was dealt."""

    def __init__(self, tenant: str, position: Callable[[], int], overflowed: asyncio.Event) -> None:
        self.tenant = tenant
        self.begins_after = position()
        self.overflowed = overflowed
        self._position = position
        self._waiting: deque[Happening] = deque()
        self._dealt = asyncio.Event()

    def deal(self, event: Happening) -> None:
        if len(self._waiting) >= HAND:
            self._waiting.clear()
            self.overflowed.set()
        if not self.overflowed.is_set():
            self._waiting.append(event)
            self._dealt.set()

    async def take(self, within_seconds: float) -> list[Happening]:
        """All that is waiting, once there is something, or nothing after so long."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._dealt.wait()
        except TimeoutError:
            return []
        found = list(self._waiting)
        self._waiting.clear()
        self._dealt.clear()
        return found

    def complete_to(self, told: int) -> int:
        """The number to which nothing is missing of what was `told`: as far as was dealt, where all
        of it is taken."""
        behind = told < self.begins_after
        if behind or self._waiting or self.overflowed.is_set():
            return told
        return max(told, self._position())


class Dealer:
    """One task; survives Redis going away."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self._hands: dict[str, set[Hand]] = {}
        self._followers = 0
        self._wanted = asyncio.Event()
        self._placed = asyncio.Event()
        self._position = 0

    @property
    def followers(self) -> int:
        """How many connections follow."""
        return self._followers

    @asynccontextmanager
    async def joined(
        self, tenant: str, overflowed: asyncio.Event, within_seconds: float
    ) -> AsyncIterator[Hand]:
        """A hand that is dealt the tenant's events while the block lasts. Raises TimeoutError where
        the stream cannot be read."""
        self._followers += 1
        self._wanted.set()
        try:
            async with asyncio.timeout(within_seconds):
                await self._placed.wait()
            hand = Hand(tenant, lambda: self._position, overflowed)
            self._hands.setdefault(tenant, set()).add(hand)
            try:
                yield hand
            finally:
                self._leave(hand)
        finally:
            self._followers -= 1

    def _leave(self, hand: Hand) -> None:
        others = self._hands[hand.tenant]
        others.discard(hand)
        if not others:
            del self._hands[hand.tenant]

    async def run(self) -> None:
        """Reads until cancelled."""
        pause = 0.0
        while True:
            if not self._followers:
                self._placed.clear()
                self._wanted.clear()
                await self._wanted.wait()
            try:
                await self._read_on()
                pause = 0.0
            except LOST as failure:
                if not pause:
                    note(logging.WARNING, "events cannot be read", error=type(failure).__name__)
                pause = min(max(pause * 2, 0.05), _LONGEST_PAUSE)
                await asyncio.sleep(pause)

    async def _read_on(self) -> None:
        if not self._placed.is_set():
            # Nobody followed: what happened meanwhile is for nobody here.
            self._position = (await self._stream.bounds()).last
            self._placed.set()
        page = await self._stream.wait(self._position)
        # One step of the event loop: whoever asks how far was dealt has been dealt all of it.
        for event in page.of(self._hands):
            for hand in self._hands[event.tenant]:
                hand.deal(event)
        if page.entries:
            self._position = page.entries[-1].number
