"""A twin's figures: what its owners and its bookings say is heard, and its open days are there."""

from typing import Any
from uuid import UUID

import orjson

from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.identity import new_id
from contracts.wire.strict import rfc3339
from handlers.subscribers.reports.hearing import hear
from storage.delivery.transaction import writing
from tests.integration.reservation.salon import ALL_DAY, morning
from tests.integration.twins_street import Street

LONG_AGO = rfc3339(morning(-60))


async def add_reports(street: Street, tenant: dict[str, str]) -> None:
    """`tenant` are its words."""
    for event_type, state in (
        ("tenant.settings_updated", {"timezone": "UTC", "business_hours": ALL_DAY, "closures": []}),
        ("resource.created", _resource(tenant)),
        ("booking.status_changed", _booking(tenant, status="no_show")),
        ("booking.cancelled", _booking(tenant, status="cancelled", cancelled_at=LONG_AGO)),
    ):
        said = {"tenant_id": tenant["tenant"], "version": 1, **state}
        await _heard(street, UUID(tenant["tenant"]), event_type, said)
    days = {"first": str(morning(-30).date()), "last": str(morning(60).date())}
    reply = await street.ask("report.survey", UUID(tenant["tenant"]), SYSTEM, days)
    assert reply.body == {"left": 0}


def _resource(tenant: dict[str, str]) -> dict[str, Any]:
    return {
        "id": tenant["resource"],
        "category_id": tenant["category"],
        "capacity": 1,
        "timezone": None,
        "availability_schedule": None,
        "active": True,
        "overrides": [],
        "created_at": LONG_AGO,
        "deleted_at": None,
    }


def _booking(tenant: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "resource_id": tenant["resource"],
        "resource_ids": [tenant["resource"]],
        "category_id": tenant["category"],
        "user_id": None,
        "timezone": "UTC",
        "starts_at": rfc3339(morning(31)),
        "ends_at": rfc3339(morning(31, 10)),
        "quantity": 1,
        "hold_expires_at": None,
        "created_at": LONG_AGO,
        "cancelled_at": None,
        "cancelled_by": "system",
        **more,
    }


async def _heard(street: Street, tenant_id: UUID, event_type: str, state: dict[str, Any]) -> None:
    event = Envelope(
        id=new_id(),
        type=event_type,
        source=event_type.partition(".")[0],
        time=LONG_AGO,
        tenant_id=tenant_id,
        data=orjson.dumps(state),
    )
    how = {"fingerprint": "", "actor": "system", "reply_to": "", "traceparent": ""}
    async with writing(street.desks["report"].engine, tenant_id, new_id(), **how) as (work, _):
        await hear(work, event)
