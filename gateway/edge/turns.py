"""So many at once for each name; whoever is beyond waits for a turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.edge.problems import refused


class _Turn:
    __slots__ = ("free", "wanted")

    def __init__(self, at_once: int) -> None:
        self.free = asyncio.Semaphore(at_once)
        self.wanted = 0


class Turns:
    """In this process; a name is remembered for as long as somebody wants a turn under it."""

    def __init__(self, within_seconds: float) -> None:
        self._within = within_seconds
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def of(self, name: str, at_once: int) -> AsyncIterator[None]:
        """One's turn, while the block lasts. Raises Refused (503) where none comes in time."""
        turn = self._turns.setdefault(name, _Turn(at_once))
        turn.wanted += 1
        try:
            try:
                await asyncio.wait_for(turn.free.acquire(), self._within)
            except TimeoutError:
                raise refused("overloaded", "Too much of this is under way.") from None
            try:
                yield
            finally:
                turn.free.release()
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[name]
