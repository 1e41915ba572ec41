"""Events on their way into a consumer: with the inbox of its own database, or without one."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.codec import Malformed, decode
from contracts.wire.envelope import Envelope
from handlers.delivery.dead_letters import MAX_DELIVERIES, dead_letter_steps
from handlers.delivery.entries import Entry
from handlers.delivery.metrics import EventMetrics, ProcessMetrics
from handlers.delivery.outage import Outage
from handlers.delivery.redis_clock import RedisClock
from handlers.delivery.writer import Writer, acknowledgement
from journal.bearings import ends_as
from journal.messages import Working
from journal.notes import note
from storage.delivery.errors import Trouble, trouble_of
from storage.delivery.transaction import Writing, writing

# As for a handler: what takes longer is delivered again.
HARD_LIMIT_SECONDS = 10.0
TRIES = 3

Consume = Callable[[Writing, Envelope], Awaitable[None]]
Effect = Callable[[Envelope], Awaitable[None]]


class Undeliverable(Exception):
    """No repetition helps this event: it goes to the dead letters at once, `code` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class InTransaction:
    """An effect that takes place at most once: `consume` runs in a transaction with the consumer's
    own inbox row."""

    def __init__(self, consumer: str, engine: AsyncEngine, consume: Consume) -> None:
        self._consumer = consumer
        self._engine = engine
        self._consume = consume

    async def __call__(self, event: Envelope) -> None:
        """Afterwards the event has taken effect, now or before."""
        inbox_id = inbox_id_of(self._consumer, event)
        async with writing(
            self._engine,
            event.tenant_id,
            inbox_id,
            fingerprint=self._consumer,
            actor=event.actor.label,
            reply_to="",
            traceparent=event.traceparent,
        ) as (work, found):
            if found.state != "new":
                return
            tenant_id = work.tenant_id
            await self._consume(work, event)
            await work.finish(tenant_id, inbox_id, state="done", reply=None, effects=None)


class EventIntake:
    """Takes events of any context to one consumer, whose `effect` makes repetitions harmless.
    Types that are not among `types` (all, when empty) are acknowledged unread."""

    def __init__(  # the list of what surrounds a consumer
        self,
        consumer: str,
        effect: Effect,
        writer: Writer,
        clock: RedisClock,
        outage: Outage,
        types: Mapping[str, Any] | frozenset[str] = frozenset(),
        metrics: EventMetrics | None = None,
    ) -> None:
        self._consumer = consumer
        self._effect = effect
        self._writer = writer
        self._clock = clock
        self._outage = outage
        self._types = types
        self._metrics = metrics or ProcessMetrics().of_consumer(consumer, types)

    async def take(self, entry: Entry) -> None:
        """Afterwards the entry is acknowledged, or is left pending to be delivered again."""
        self._metrics.delivered(entry)
        now_ms = await self._clock.now_ms()
        if entry.deliveries > MAX_DELIVERIES:
            await self._bury(entry, "too_many_deliveries", self._consumer, now_ms)
            return
        try:
            envelope = decode(entry.fields)
        except Malformed as bad:
            await self._bury(entry, bad.code, bad.detail, now_ms)
            return
        if self._types and envelope.type not in self._types:
            await self._writer.put(acknowledgement(entry))
            self._metrics.ended(envelope.type, "unread")
            return
        with Working(entry.stream, self._consumer, envelope, entry.deliveries):
            await self._work(entry, envelope, now_ms)

    async def _work(self, entry: Entry, envelope: Envelope, now_ms: int) -> None:
        tries = 0
        while True:
            try:
                await self._once(entry, envelope)
            except Undeliverable as refused:
                await self._bury(entry, refused.code, refused.detail, now_ms)
            except Exception as failure:  # the one place: what went wrong decides what follows
                trouble = trouble_of(failure)
                hung = isinstance(failure, TimeoutError) and await self._outage.answers()
                if not hung and (isinstance(failure, RedisError) or trouble is Trouble.AWAY):
                    await self._outage.over(entry, failure)
                    continue
                tries += 1
                if trouble is Trouble.AGAIN and tries < TRIES:
                    self._metrics.retried(envelope.type)
                    await asyncio.sleep(random.uniform(0, 0.05 * 2**tries))
                    continue
                self._metrics.ended(envelope.type, "failed")
                note(
                    logging.ERROR,
                    "consumer failed; left pending",
                    trouble=failure,
                    consumer=self._consumer,
                    entry=entry.id,
                    type=envelope.type,
                )
                ends_as("left_pending", type(failure).__name__)
            return

    async def _once(self, entry: Entry, envelope: Envelope) -> None:
        with self._metrics.timed():
            async with asyncio.timeout(HARD_LIMIT_SECONDS):
                await self._effect(envelope)
        await self._writer.put(acknowledgement(entry))
        self._metrics.ended(envelope.type, "done")

    async def _bury(self, entry: Entry, reason: str, detail: str, now_ms: int) -> None:
        note(logging.ERROR, "dead letter", entry=entry.id, stream=entry.stream, reason=reason)
        ends_as("dead_letter", reason)
        await self._writer.put(*dead_letter_steps(entry, reason, detail, now_ms))
        self._metrics.given_up(entry, reason)


def inbox_id_of(consumer: str, event: Envelope) -> UUID:
    """Under which an event stands in this consumer's inbox; one database may hold several."""
    return uuid5(event.id, consumer)
