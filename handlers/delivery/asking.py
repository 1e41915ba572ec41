"""Asking another context over the streams, from inside a handler process."""

import asyncio
import logging
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.wire.codec import REPLY_MAX_BYTES, Malformed, decode, encode
from contracts.wire.envelope import SYSTEM, Envelope, dataschema_of
from contracts.wire.identity import new_id
from contracts.wire.pending import PendingReplies
from contracts.wire.reply import Reply, decode_reply
from contracts.wire.sealing import Keyring, seal_fields
from contracts.wire.streams import commands_of, queries_of, replies_to
from contracts.wire.strict import Command, Message
from handlers.delivery.work import Unavailable
from handlers.delivery.writer import flat
from journal.messages import sending
from journal.notes import note
from journal.spans import begun

BLOCK_MS = 1000


class Asker:
    """Sends queries and commands as the system and waits for their replies."""

    def __init__(
        self,
        writing: Redis,
        reading: Redis,
        name: str,
        keyring: Keyring,
        within_seconds: float,
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._name = name
        self._keyring = keyring
        self._within = within_seconds
        self._pending = PendingReplies()
        # Set once it is known where the reply stream ends: a reply to what is asked comes after.
        self._listening = asyncio.Event()

    async def ask(
        self,
        message: Message,
        tenant_id: UUID | None,
        traceparent: str = "",
        message_id: UUID | None = None,
    ) -> Reply:
        """The reply; raises Unavailable when there is none in time."""
        is_command = isinstance(message, Command)
        data = message.model_dump_json(exclude_unset=True, by_alias=True).encode()
        stream = (commands_of if is_command else queries_of)(message.context)
        envelope = Envelope(
            id=message_id or new_id(),
            type=message.type,
            source=f"worker/{self._name}",
            tenant_id=tenant_id,
            actor=SYSTEM,
            traceparent=begun(traceparent),
            dataschema=dataschema_of(message.type),
            ttl_ms=int(self._within * 1000),
            reply_to=self._name,
            data=seal_fields(data, message.secret_fields, self._keyring),
        )
        future = self._pending.expect(envelope)
        span = sending(stream, envelope, waits=True, under=traceparent)
        try:
            async with asyncio.timeout(self._within):
                await self._listening.wait()
                await self._writing.execute_command("XADD", stream, "*", *flat(encode(envelope)))
                return await future
        except TimeoutError:
            raise Unavailable(f"{message.context} did not answer {message.type} in time") from None
        finally:
            self._pending.forget(envelope)
            if span is not None:
                span.end("" if future.done() and not future.cancelled() else "no_reply")

    async def run(self) -> None:
        """Reads this process's replies for ever."""
        stream = replies_to(self._name)
        last = "$"
        while True:
            try:
                if last == "$":
                    last = await self._newest(stream)
                    self._listening.set()
                answer = await self._reading.execute_command(
                    "XREAD", "COUNT", 200, "BLOCK", BLOCK_MS, "STREAMS", stream, last
                )
            except (RedisError, OSError) as failure:
                note(logging.INFO, "cannot read replies now", error=type(failure).__name__)
                await asyncio.sleep(0.2)
                continue
            for entry_id, fields in entries_of(answer):
                last = entry_id
                self._settle(fields)

    async def _newest(self, stream: str) -> str:
        newest = await self._reading.xrevrange(stream, count=1)
        return text_of(newest[0][0]) if newest else "0-0"

    def _settle(self, fields: dict[bytes, bytes]) -> None:
        try:
            envelope = decode(fields, REPLY_MAX_BYTES)
        except Malformed as bad:
            note(logging.WARNING, "reply is not a message", reason=bad.code)
            return
        self._pending.settle(envelope, decode_reply(envelope.data, self._keyring))


def text_of(value: object) -> str:
    """What Redis answered, as text, whether it came as bytes or not."""
    return value.decode() if isinstance(value, bytes) else str(value)


def entries_of(answer: Any) -> list[tuple[str, dict[bytes, bytes]]]:
    """Entries of an XREAD of one stream, ids as text, in either protocol (RESP2 or RESP3)."""
    if not answer:
        return []
    streams = list(answer.values()) if isinstance(answer, dict) else [pair[1] for pair in answer]
    return [(text_of(entry_id), _fields(fields)) for entry_id, fields in streams[0]]


def _fields(found: Any) -> dict[bytes, bytes]:
    if isinstance(found, dict):
        return found
    return dict(zip(found[::2], found[1::2], strict=True))
