"""Events become deliveries: one for each endpoint that wants to hear of them."""

from datetime import datetime
from uuid import UUID, uuid5

import orjson

from contracts.wire.envelope import Envelope
from journal.spans import here
from storage.delivery.transaction import Writing
from storage.subscriber.webhook_deliveries import DeliveryRow, add_deliveries
from storage.subscriber.webhooks import listening, withhold

_ENDS_AND_RETURNS = frozenset({"tenant.deleted", "tenant.restored"})


async def hear(work: Writing, event: Envelope) -> None:
    """Afterwards the event is due at every enabled endpoint that has a filter for it, and to be
    had, if it is asked for, by one that failed and is mended. Once its tenant is deleted nothing is
    sent any more, this included, until it is restored."""
    kind = event.type.partition(".")[0]
    found = await listening(work, ("*", f"{kind}.*", event.type))
    rows = [
        delivery_of(event, work.tenant_id, webhook_id, work.now, enabled=enabled)
        for webhook_id, enabled in found
    ]
    await add_deliveries(work, rows)
    if event.type in _ENDS_AND_RETURNS:
        tenant = orjson.loads(event.data)
        await withhold(work, tenant["version"], withheld=tenant["deleted_at"] is not None)


def delivery_of(
    event: Envelope, tenant_id: UUID, webhook_id: UUID, now: datetime, *, enabled: bool = True
) -> DeliveryRow:
    """The delivery of this event to this endpoint, due now if that is enabled; its id follows from
    both."""
    return DeliveryRow(
        tenant_id=tenant_id,
        delivery_id=uuid5(event.id, f"webhook/{webhook_id}"),
        webhook_id=webhook_id,
        event_id=event.id,
        event_type=event.type,
        payload=payload_of(event),
        state="pending" if enabled else "cancelled",
        created_at=now,
        due_at=now if enabled else None,
        traceparent=here(event.traceparent),
    )


def payload_of(event: Envelope) -> str:
    """The event as CloudEvents 1.0 JSON. Who did it, and by which request, stays inside."""
    document = {
        "specversion": "1.0",
        "id": str(event.id),
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": event.time,
        "tenantid": str(event.tenant_id),
        "sequence": event.sequence,
        "datacontenttype": "application/json",
        "data": orjson.loads(event.data),
    }
    return orjson.dumps(document).decode()
