"""One writer per process: replies, acknowledgements and dead letters of a turn in one pipeline.

It owns its client: the broker's is closed first on shutdown, and the last reply would be lost.
While Redis is away it keeps what it has and tries again; to append a reply twice is harmless.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from contracts.wire.codec import REPLY_MAX_BYTES, encode
from contracts.wire.envelope import Envelope, dataschema_of
from contracts.wire.identity import new_id
from contracts.wire.problems import Problem
from contracts.wire.reply import refusal, unsealed
from contracts.wire.sealing import Keyring
from contracts.wire.streams import replies_to
from handlers.delivery.entries import Entry
from journal.bearings import nobodys
from journal.notes import note

REPLY_KEPT_MS = 60_000
PUBLISHER_REPLY_KEPT_MS = 86_400_000

Step = tuple[Any, ...]


class Writer:
    """`put` returns when Redis has carried out the steps.

    With a `keyring`, what is sealed is opened for publishers: each reads a reply stream of its own,
    and has no key.
    """

    def __init__(self, client: Redis, source: str, keyring: Keyring | None = None) -> None:
        self._client = client
        self._source = source
        self._keyring = keyring
        self._steps: list[Step] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._flusher: asyncio.Task[None] | None = None

    async def put(self, *steps: Step) -> None:
        """Carries out the steps, in order, with whatever else this turn of the loop brings."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._steps.extend(steps)
        self._waiting.append(done)
        if self._flusher is None or self._flusher.done():
            self._flusher = loop.create_task(self._flush(), context=nobodys())
        await done

    async def _flush(self) -> None:
        pause = 0.05
        while self._steps:
            await asyncio.sleep(0)
            steps, waiting = self._steps, self._waiting
            self._steps, self._waiting = [], []
            while not await self._sent(steps):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
            pause = 0.05
            for done in waiting:
                if not done.done():
                    done.set_result(None)

    async def _sent(self, steps: list[Step]) -> bool:
        try:
            async with self._client.pipeline(transaction=True) as pipe:
                for step in steps:
                    pipe.execute_command(*step)
                answers = await pipe.execute(raise_on_error=False)
        except (RedisError, OSError) as failure:
            note(logging.WARNING, "Redis is away; replies wait", error=type(failure).__name__)
            return False
        for step, answer in zip(steps, answers, strict=True):
            if isinstance(answer, ResponseError):
                note(logging.ERROR, "Redis refused a step", step=step[:2], error=str(answer))
        return True

    def reply_steps(self, asked: Envelope, data: bytes, now_ms: int) -> list[Step]:
        """The steps that answer `asked`, none where nobody is to be answered."""
        if not asked.reply_to:
            return []
        to_publisher = asked.reply_to.startswith("ingress.")
        kept = PUBLISHER_REPLY_KEPT_MS if to_publisher else REPLY_KEPT_MS
        if to_publisher and self._keyring is not None:
            data = unsealed(data, self._keyring)
        answer = Envelope(
            id=new_id(),
            type="reply",
            source=self._source,
            subject=str(asked.id),
            tenant_id=asked.tenant_id,
            correlation_id=asked.correlation_id,
            causation_id=str(asked.id),
            traceparent=asked.traceparent,
            dataschema=dataschema_of("reply"),
            data=data,
        )
        if len(data) > REPLY_MAX_BYTES:
            # Nobody could read it: the caller is told so now, and not by waiting in vain.
            note(logging.ERROR, "a reply is too large", type=asked.type)
            told = refusal(Problem(code="internal_error"), asked.trace_id).encode()
            answer = answer.with_fields(data=told)
        stream = replies_to(asked.reply_to)
        # Trimmed by age, since a stream in steady use never expires.
        add = ("XADD", stream, "MINID", "~", max(now_ms - kept, 0), "*", *flat(encode(answer)))
        return [add, ("PEXPIRE", stream, kept)]


def flat(fields: Mapping[str, str | bytes]) -> list[str | bytes]:
    """Field, value, field, value … as XADD takes them."""
    return [part for pair in fields.items() for part in pair]


def acknowledgement(entry: Entry) -> Step:
    """The step that takes an entry off its group's pending list."""
    return ("XACK", entry.stream, entry.group, entry.id)
