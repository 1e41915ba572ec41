"""Forgetting, as the timers' own role: old deliveries, endpoints deleted long ago, and tenants."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.subscriber import notifications, templates
from storage.subscriber.report_tables import REPORT_TABLES
from storage.subscriber.tables import (
    AUDIT_ADDRESS,
    BILLING,
    METADATA,
    WEBHOOK,
    WEBHOOK_ATTEMPT,
    WEBHOOK_DELIVERY,
)

# all tenants: rows go by age, attempts with their deliveries; what waits is kept for as long as
# somebody is going to send it
_OLD = (
    text("""
        DELETE FROM webhook_delivery d
        WHERE created_at < clock_timestamp() - make_interval(days => :days)
          AND (state <> 'pending' OR EXISTS (SELECT FROM webhook e
              WHERE e.tenant_id = d.tenant_id AND e.webhook_id = d.webhook_id AND NOT e.enabled))
    """),
)
# all tenants: rows go by age
_DELETED = (
    text("DELETE FROM webhook WHERE deleted_at < clock_timestamp() - make_interval(days => :days)"),
)


async def forget_old(engine: AsyncEngine, days: int) -> None:
    """Deliveries that were made, or given up, and are older than that."""
    await purging.forget(engine, _OLD, days)


async def forget_deleted(engine: AsyncEngine, days: int) -> None:
    """Endpoints that were deleted longer ago than that, with all that was to be sent there."""
    await purging.forget(engine, _DELETED, days)


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    """All that there is of a tenant but the audit trail, which forgets its addresses."""
    await notifications.forget_tenant(engine, tenant_id)
    await templates.forget_tenant(engine, tenant_id)
    reports = [METADATA.tables[name] for name in REPORT_TABLES]
    tables = (AUDIT_ADDRESS, WEBHOOK_ATTEMPT, WEBHOOK_DELIVERY, WEBHOOK, *BILLING, *reports)
    await purging.forget_tenant(engine, tables, tenant_id)
