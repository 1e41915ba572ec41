"""FastStream's part: subscribers that hand whole batches of raw entries to the intake.

The framework reads; it neither parses, acknowledges nor answers (see docs/decisions on what it
does by default with foreign entries, acknowledgements and replies).
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage

from handlers.delivery.entries import Entry

# Small, so that few entries lie read and unhandled when a process stops.
MAX_RECORDS = 32
# Milliseconds; below redis-py's own socket time-out, or every idle poll costs a pause of 5 s.
POLL = 1000

# What goes wrong in the framework is heard; its two lines a message are not.
LOG = logging.getLogger("slotstream.faststream")
LOG.setLevel(logging.WARNING)

Take = Callable[[Entry], Awaitable[None]]


class SteadyStreamSub(StreamSub):
    """FastStream copies the subscription for every message in order to add a prefix; there is
    none here, and the copy costs more than the parsing."""

    def add_prefix(self, prefix: str) -> "SteadyStreamSub":  # noqa: ARG002  # its signature
        return self


async def raw_message(raw: Any) -> RedisBatchStreamMessage:
    """A batch as it was read; decoding cannot fail here, because none is done."""
    return RedisBatchStreamMessage(raw_message=raw, body=b"", consumer=FAKE_CONSUMER, group=None)


async def raw_entries(message: Any) -> list[tuple[str, Any]]:
    """Entry ids and fields of a batch."""
    raw = message.raw_message
    ids = [found.decode() for found in raw["message_ids"]]
    return list(zip(ids, raw["data"], strict=True))


def make_broker(redis_url: str) -> RedisBroker:
    """A broker for reading alone."""
    return RedisBroker(
        redis_url,
        parser=raw_message,
        decoder=raw_entries,
        logger=LOG,
        log_level=logging.DEBUG,
        apply_types=False,
        socket_timeout=5,
        socket_connect_timeout=2,
        graceful_timeout=10,
    )


def subscribe(broker: RedisBroker, stream: str, group: str, consumer: str, take: Take) -> None:
    """New entries of `stream` for `group` go to `take`, in order; it may make the reader wait."""
    subscription = SteadyStreamSub(
        stream,
        group=group,
        consumer=consumer,
        batch=True,
        max_records=MAX_RECORDS,
        polling_interval=POLL,
    )

    async def on_batch(entries: list[tuple[str, Any]]) -> None:
        for entry_id, fields in entries:
            await take(Entry(stream, group, entry_id, fields))

    broker.subscriber(stream=subscription, ack_policy=AckPolicy.MANUAL, no_reply=True)(on_batch)
