"""One connection that follows: from where it left off to what happens now, in order, each once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.edge.live.dealing import Dealer, Hand
from gateway.edge.live.stream import PAGE, EventStream, Happening
from gateway.edge.redis_line import LOST

HEART_BEAT_SECONDS = 15.0
# How soon who was cut off comes back (`retry`), in milliseconds.
RETRY_MS = 2_000
_PLACED_WITHIN = 5.0
# An id without data is no event either: where others' events went by, it moves on past them.
HEART_BEAT = b": heart-beat\nid: %d-0\n\n"
OPENING = b"retry: %d\nid: %d-0\n\n"
Put = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Interest:
    """The events of a tenant; with `user_id` only those about what is that user's."""

    tenant: str
    everything: bool
    user_id: str | None

    def meets(self, event: Happening) -> bool:
        if event.tenant != self.tenant:
            return False
        return self.everything or (self.user_id is not None and event.user_id == self.user_id)


class Following:
    """Sends with `put` what the interest meets after the number `last`."""

    def __init__(
        self, history: EventStream, dealer: Dealer, interest: Interest, last: int, put: Put
    ) -> None:
        self._history = history
        self._dealer = dealer
        self._interest = interest
        self._last = last
        self._put = put
        self._put_at = 0.0
        self.overflowed = asyncio.Event()

    async def run(self) -> None:
        """Ends where it cannot go on without a loss: whoever follows comes back and is told why."""
        # An id without data is no event, and still what a client that is cut off comes back with.
        await self._send(OPENING % (RETRY_MS, self._last))
        try:
            while await self._read_page() == PAGE:
                await self._beat_when_due()
            tenant = self._interest.tenant
            async with self._dealer.joined(tenant, self.overflowed, _PLACED_WITHIN) as hand:
                while self._last < hand.begins_after and await self._read_page():
                    await self._beat_when_due()
                await self._follow(hand)
        except (*LOST, _Gone):
            return

    async def _follow(self, hand: Hand) -> None:
        while not hand.overflowed.is_set():
            left = self._put_at + HEART_BEAT_SECONDS - time.monotonic()
            await self._tell(await hand.take(max(left, 0.0)))
            self._last = hand.complete_to(self._last)
            await self._beat_when_due()

    async def _read_page(self) -> int:
        """How many entries followed, anybody's."""
        page = await self._history.page(self._last)
        if not page.entries:
            return 0
        if page.entries[0].number != self._last + 1:
            # Trimmed away meanwhile, or numbers were left out; the stream's beginning says which.
            first = (await self._history.bounds()).first
            if first is None or first > self._last + 1:
                raise _Gone
        await self._tell(page.of((self._interest.tenant,)))
        self._last = page.entries[-1].number
        return len(page.entries)

    async def _tell(self, events: list[Happening]) -> None:
        """What was told already, or stands before it, is not told again."""
        found = [event for event in events if event.number > self._last]
        told = [event.frame for event in found if self._interest.meets(event)]
        if told:
            await self._send(b"".join(told))
        if found:
            self._last = found[-1].number

    async def _beat_when_due(self) -> None:
        if time.monotonic() - self._put_at >= HEART_BEAT_SECONDS:
            await self._send(HEART_BEAT % self._last)

    async def _send(self, frame: bytes) -> None:
        await self._put(frame)
        self._put_at = time.monotonic()


class _Gone(Exception):
    """What was to be read next is not there any more."""
