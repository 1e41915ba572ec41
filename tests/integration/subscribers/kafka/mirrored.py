"""The production's mirror process, whose Kafka is FastStream's test broker.

`python -m tests.integration.subscribers.kafka.mirrored <folder>`: what is published becomes a line
of `<folder>/records`; while there is a file `<folder>/away` or `<folder>/large`, publishing fails.
"""

import asyncio
import os
import sys
from pathlib import Path

import orjson
from aiokafka import errors
from faststream.kafka import TestKafkaBroker
from faststream.kafka.annotations import KafkaMessage

from contracts.wire.streams import PUBLISHING, events_of
from handlers.app.subscribing import mirror_process
from handlers.delivery import outage, reclaimer
from handlers.delivery.settings import ProcessSettings
from handlers.subscribers.kafka import publishing
from handlers.subscribers.kafka.connecting import make_kafka_broker
from handlers.subscribers.kafka.publishing import Kafka
from journal.notes import set_up_logging


class Topics:
    """What a Kafka would have done with each record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def take(self, message: KafkaMessage) -> None:
        """Raises what a producer raises."""
        raw = message.raw_message
        assert not isinstance(raw, tuple)
        assert raw.value is not None
        if (self._folder / "away").exists():
            raise errors.KafkaConnectionError("nobody is there")
        if (self._folder / "large").exists() and len(raw.value) > 1000:
            raise errors.MessageSizeTooLargeError("it is larger than what is taken")
        record = {
            "topic": raw.topic,
            "key": (raw.key or b"").decode(),
            "headers": {name: value.decode() for name, value in raw.headers},
            "value": raw.value.decode(),
        }
        file = os.open(self._folder / "records", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, orjson.dumps(record) + b"\n")
        os.close(file)


async def run(folder: Path) -> int:
    settings = ProcessSettings(_env_file=None)
    broker = make_kafka_broker(settings)
    topics = Topics(folder)
    for context in PUBLISHING:
        broker.subscriber(settings.kafka_topic_prefix + events_of(context))(topics.take)
    async with TestKafkaBroker(broker):
        return await mirror_process(settings, Kafka(lambda: broker)).run()


if __name__ == "__main__":
    set_up_logging("INFO", "text")
    reclaimer.EVERY = 0.1
    outage.PROBE_EVERY = 0.05
    publishing.ASK_EVERY = 0.05
    sys.exit(asyncio.run(run(Path(sys.argv[1]))))
