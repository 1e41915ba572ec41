"""An event as a record: CloudEvents' Kafka protocol binding 1.0.2, binary content mode."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.wire.codec import encode
from contracts.wire.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Record:
    """What Kafka keeps: records of one key stay in one partition, in the order they came in."""

    topic: str
    key: bytes
    headers: Mapping[str, str]
    value: bytes


def record_of(event: Envelope, topic: str) -> Record:
    """The same envelope: each attribute is a header `ce_…`, the data is the value as it is. The key
    is the id of what the event is about, such as a booking's. From where somebody did it stays in
    the audit trail: whoever reads topics is told who, and no address."""
    told = event.with_fields(channel="", address="")
    attributes = {
        f"ce_{name}": value if isinstance(value, str) else value.decode()
        for name, value in encode(told).items()
        if name != "data"
    }
    about = event.subject.rpartition("/")[2] or str(event.id)
    headers = {**attributes, "content-type": "application/json"}
    return Record(topic, about.encode(), headers, event.data)
