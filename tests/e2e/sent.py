"""What gateways put on the streams: the proof that a request reached a handler, or did not."""

from typing import Any

import redis

from contracts.catalogue import COMMANDS, QUERIES
from contracts.wire.streams import commands_of, queries_of

STREAMS = {commands_of(message.context) for message in COMMANDS.values()} | {
    queries_of(message.context) for message in QUERIES.values()
}


class Sent:
    """Reads each stream from where it ended at the last look."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._read_to: dict[str, bytes] = {}
        self.types()

    def types(self) -> list[str]:
        """The types of messages that a gateway sent since the last look, in no order."""
        found = []
        for stream in STREAMS:
            entries: Any = self._client.xrange(stream, min=self._after(stream))
            for entry_id, fields in entries:
                self._read_to[stream] = entry_id
                if fields[b"source"].startswith(b"gateway/"):
                    found.append(fields[b"type"].decode())
        return found

    def _after(self, stream: str) -> str:
        last = self._read_to.get(stream)
        return "-" if last is None else f"({last.decode()}"
