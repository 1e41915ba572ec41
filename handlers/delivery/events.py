"""Events on their way into a consumer: with the inbox of its own database, or without one."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid5

from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.codec import Malformed, decode
from contracts.wire.envelope import Envelope
from handlers.delivery.dead_letters import MAX_DELIVERIES, dead_letter_steps
from handlers.delivery.entries import Entry
from handlers.delivery.logs import note
from handlers.delivery.outage import Outage
from handlers.delivery.redis_clock import RedisClock
from handlers.delivery.writer import Writer, acknowledgement
from storage.delivery.errors import Trouble, trouble_of
from storage.delivery.transaction import Writing, writing

# As for a handler: what takes longer is delivered again.
HARD_LIMIT_SECONDS = 10.0
TRIES = 3

Consume = Callable[[Writing, Envelope], Awaitable[None]]


class EventIntake:
    """Takes events of any context to one consumer; each takes effect at most once.

    `consume` runs in a transaction with the consumer's own inbox row. Types that are not among
    `types` (all, when empty) are acknowledged unread.
    """

    def __init__(  # the list of what surrounds a consumer
        self,
        consumer: str,
        engine: AsyncEngine,
        consume: Consume,
        writer: Writer,
        clock: RedisClock,
        outage: Outage,
        types: Mapping[str, Any] | frozenset[str] = frozenset(),
    ) -> None:
        self._consumer = consumer
        self._engine = engine
        self._consume = consume
        self._writer = writer
        self._clock = clock
        self._outage = outage
        self._types = types

    async def take(self, entry: Entry) -> None:
        """Afterwards the entry is acknowledged, or is left pending to be delivered again."""
        now_ms = await self._clock.now_ms()
        if entry.deliveries > MAX_DELIVERIES:
            note(logging.ERROR, "dead letter", entry=entry.id, stream=entry.stream)
            steps = dead_letter_steps(entry, "too_many_deliveries", self._consumer, now_ms)
            await self._writer.put(*steps)
            return
        try:
            envelope = decode(entry.fields)
        except Malformed as bad:
            steps = dead_letter_steps(entry, bad.code, bad.detail, now_ms)
            await self._writer.put(*steps)
            return
        tries = 0
        while True:
            try:
                if not self._types or envelope.type in self._types:
                    async with asyncio.timeout(HARD_LIMIT_SECONDS):
                        await self._in_transaction(envelope)
                await self._writer.put(acknowledgement(entry))
            except Exception as failure:  # the one place: what went wrong decides what follows
                trouble = trouble_of(failure)
                hung = isinstance(failure, TimeoutError) and await self._outage.answers()
                if not hung and (isinstance(failure, RedisError) or trouble is Trouble.AWAY):
                    await self._outage.over(entry, failure)
                    continue
                tries += 1
                if trouble is Trouble.AGAIN and tries < TRIES:
                    await asyncio.sleep(random.uniform(0, 0.05 * 2**tries))
                    continue
                note(
                    logging.ERROR,
                    "consumer failed; left pending",
                    trouble=failure,
                    consumer=self._consumer,
                    entry=entry.id,
                    type=envelope.type,
                )
            return

    async def _in_transaction(self, envelope: Envelope) -> None:
        # Several consumers may keep their inboxes in one database.
        inbox_id = uuid5(envelope.id, self._consumer)
        async with writing(
            self._engine,
            envelope.tenant_id,
            inbox_id,
            fingerprint=self._consumer,
            actor=envelope.actor.label,
            reply_to="",
            traceparent=envelope.traceparent,
        ) as (work, found):
            if found.state != "new":
                return
            tenant_id = work.tenant_id
            await self._consume(work, envelope)
            await work.finish(tenant_id, inbox_id, state="done", reply=None, effects=None)
