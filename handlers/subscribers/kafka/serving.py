"""What the mirror process does: reads every context's events, with a group of its own."""

from contracts.wire.streams import PUBLISHING, events_of
from handlers.delivery.events import EventIntake
from handlers.delivery.outage import Outage
from handlers.delivery.process import Process
from handlers.subscribers.kafka.mirroring import GROUP, Mirroring
from handlers.subscribers.kafka.publishing import Kafka

DATABASE = "subscriber"


def serve_mirror(process: Process, kafka: Kafka) -> None:
    """Events of one object are published one after the other (handlers.delivery.slots), and while
    Kafka is away all wait where they are."""
    engine = process.engine(DATABASE)
    outage = Outage(engine, process.client, process.name, (kafka.answers,))

    async def ready() -> bool:
        return kafka.is_well and await outage.answers()

    metrics = process.metrics.of_consumer(GROUP)
    for context in PUBLISHING:
        stream = events_of(context)
        topic = process.settings.kafka_topic_prefix + stream
        effect = Mirroring(topic, engine, kafka, process.failpoints)
        intake = EventIntake(GROUP, effect, process.writer, process.clock, outage, metrics=metrics)
        process.read(stream, GROUP, intake.take, ready)
