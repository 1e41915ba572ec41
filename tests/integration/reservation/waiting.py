"""Waiting for a place of the salon's."""

from datetime import datetime, timedelta
from typing import Any

from contracts.reservation import commands, waitlist
from contracts.wire.envelope import Actor
from contracts.wire.reply import Reply
from tests.integration.reservation.salon import Salon, morning


async def join(
    salon: Salon,
    actor: Actor | None = None,
    since: datetime | None = None,
    hours: int = 3,
    **fields: Any,
) -> Reply:
    """Waits for an hour within so many hours from nine o'clock on."""
    begins = since or morning()
    target = {} if "category_id" in fields else {"resource_id": salon.resource_id}
    return await salon.ask(
        waitlist.WaitlistJoin,
        actor,
        **{
            **target,
            "from": begins,
            "to": begins + timedelta(hours=hours),
            "duration_minutes": 60,
            **fields,
        },
    )


async def entry(salon: Salon, reply: Reply, actor: Actor | None = None) -> dict[str, Any]:
    found = await salon.ask(waitlist.WaitlistGet, actor, entry_id=reply.body["id"])
    assert isinstance(found.body, dict)
    return found.body


async def leave(salon: Salon, reply: Reply, actor: Actor | None = None, **more: Any) -> Reply:
    return await salon.ask(waitlist.WaitlistLeave, actor, entry_id=reply.body["id"], **more)


async def cancel(salon: Salon, booking: Reply) -> None:
    reply = await salon.ask(commands.BookingCancel, salon.manager, booking_id=booking.body["id"])
    assert reply.status == 200


async def full_morning(salon: Salon) -> list[Reply]:
    """Nine to twelve are booked, an hour each."""
    return [await salon.book(morning(hour=hour)) for hour in (9, 10, 11)]
