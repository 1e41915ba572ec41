"""Forgetting, as the timers' own role: tenants that were deleted long ago, but for their slugs."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.tenant.tables import BRANDING, SETTINGS

# all tenants: they go by age
_MARK = text("""
    UPDATE tenant SET purged_at = coalesce(purged_at, clock_timestamp()), name = ''
    WHERE deleted_at IS NOT NULL AND (
        purged_at IS NULL AND deleted_at < clock_timestamp() - make_interval(days => :days)
        -- Those that were forgotten while their name was kept.
        OR purged_at IS NOT NULL AND name <> ''
    )
""")
# all tenants: the same again for a while, since a deletion elsewhere may have been cut short
_MARKED = text("""
    SELECT tenant_id FROM tenant
    WHERE purged_at > clock_timestamp() - interval '7 days' AND deleted_at IS NOT NULL
""")


async def tenants_to_forget(engine: AsyncEngine, days: int) -> list[UUID]:
    """Those that were deleted longer ago than that. They cannot be restored any more."""
    await purging.forget(engine, (_MARK,), days)
    async with engine.connect() as connection:
        return list(await connection.scalars(_MARKED))


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    """Afterwards there is a slug that never comes back into use."""
    await purging.forget_tenant(engine, (SETTINGS, BRANDING), tenant_id)
