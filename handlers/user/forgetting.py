"""People who were deleted long ago are erased, as if somebody had asked for it."""

from uuid import uuid5

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.user.personal_data import UserErase
from contracts.wire.envelope import Envelope
from handlers.delivery.system_commands import appending, system_command
from storage.user.purging import DueErasure, people_to_erase


async def erase_deleted(client: Redis, engine: AsyncEngine, days: int) -> None:
    """Sends a command for each; it decides nothing."""
    for due in await people_to_erase(engine, days):
        await client.execute_command(*appending(erasure_of(due), "user"))


def erasure_of(due: DueErasure) -> Envelope:
    """The command; its id follows from what it is due to, so that sending it again is the same."""
    return system_command(
        UserErase(user_id=due.user_id),
        uuid5(due.user_id, f"erase/{due.since.isoformat()}"),
        due.tenant_id,
        source="timer",
        subject=f"user/{due.user_id}",
    )
