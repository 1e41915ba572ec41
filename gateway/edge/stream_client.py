"""Asking over streams: an envelope goes out, and its reply comes back or does not."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import orjson

from contracts.wire.codec import encode
from contracts.wire.envelope import Envelope
from contracts.wire.pending import PendingReplies
from contracts.wire.reply import Reply
from contracts.wire.sealing import Keyring
from contracts.wire.streams import OPERATION_KEPT_MS, commands_of, operation_key, queries_of
from gateway.edge.pulse import Pulse
from gateway.edge.redis_line import LOST, Step
from gateway.edge.reply_reader import ReplyReader
from gateway.edge.scripts import Script, Scripts
from gateway.edge.sending import Sender, Sent
from journal.messages import sending
from journal.notes import note
from journal.spans import Span


class NoReply(Enum):
    """Why there is no reply."""

    LATE = "the message is on its stream; its outcome is not known yet"
    UNKNOWN = "whether the message is on its stream is not known"
    AWAY = "Redis is away, and nothing was sent"


class _Lost(Exception):
    """Redis was lost while a question was under way."""


class StreamClient:
    """The gateway's one way to the handlers."""

    def __init__(self, url: str, instance: str, keyring: Keyring) -> None:
        self._pending = PendingReplies()
        self._asked: set[asyncio.Future[Reply]] = set()
        self._sender = Sender(url)
        self._reader = ReplyReader(url, instance, keyring, self._pending)
        self._scripts = Scripts(url)
        self._pulse = Pulse(url, self._lose)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def alive(self) -> bool:
        """Whether Redis answered the last time it was asked, a quarter of a second ago at most."""
        return self._pulse.alive

    async def start(self) -> None:
        """Reading and beating; where Redis is away, both go on trying."""
        await self._pulse.beat()
        if self._pulse.alive:
            try:
                await self._reader.find_end()
            except LOST as failure:
                note(logging.WARNING, "replies cannot be read", error=type(failure).__name__)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._reader.run()),
            loop.create_task(self._pulse.run()),
        ]

    async def stop(self) -> None:
        await ended(self._tasks)
        for part in (self._sender, self._scripts, self._reader, self._pulse):
            await part.close()

    async def ask(self, context: str, query: Envelope, within_seconds: float) -> Reply | NoReply:
        """The answer to a query. It ends at once when Redis is lost: a question can be repeated."""
        if not self.alive:
            return NoReply.AWAY
        future = self._pending.expect(query)
        span = sending(queries_of(context), query, waits=True)
        self._asked.add(future)
        try:
            sent = await self._sender.put(_xadd(queries_of(context), query))
            if sent is not Sent.ON_STREAM:
                return NoReply.AWAY
            return await asyncio.wait_for(future, within_seconds)
        except TimeoutError:
            return NoReply.LATE
        except _Lost:
            return NoReply.AWAY
        finally:
            self._asked.discard(future)
            self._pending.forget(query)
            _end(span, future)
            if future.done() and not future.cancelled():
                future.exception()

    async def tell(
        self, context: str, command: Envelope, within_seconds: float, *, kept: bool
    ) -> Reply | NoReply:
        """The outcome of a command; `within_seconds` 0 does not wait for it. With `kept`, whoever
        sent it can ask for the outcome later."""
        if not self.alive:
            return NoReply.AWAY
        future = self._pending.expect(command)
        span = sending(commands_of(context), command, waits=within_seconds > 0)
        try:
            steps = (_operation(context, command),) if kept else ()
            sent = await self._sender.put(*steps, _xadd(commands_of(context), command))
            if sent is Sent.NOT_SENT:
                return NoReply.AWAY
            if sent is Sent.UNKNOWN:
                return NoReply.UNKNOWN
            if not within_seconds:
                return NoReply.LATE
            return await asyncio.wait_for(future, within_seconds)
        except TimeoutError:
            return NoReply.LATE
        finally:
            self._pending.forget(command)
            _end(span, future)

    async def run(self, script: Script, keys: Sequence[str], *words: str | int) -> Any:
        """What a script answers, and None where Redis is away: then nobody waits for a time-out."""
        return await self._scripts.run(script, keys, *words) if self.alive else None

    def _lose(self) -> None:
        self._sender.give_up_waiting()
        self._scripts.lose()
        for future in tuple(self._asked):
            if not future.done():
                future.set_exception(_Lost())


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """The tasks are cancelled and over. Asked again until they are: in Python 3.11 a `wait_for`
    that is done in the same turn swallows the cancellation (cpython #86296)."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)


def _end(span: Span | None, future: "asyncio.Future[Reply]") -> None:
    """What was waited for in vain ends in an error."""
    if span is not None:
        unanswered = not future.done() or future.cancelled() or future.exception() is not None
        span.end("no_reply" if unanswered and span.kind == "client" else "")


def _xadd(stream: str, envelope: Envelope) -> Step:
    flat = (part for field in encode(envelope).items() for part in field)
    return ("XADD", stream, "*", *flat)


def _operation(context: str, command: Envelope) -> Step:
    told = {
        "tenant": command.tenant_id,
        "actor": command.actor.label,
        "ttlms": command.ttl_ms,
        "context": context,
        # A command that is declared expired before it ran may still be taken over by its own.
        "fingerprint": command.fingerprint,
    }
    key = operation_key(command.id)
    # Before the XADD: where the entry stands, whoever sent it can be told of it.
    return ("SET", key, orjson.dumps(told), "PX", OPERATION_KEPT_MS)
