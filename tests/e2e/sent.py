"""What gateways put on the streams: the proof that a request reached a handler, or did not."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import redis

from contracts.catalogue import COMMANDS, QUERIES
from contracts.wire.streams import commands_of, queries_of

STREAMS = {commands_of(message.context) for message in COMMANDS.values()} | {
    queries_of(message.context) for message in QUERIES.values()
}
Fields = dict[bytes, bytes]


@contextmanager
def kept(client: "redis.Redis", *streams: str) -> Iterator[str]:
    """Whatever is put on these streams stays there while the block lasts: it is needed by a group,
    whose name this is, and no stream is trimmed of what a group has not read."""
    group = f"tests-{uuid4()}"
    for stream in streams:
        client.xgroup_create(stream, group, id="$", mkstream=True)
    try:
        yield group
    finally:
        for stream in streams:
            client.xgroup_destroy(stream, group)


class Sent:
    """Reads each stream from where it ended at the last look, at first when the block began."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._kept = kept(client, *STREAMS)
        self._group = ""

    def __enter__(self) -> Self:
        self._group = self._kept.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._kept.__exit__(kind, error, traceback)

    def messages(self) -> list[Fields]:
        """What a gateway sent since the last look, in no order."""
        found: Any = self._client.xreadgroup(
            self._group, "tests", dict.fromkeys(STREAMS, ">"), noack=True
        )
        entries = (fields for _, more in found for _, fields in more)
        return [fields for fields in entries if fields[b"source"].startswith(b"gateway/")]

    def types(self) -> list[str]:
        """The types of those messages."""
        return [fields[b"type"].decode() for fields in self.messages()]
