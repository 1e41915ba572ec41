"""The handlers' notes for the audit trail: what was refused to whom, and what was given out.

They leave with the answer, in one step with it, or before it where nothing may happen without a
record; a change's own record leaves with its transaction, as an event or through the outbox.
"""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

from contracts.catalogue import COMMANDS
from contracts.wire.codec import encode
from contracts.wire.envelope import Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.noticing import (
    NOTICE,
    Noticed,
    Tallies,
    notice_document,
    notice_of,
    noticed_of,
)
from contracts.wire.reply import Reply
from contracts.wire.streams import commands_of
from contracts.wire.strict import rfc3339
from handlers.delivery.work import Send
from handlers.delivery.writer import Step, Writer, flat
from journal.messages import sent

LOOK_EVERY = 1.0
STOPS_WITHIN = 2.0
FORBIDDEN = 403


class Listening(Protocol):
    """Who is told what handlers notice of a message; `more` are fields of Noticed."""

    def notice(self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any) -> None:
        """Nobody waits for the record."""

    async def told(
        self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any
    ) -> None:
        """Afterwards the record is on its way."""


class Unheard:
    """Where there is no trail to write to."""

    def notice(self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any) -> None:
        """Nothing is written."""

    async def told(
        self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any
    ) -> None:
        """Nothing is written."""


class Trail:
    """`tally` says how few records whoever repeats themselves leaves."""

    def __init__(self, writer: Writer, source: str, tally: Tallies | None = None) -> None:
        self._writer = writer
        self._source = source
        self._tally = tally or Tallies()
        self._writing: set[asyncio.Task[None]] = set()

    def steps(self, noticed: Noticed) -> list[Step]:
        """What has it written down: to be carried out with whatever else is done of it."""
        return [self._step(one) for one in self._tally.add(noticed, time.monotonic())]

    def refusal_steps(self, asked: Envelope, reply: Reply) -> list[Step]:
        """The same of a reply that refuses a permission, also to one of a batch; else nothing."""
        reason = _forbidden(reply)
        if not reason:
            return []
        more = {"operation": asked.type, "subject": asked.subject, "reason": reason}
        return self.steps(noticed_of(asked, "permission.refused", _now(), asked.tenant_id, **more))

    def notice(self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any) -> None:
        """It is written down, or counted with others of its kind; nobody waits."""
        steps = self.steps(noticed_of(asked, event_type, _now(), tenant_id, **more))
        if steps:
            task = asyncio.get_running_loop().create_task(self._writer.put(*steps))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def told(
        self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any
    ) -> None:
        """Afterwards it is on its way to the trail, or counted with others of its kind."""
        steps = self.steps(noticed_of(asked, event_type, _now(), tenant_id, **more))
        if steps:
            await self._writer.put(*steps)

    async def run(self) -> None:
        """Writes down what was counted, once its window is over."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self._put(self._tally.over(time.monotonic()))

    async def close(self) -> None:
        """What was counted is written down, where Redis is there to take it."""
        rest = asyncio.get_running_loop().create_task(self._put(self._tally.rest()))
        _, late = await asyncio.wait({rest, *self._writing}, timeout=STOPS_WITHIN)
        for task in late:
            task.cancel()

    async def _put(self, found: Iterable[Noticed]) -> None:
        steps = [self._step(one) for one in found]
        if steps:
            await self._writer.put(*steps)

    def _step(self, noticed: Noticed) -> Step:
        notice = notice_of(noticed, new_id(), self._source)
        sent(commands_of("audit"), notice)
        return ("XADD", commands_of("audit"), "*", *flat(encode(notice)))


def record_of(
    event_type: str, actor: Actor, tenant_id: UUID | None, subject: str, **more: Any
) -> Send:
    """A record that leaves with the transaction of what it is about."""
    noticed = Noticed(event_type, tenant_id, actor, at="", outcome="succeeded", subject=subject)
    document = orjson.dumps({**notice_document(noticed), **more})
    return Send(COMMANDS[NOTICE].model_validate_json(document), tenant_id)


def _forbidden(reply: Reply) -> str:
    """The code of the refusal, "" where nothing was refused for want of a permission."""
    if reply.status == FORBIDDEN:
        return str((reply.problem or {}).get("code", ""))
    results = reply.body.get("results") if isinstance(reply.body, dict) else None
    for one in results if isinstance(results, list) else ():
        if isinstance(one, dict) and one.get("http_status") == FORBIDDEN:
            return str(one["problem"]["code"])
    return ""


def _now() -> str:
    return rfc3339(datetime.fromtimestamp(time.time(), UTC))
