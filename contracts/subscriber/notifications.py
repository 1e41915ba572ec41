"""What was said about a booking: which template, by which way, when, and what became of it."""

from typing import ClassVar, Literal

from contracts.wire.saying import Channel
from contracts.wire.strict import Id, Instant, Page, Query, Strict


class NotificationList(Query):
    """Every message about a booking, oldest first."""

    type: ClassVar[str] = "notification.list"
    context: ClassVar[str] = "notification"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")

    booking_id: Id


class NotificationExportPerson(Page):
    """Every message to one person, oldest first."""

    type: ClassVar[str] = "notification.export_person"
    context: ClassVar[str] = "notification"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    user_id: Id


class NotificationView(Strict):
    """`queued` until it is `sent`, `failed` for good, or `skipped` since there was nobody to tell;
    `reason` says why it is not sent, or not yet."""

    id: Id
    template: str
    channel: Channel
    state: Literal["queued", "sent", "failed", "skipped"]
    reason: str | None
    attempts: int
    created_at: Instant
    ended_at: Instant | None


QUERIES: tuple[type[Query], ...] = (NotificationList, NotificationExportPerson)
