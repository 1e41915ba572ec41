"""Publishing to Kafka: what it does not take is tried again, for as long as it takes."""

import asyncio
import logging
from collections.abc import Callable

from aiokafka import errors
from faststream.exceptions import IncorrectState
from faststream.kafka import KafkaBroker

from handlers.delivery.events import Undeliverable
from handlers.subscribers.kafka.binding import Record
from journal.notes import note

# Below the hard limit of a consumer, so that a Kafka that hangs is an outage and no failure.
PUBLISH_SECONDS = 6.0
CONNECT_SECONDS = 5.0
PING_SECONDS = 1.5
# All who wait share one question.
ASK_EVERY = 1.0
# A publication that fails is tried again well within this.
TROUBLE_SECONDS = 60.0
_TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)
_AWAY = (errors.KafkaError, OSError, TimeoutError, IncorrectState)
# After these a producer does nothing more.
_BROKEN = (
    errors.ProducerClosed,
    errors.ProducerFenced,
    errors.OutOfOrderSequenceNumber,
    errors.InvalidProducerEpoch,
    errors.InvalidProducerIdMapping,
    errors.UnknownProducerId,
)


class KafkaAway(ConnectionError):
    """Kafka has not taken a record, for a reason that is not the record's."""


class Kafka:
    """One connection at a time; `new_broker` makes what is connected."""

    def __init__(self, new_broker: Callable[[], KafkaBroker]) -> None:
        self._new_broker = new_broker
        self._broker: KafkaBroker | None = None
        self._connecting = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._asked_at: float | None = None
        self._answered = False
        self._failed_at: float | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_well(self) -> bool:
        """Whether nothing is published in vain: a Kafka that answers need not take records."""
        return self._failed_at is None or _now() - self._failed_at > TROUBLE_SECONDS

    async def publish(self, record: Record) -> None:
        """Afterwards all of its replicas have it. Raises KafkaAway, and Undeliverable for what no
        repetition would change."""
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                broker = await self._connected()
                await broker.publish(
                    record.value,
                    record.topic,
                    key=record.key,
                    headers=dict(record.headers),
                    correlation_id=record.headers.get("ce_correlationid"),
                )
        except _TOO_LARGE as failure:
            self._failed_at = None
            raise Undeliverable("too_large", str(failure)) from failure
        except _AWAY as failure:
            self._failed_at = _now()
            # The sender's own end has no class of its own.
            if isinstance(failure, _BROKEN) or type(failure) is errors.KafkaError:
                self._disconnect()
            raise KafkaAway(f"{record.topic}: {failure!r}") from failure
        self._failed_at = None

    async def answers(self) -> bool:
        """Whether there is a Kafka to publish to, as of a second ago at most."""
        async with self._asking:
            if self._asked_at is None or _now() - self._asked_at >= ASK_EVERY:
                self._answered = await self._ask()
                self._asked_at = _now()
            return self._answered

    async def close(self) -> None:
        """Nothing of it is open."""
        self._disconnect()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                broker = await self._connected()
                found = await broker.ping(PING_SECONDS)
        except _AWAY as failure:
            note(logging.INFO, "no Kafka", error=repr(failure)[:200])
            return False
        if not found:
            # The brokers may have other addresses by now: the given ones are asked again.
            self._disconnect()
        return found

    async def _connected(self) -> KafkaBroker:
        async with self._connecting:
            if self._broker is None:
                broker = self._new_broker()
                try:
                    await broker.start()
                except BaseException:
                    self._close(broker)
                    raise
                self._broker = broker
            return self._broker

    def _disconnect(self) -> None:
        if self._broker is not None:
            self._close(self._broker)
            self._broker = None

    def _close(self, broker: KafkaBroker) -> None:
        """Beside everything else: it may wait for what was under way."""
        task = asyncio.create_task(_closed(broker))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _closed(broker: KafkaBroker) -> None:
    try:
        await broker.stop()
    except _AWAY as failure:
        note(logging.INFO, "could not close", error=type(failure).__name__)


def _now() -> float:
    return asyncio.get_running_loop().time()
