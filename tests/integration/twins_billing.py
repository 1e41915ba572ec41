"""A twin's bill: lines of its bookings, and where the second page of a statement begins."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from handlers.subscribers.billing.hearing import hear
from storage.delivery.transaction import writing
from tests.integration.subscribers.billing.books import booked
from tests.integration.twins_street import Street

Do = Callable[..., Awaitable[Any]]


async def add_lines(do: Do, street: Street, tenant: dict[str, str]) -> None:
    """`tenant` are its words, which are more afterwards."""
    for _ in range(2):
        (event,) = booked(
            UUID(tenant["tenant"]),
            "2026-12-01T12:00:00Z",
            id=tenant["booking"],
            resource_id=tenant["resource"],
        ).events
        how = {"fingerprint": "", "actor": "system", "reply_to": "", "traceparent": ""}
        engine = street.desks["billing"].engine
        async with writing(engine, event.tenant_id, event.id, **how) as (work, _found):
            await hear(work, event)
    page = await do("billing.statement", month="2026-12", limit=1)
    tenant["cursor of billing.statement"] = page["next_cursor"]
