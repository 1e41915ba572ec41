"""Waiting for a condition with a deadline: the one place in the tests that may sleep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


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
    at least once more after the deadline's last pause, and its own exceptions pass through.
    """
    deadline = time.monotonic() + within_seconds
    while True:
        late = time.monotonic() >= deadline
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
    deadline = time.monotonic() + within_seconds
    while True:
        late = time.monotonic() >= deadline
        value = condition()
        if value:
            return value
        if late:
            raise AssertionError(_gave_up(condition, within_seconds, value))
        time.sleep(every)
