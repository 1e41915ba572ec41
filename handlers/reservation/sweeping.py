"""The sweeper: sends a command for each booking that time has overtaken.

It decides nothing. A hold counts for nothing from its very deadline; this makes the event come.
"""

import asyncio
import logging
from uuid import uuid5

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.commands import BookingExpire
from contracts.wire.codec import encode
from contracts.wire.envelope import SYSTEM, Envelope, dataschema_of
from contracts.wire.streams import commands_of
from contracts.wire.tracing import next_traceparent
from handlers.delivery.logs import note
from handlers.delivery.writer import flat
from storage.delivery.errors import Trouble, trouble_of
from storage.reservation.due import Due, due_bookings

SWEEP_EVERY = 1.0


class Sweeper:
    """One of the timers."""

    def __init__(self, client: Redis, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine

    async def run(self) -> None:
        """Sweeps for ever."""
        while True:
            try:
                await self.sweep()
            except Exception as failure:  # the one place: an outage is waited for, the rest raised
                away = isinstance(failure, RedisError) or trouble_of(failure) is not Trouble.BUG
                if not away:
                    raise
                note(logging.INFO, "cannot sweep now", error=type(failure).__name__)
            await asyncio.sleep(SWEEP_EVERY)

    async def sweep(self) -> int:
        """Sends the commands that are due; how many."""
        due = await due_bookings(self._engine)
        if due:
            async with self._client.pipeline(transaction=False) as pipe:
                for one in due:
                    fields = encode(expiry_of(one))
                    pipe.execute_command("XADD", commands_of("reservation"), "*", *flat(fields))
                await pipe.execute()
        return len(due)


def expiry_of(due: Due) -> Envelope:
    """The command; its id follows from booking and deadline, so that a second sweep is the same."""
    command = BookingExpire(booking_id=due.booking_id)
    command_id = uuid5(due.booking_id, f"expire/{due.deadline.isoformat()}")
    return Envelope(
        id=command_id,
        correlation_id=str(command_id),
        type=command.type,
        source="timer",
        subject=f"booking/{due.booking_id}",
        tenant_id=due.tenant_id,
        actor=SYSTEM,
        traceparent=next_traceparent(),
        dataschema=dataschema_of(command.type),
        data=command.model_dump_json(exclude_unset=True).encode(),
    )
