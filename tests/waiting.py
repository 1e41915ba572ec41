"""Waiting for a condition with a deadline: the one place in the tests that may sleep."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from time import monotonic, sleep
from typing import TypeVar, overload

T = TypeVar("T")
# What a round may take longer than its pause. Beyond that the machine stood still, and what is
# waited for stood still with it.
STANDSTILL_SECONDS = 0.5


class _Patience:
    """How long is still waited: only time in which the condition had a chance is counted."""

    def __init__(self, within_seconds: float, every: float) -> None:
        self._left = within_seconds
        self._longest = every + STANDSTILL_SECONDS
        self._looked_at = monotonic()

    def is_over(self) -> bool:
        """Looked at once in each round, before the condition is asked."""
        now = monotonic()
        self._left -= min(now - self._looked_at, self._longest)
        self._looked_at = now
        return self._left <= 0


def _gave_up(condition: Callable[[], object], within_seconds: float, last: object) -> str:
    name = getattr(condition, "__qualname__", repr(condition))
    return f"{name} did not hold within {within_seconds} s; it last gave {last!r}"


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], within_seconds: float, every: float = ...
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T], within_seconds: float, every: float = ...
) -> T: ...
async def eventually(
    condition: Callable[[], object], within_seconds: float, every: float = 0.05
) -> object:
    """The first true value that the condition (plain or async) gives, asked every so many seconds.

    Raises AssertionError with the last value once the deadline has passed. The condition is asked
    at least once more after the deadline's last pause, and its own exceptions pass through. A
    machine that stands still for long brings the deadline nearer by half a second.
    """
    patience = _Patience(within_seconds, every)
    while True:
        late = patience.is_over()
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if late:
            raise AssertionError(_gave_up(condition, within_seconds, value))
        await asyncio.sleep(every)


def wait_until(condition: Callable[[], T], within_seconds: float, every: float = 0.05) -> T:
    """The same for a test without a loop."""
    patience = _Patience(within_seconds, every)
    while True:
        late = patience.is_over()
        value = condition()
        if value:
            return value
        if late:
            raise AssertionError(_gave_up(condition, within_seconds, value))
        sleep(every)
