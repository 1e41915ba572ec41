"""Forgetting, as the timers' own role: what was deleted long ago, of every tenant."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.resource.tables import CALENDAR_TOKEN, CATEGORY, OVERRIDE, RESOURCE

# all tenants: what was deleted goes by age
_DELETED = (
    text("""
        DELETE FROM override USING resource
        WHERE resource.tenant_id = override.tenant_id
          AND resource.resource_id = override.resource_id
          AND resource.deleted_at < clock_timestamp() - make_interval(days => :days)
    """),
    text("""
        DELETE FROM calendar_token USING resource
        WHERE resource.tenant_id = calendar_token.tenant_id
          AND resource.resource_id = calendar_token.resource_id
          AND resource.deleted_at < clock_timestamp() - make_interval(days => :days)
    """),
    text("""
        DELETE FROM resource WHERE deleted_at < clock_timestamp() - make_interval(days => :days)
    """),
    text("""
        DELETE FROM category
        WHERE deleted_at < clock_timestamp() - make_interval(days => :days)
          AND NOT EXISTS (
              SELECT 1 FROM resource
              WHERE resource.tenant_id = category.tenant_id
                AND resource.category_id = category.category_id)
    """),
)


async def forget_deleted(engine: AsyncEngine, days: int) -> None:
    """Resources and categories that were deleted longer ago than that."""
    await purging.forget(engine, _DELETED, days)


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    await purging.forget_tenant(engine, (CALENDAR_TOKEN, OVERRIDE, RESOURCE, CATEGORY), tenant_id)
