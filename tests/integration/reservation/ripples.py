"""What follows from events: the consumer of the waitlist, its commands, and what they bring."""

from typing import Any
from uuid import uuid5

from redis.asyncio import Redis

from contracts.wire.codec import decode
from contracts.wire.streams import commands_of
from handlers.reservation.waitlist_hearing import HEARD, Hearing
from storage.delivery.transaction import writing
from tests.integration.desk import Desk


class Ripples:
    """Takes what stands in the outbox to the consumer, and its commands to the desk."""

    def __init__(self, desk: Desk, client: Redis) -> None:
        self._desk = desk
        self._client = client
        self._hearing = Hearing(client)
        self._heard_to = 0
        self.commands: list[str] = []

    async def begin(self) -> None:
        """What happened before is nobody's business."""
        (newest,) = await self._desk.rows("SELECT coalesce(max(id), 0) FROM outbox")
        self._heard_to = newest[0]
        await self._client.delete(commands_of("reservation"))

    async def run(self, *, times: int = 1) -> None:
        """Afterwards nothing follows from anything any more; each event is delivered `times`."""
        while await self._hear(times) or await self._carry_out():
            continue

    async def _hear(self, times: int) -> int:
        rows = await self._desk.rows(
            "SELECT id, fields FROM outbox WHERE sequence IS NOT NULL AND id > :last ORDER BY id",
            last=self._heard_to,
        )
        for row in rows:
            self._heard_to = row[0]
            event = decode({name: text.encode() for name, text in row[1].items()})
            for time in range(times if event.type in HEARD else 0):
                transaction = writing(
                    self._desk.engine,
                    event.tenant_id,
                    uuid5(event.id, f"ripple/{time}"),
                    fingerprint="",
                    actor="",
                    reply_to="",
                    traceparent="",
                )
                async with transaction as (work, _):
                    await self._hearing.hear(work, event)
        return len(rows)

    async def _carry_out(self) -> int:
        stream = commands_of("reservation")
        entries: Any = await self._client.xrange(stream)
        for entry_id, fields in entries:
            command = decode(fields)
            self.commands.append(command.type)
            await self._desk.deliver(command)
            await self._client.xdel(stream, entry_id)
        sent = await self._desk.leaving(["reservation"])
        for command in sent:
            self.commands.append(command.type)
            await self._desk.deliver(command)
        return len(entries) + len(sent)
