"""How many entries a process works on at once, and in which order those of one object go."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from handlers.delivery.entries import Entry
from journal.notes import note

Work = Callable[[Entry], Awaitable[None]]


class Slots:
    """`take` waits for a free place and returns once the work has begun, so that one slow entry
    holds up no other; entries about the same `subject` are worked on in the order of their coming.
    """

    def __init__(self, work: Work, places: int) -> None:
        self._work = work
        self._places = asyncio.Semaphore(places)
        self._running: set[asyncio.Task[None]] = set()
        self._latest: dict[Any, asyncio.Task[None]] = {}

    async def take(self, entry: Entry) -> None:
        """Begins the work on an entry, after that on its predecessor of the same subject."""
        await self._places.acquire()
        key = _order_key(entry)
        before = self._latest.get(key) if key else None
        task = asyncio.get_running_loop().create_task(self._after(before, entry))
        self._running.add(task)
        if key:
            self._latest[key] = task
        task.add_done_callback(lambda done: self._ended(done, key))

    async def drained(self) -> None:
        """Returns when nothing is being worked on."""
        while self._running:
            await asyncio.wait(self._running)

    async def _after(self, before: "asyncio.Task[None] | None", entry: Entry) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self._work(entry)

    def _ended(self, task: "asyncio.Task[None]", key: Any) -> None:
        self._places.release()
        self._running.discard(task)
        if key and self._latest.get(key) is task:
            del self._latest[key]
        if not task.cancelled() and task.exception() is not None:
            note(logging.ERROR, "work on an entry failed", trouble=task.exception())


def _order_key(entry: Entry) -> Any:
    subject = entry.fields.get(b"subject")
    return (entry.fields.get(b"tenantid"), subject) if subject else None
