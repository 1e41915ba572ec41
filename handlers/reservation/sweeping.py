"""The sweeper: sends a command for each booking, and each wait, that time has overtaken.

It decides nothing. A hold counts for nothing from its very deadline; this makes the event come.
"""

from uuid import uuid5

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.commands import BookingExpire
from contracts.reservation.waitlist import WaitlistExpire
from contracts.wire.envelope import Envelope
from handlers.delivery.system_commands import appending, system_command
from handlers.delivery.timers import repeated
from storage.reservation.due import Due, DueEntry, due_bookings, due_entries

SWEEP_EVERY = 1.0


class Sweeper:
    """One of the timers."""

    def __init__(self, client: Redis, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine

    async def run(self) -> None:
        """Sweeps for ever."""
        await repeated("sweeping", self.sweep, SWEEP_EVERY)

    async def sweep(self) -> int:
        """Sends the commands that are due; how many."""
        envelopes = [expiry_of(one) for one in await due_bookings(self._engine)]
        envelopes += [entry_expiry_of(one) for one in await due_entries(self._engine)]
        if envelopes:
            async with self._client.pipeline(transaction=False) as pipe:
                for envelope in envelopes:
                    pipe.execute_command(*appending(envelope, "reservation"))
                await pipe.execute()
        return len(envelopes)


def expiry_of(due: Due) -> Envelope:
    """The command; its id follows from booking and deadline, so that a second sweep is the same."""
    return system_command(
        BookingExpire(booking_id=due.booking_id),
        uuid5(due.booking_id, f"expire/{due.deadline.isoformat()}"),
        due.tenant_id,
        source="timer",
        subject=f"booking/{due.booking_id}",
    )


def entry_expiry_of(due: DueEntry) -> Envelope:
    """The same for somebody who waits for what cannot come any more."""
    return system_command(
        WaitlistExpire(entry_id=due.entry_id),
        uuid5(due.entry_id, "expire"),
        due.tenant_id,
        source="timer",
        subject=f"waitlist/{due.entry_id}",
    )
