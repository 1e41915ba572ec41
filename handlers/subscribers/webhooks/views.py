"""What is answered and told about webhooks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.wire.strict import rfc3339
from handlers.delivery.merging import changed_fields
from handlers.delivery.work import Happened
from handlers.subscribers.webhooks.urls import host_of
from storage.subscriber.webhook_deliveries import AttemptRow, DeliveryRow
from storage.subscriber.webhooks import WebhookRow

REDACTED = {"before": None, "after": None, "redacted": True}
_TOLD = ("host", "event_types", "enabled", "disabled_reason", "deleted_at")


def webhook_view(row: WebhookRow, now: datetime) -> dict[str, Any]:
    """A WebhookView."""
    until = row.old_secret_until
    return {
        "id": str(row.webhook_id),
        "tenant_id": str(row.tenant_id),
        "url": row.url,
        "event_types": list(row.event_types),
        "enabled": row.enabled,
        "disabled_reason": row.disabled_reason,
        "failing_since": told(row.failing_since),
        "old_secret_valid_until": told(until) if until is not None and until > now else None,
        "created_by": row.created_by,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "version": row.version,
    }


def delivery_view(row: DeliveryRow, attempts: Sequence[AttemptRow]) -> dict[str, Any]:
    """A DeliveryView."""
    return {
        "id": str(row.delivery_id),
        "webhook_id": str(row.webhook_id),
        "event_id": str(row.event_id),
        "event_type": row.event_type,
        "state": row.state,
        "created_at": rfc3339(row.created_at),
        "next_attempt_at": told(row.due_at),
        "attempts": [
            {
                "number": one.number,
                "at": rfc3339(one.at),
                "duration_ms": one.duration_ms,
                "status": one.status,
                "error": one.error,
                "answer": one.answer,
            }
            for one in attempts
        ],
    }


def happened(event_type: str, row: WebhookRow, before: WebhookRow | None) -> Happened:
    """The event, with what changed; of a URL only that it did."""
    state, old = _state(row), None if before is None else _state(before)
    changes = changed_fields(old, state, _TOLD)
    if before is not None and before.url != row.url:
        changes["url"] = REDACTED
    if before is not None and before.secret != row.secret:
        changes["secret"] = REDACTED
    return Happened(
        event_type, "webhook", row.webhook_id, row.version, state, changes, row.tenant_id
    )


def _state(row: WebhookRow) -> dict[str, Any]:
    """A WebhookEventState."""
    return {
        "id": str(row.webhook_id),
        "tenant_id": str(row.tenant_id),
        "host": host_of(row.url),
        "event_types": list(row.event_types),
        "enabled": row.enabled,
        "disabled_reason": row.disabled_reason,
        "created_by": row.created_by,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "deleted_at": told(row.deleted_at),
        "version": row.version,
    }


def told(moment: datetime | None) -> str | None:
    """The instant, where there is one."""
    return None if moment is None else rfc3339(moment)
