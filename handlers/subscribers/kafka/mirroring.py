"""The effect of an event on the mirror: one record in its topic.

known? ─► publish ─► inbox row ─► acknowledge
                 │
   killed here: delivered again, and published again under the same `ce_id`
"""

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.envelope import Envelope
from handlers.delivery.events import InTransaction, inbox_id_of
from handlers.delivery.failpoints import FailPoints
from handlers.subscribers.kafka.binding import record_of
from handlers.subscribers.kafka.publishing import Kafka
from storage.delivery.transaction import Writing, outcome_of, reading

GROUP = "kafka"


class Mirroring:
    """Publishes events to one topic. No transaction is open while Kafka is waited for, so the inbox
    row comes after the record: at least once."""

    def __init__(
        self, topic: str, engine: AsyncEngine, kafka: Kafka, failpoints: FailPoints
    ) -> None:
        self._topic = topic
        self._engine = engine
        self._kafka = kafka
        self._failpoints = failpoints
        self._keep = InTransaction(GROUP, engine, _nothing_more)

    async def __call__(self, event: Envelope) -> None:
        """Afterwards the event is in the topic, and is known to be."""
        async with reading(self._engine, event.tenant_id) as read:
            known = await outcome_of(read, inbox_id_of(GROUP, event))
        if known is None:
            await self._kafka.publish(record_of(event, self._topic))
            self._failpoints.passing("after_publish")
            await self._keep(event)


async def _nothing_more(_work: Writing, _event: Envelope) -> None:
    """The inbox row is all."""
