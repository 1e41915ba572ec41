"""An entry of a stream as a consumer group delivered it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """`deliveries` counts this delivery: 1 for a new entry."""

    stream: str
    group: str
    id: str
    fields: Mapping[bytes, bytes]
    deliveries: int = 1
