"""A twin's webhooks: endpoints, what was heard for them, and where the second pages begin."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from contracts.wire.identity import new_id
from handlers.subscribers.webhooks.hearing import hear
from storage.delivery.transaction import writing
from tests.integration.subscribers.webhooks.conftest import event_of
from tests.integration.twins_street import Street

Do = Callable[..., Awaitable[Any]]


async def add_webhooks(do: Do, street: Street, tenant: dict[str, str], canary: str) -> None:
    """`tenant` are its words, which are more afterwards."""
    for name in ("webhook", "second webhook"):
        await do(
            "webhook.create",
            name,
            tenant_id=tenant["tenant"],
            url=f"https://hooks.example/{canary}",
            event_types=["*"],
        )
    for _ in range(2):
        event = event_of(UUID(tenant["tenant"]), "booking.created", note=canary)
        transaction = writing(
            street.desks["webhook"].engine,
            event.tenant_id,
            new_id(),
            fingerprint="",
            actor="system",
            reply_to="",
            traceparent="",
        )
        async with transaction as (work, _):
            await hear(work, event)
    asked = {"webhook_id": tenant["webhook"], "limit": 1}
    log = await do("webhook.deliveries", **asked)
    tenant["delivery"] = log["items"][0]["id"]
    tenant["cursor of webhook.deliveries"] = log["next_cursor"]
    tenant["cursor of webhook.list"] = (await do("webhook.list", limit=1))["next_cursor"]
