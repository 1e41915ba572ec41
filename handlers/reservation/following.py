"""Who may follow a tenant's events, and still may."""

from contracts.reservation.queries import BookingFollow
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.reservation.knowledge import Knowledge
from storage.delivery.transaction import Reading

SUSPENDED = refused("tenant_suspended", "Nothing is told until it is resumed.")


class Watch:
    """Looks beforehand whether the tenant is suspended."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def prepare(self, asked: Asked[BookingFollow]) -> bool:
        return await self._knowledge.is_suspended(asked.tenant_id)


async def may_follow(_read: Reading, asked: Asked[BookingFollow]) -> Done | Refused:
    """Whether tenant, sign-in and permission stand was looked at as for every message. In a
    suspended tenant the platform alone looks on."""
    stopped = asked.prepared and asked.actor.kind != "platform"
    return SUSPENDED if stopped else Done(200, {"may_follow": True})
