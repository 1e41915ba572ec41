"""Waiting for a dependency that is away: reading pauses, entries are kept, nothing is counted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.delivery.entries import Entry
from journal.notes import note
from storage.delivery.errors import Trouble, trouble_of

PROBE_EVERY = 0.2
ANSWER_WITHIN = 2.0
RENEW_EVERY = 10.0

Probe = Callable[[], Awaitable[bool]]


class Outage:
    """One per context: while it is on, its reclaimer and its dead-letter decisions pause too."""

    def __init__(
        self, engine: AsyncEngine, client: Redis, consumer: str, others: Sequence[Probe] = ()
    ) -> None:
        self._engine = engine
        self._client = client
        self._consumer = consumer
        self._others = others
        self._waiting = 0

    @property
    def is_on(self) -> bool:
        return self._waiting > 0

    async def over(self, entry: Entry, failure: BaseException) -> None:
        """Returns when all answer again; meanwhile the entry stays this consumer's.

        XCLAIM JUSTID takes the idle time back to zero and leaves the delivery count alone.
        """
        if self._waiting == 0:
            note(logging.WARNING, "a dependency is away", error=repr(failure)[:200])
        self._waiting += 1
        waited = 0.0
        try:
            if self._others:
                # What answers, and yet does not do its work, is met again and again.
                await self._renew(entry)
            await asyncio.sleep(PROBE_EVERY)
            while not await self.answers():
                await asyncio.sleep(PROBE_EVERY)
                waited += PROBE_EVERY
                if waited >= RENEW_EVERY:
                    waited = 0.0
                    await self._renew(entry)
        finally:
            self._waiting -= 1

    async def answers(self) -> bool:
        """Whether the database, Redis and what else is needed answer now."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                async with self._engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
                await self._client.ping()
        except Exception as failure:  # the one place: an outage is told from a mistake here
            if isinstance(failure, RedisError) or trouble_of(failure) is Trouble.AWAY:
                return False
            raise
        return all([await answers() for answers in self._others])

    async def _renew(self, entry: Entry) -> None:
        try:
            await self._client.xclaim(
                entry.stream, entry.group, self._consumer, 0, [entry.id], justid=True
            )
        except (RedisError, OSError) as failure:
            note(logging.INFO, "could not renew", entry=entry.id, error=type(failure).__name__)
