"""What is answered about webhooks: the endpoints, and the log of what was sent to them."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from contracts.subscriber.webhooks import WebhookDeliveries, WebhookGet, WebhookList
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.fitting import fitting
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.subscribers.webhooks.endpoints import NOT_FOUND
from handlers.subscribers.webhooks.views import delivery_view, webhook_view
from storage.delivery.transaction import Reading
from storage.subscriber.webhook_deliveries import (
    AttemptRow,
    DeliveryRow,
    attempts_of,
    list_deliveries,
)
from storage.subscriber.webhooks import WebhookRow, find_webhook, list_webhooks

BAD_CURSOR = refused("invalid_cursor", "This cursor is not from this list.")


async def get_webhook(read: Reading, asked: Asked[WebhookGet]) -> Done | Refused:
    """An endpoint, without its secrets."""
    row = await find_webhook(read, asked.message.webhook_id)
    return NOT_FOUND if row is None else Done(200, webhook_view(row, read.now))


class WebhookLists:
    """Lists, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def endpoints(self, read: Reading, asked: Asked[WebhookList]) -> Done | Refused:
        """By creation."""
        query = asked.message
        cursors = Cursors.of(self._secret, "webhooks")
        try:
            after = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return BAD_CURSOR
        rows = await list_webhooks(read, query.limit + 1, after)

        def view(row: WebhookRow) -> dict[str, Any]:
            return webhook_view(row, read.now)

        count = fitting(rows, query.limit, view)
        return Done(200, cursors.page(read.tenant_id, rows, count, view, _place_of_webhook))

    async def deliveries(self, read: Reading, asked: Asked[WebhookDeliveries]) -> Done | Refused:
        """Newest first, with every attempt."""
        query = asked.message
        cursors = Cursors.of(self._secret, f"webhook/{query.webhook_id}")
        if await find_webhook(read, query.webhook_id) is None:
            return NOT_FOUND
        try:
            before = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return BAD_CURSOR
        rows = await list_deliveries(read, query.webhook_id, query.state, query.limit + 1, before)
        attempts: dict[UUID, list[AttemptRow]] = defaultdict(list)
        for attempt in await attempts_of(read, [row.delivery_id for row in rows]):
            attempts[attempt.delivery_id].append(attempt)

        def view(row: DeliveryRow) -> dict[str, Any]:
            return delivery_view(row, attempts[row.delivery_id])

        count = fitting(rows, query.limit, view)
        return Done(200, cursors.page(read.tenant_id, rows, count, view, _place_of_delivery))


def _place_of_webhook(row: WebhookRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.webhook_id)]


def _place_of_delivery(row: DeliveryRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.delivery_id)]
