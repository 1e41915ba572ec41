"""The notification log of a booking: what was said about it, and what became of that."""

from typing import Any

from contracts.catalogue import QUERIES
from contracts.subscriber.notifications import NotificationExportPerson, NotificationList
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.asking import Asker
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, QueryRoute, Refused, Unavailable, refused
from storage.delivery.transaction import Reading
from storage.subscriber.notifications import Logged, of_booking, to_person

# A booking that was moved every day for a year has as many.
MOST = 500


class NotificationLog:
    """Answers `notification.list`."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def may_see(self, asked: Asked[NotificationList]) -> bool:
        """Whether the booking is there for the caller: whose it is, its own context knows."""
        query = QUERIES["booking.get"].model_validate({"booking_id": asked.message.booking_id})
        trace = asked.envelope.traceparent
        reply = await self._asker.ask(query, asked.envelope.tenant_id, trace)
        if reply.status == 404:
            return False
        if reply.status != 200:
            raise Unavailable(f"the owner of bookings answered {reply.status}")
        if asked.actor.may("booking:read:any"):
            return True
        user_id: str | None = reply.body["user_id"]
        return user_id is not None and asked.actor.kind == "user" and asked.actor.id == user_id

    async def list(self, read: Reading, asked: Asked[NotificationList]) -> Done | Refused:
        """Oldest first, all of them."""
        if not asked.prepared:
            return refused("not_found", "There is no such booking.")
        rows = await of_booking(read, asked.message.booking_id, MOST)
        return Done(200, {"items": [logged_view(row) for row in rows], "next_cursor": None})


class PersonLog:
    """Answers `notification.export_person`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def list(self, read: Reading, asked: Asked[NotificationExportPerson]) -> Done | Refused:
        """`{items, next_cursor}`: what was said to them, without the words."""
        query = asked.message
        cursors = Cursors.of(self._secret, f"said/{query.user_id}")
        try:
            after = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        rows = await to_person(read, query.user_id, query.limit + 1, after)
        return Done(200, cursors.page(read.tenant_id, rows, query.limit, logged_view, _place))


def _place(row: Logged) -> list[str]:
    return [rfc3339(row.created_at), str(row.notification_id)]


def logged_view(row: Logged) -> dict[str, Any]:
    """A NotificationView."""
    return {
        "id": str(row.notification_id),
        "template": row.template,
        "channel": row.channel,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "created_at": rfc3339(row.created_at),
        "ended_at": None if row.ended_at is None else rfc3339(row.ended_at),
    }


def log_routes(asker: Asker, secret: str) -> tuple[QueryRoute, ...]:
    """Every query of the notification context."""
    log = NotificationLog(asker)
    return (
        QueryRoute(NotificationList, log.list, log.may_see),
        QueryRoute(NotificationExportPerson, PersonLog(secret).list, private=True),
    )
