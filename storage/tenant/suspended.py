"""Which tenants are suspended, as the timers' own role sees them."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.timing import committed

# all tenants: whoever is suspended is so for every process
_SUSPENDED = text("""
    SELECT tenant_id, version FROM tenant WHERE status = 'suspended' AND deleted_at IS NULL
""")


async def suspended_tenants(engine: AsyncEngine) -> list[tuple[UUID, int]]:
    """Their ids, and the versions in which they are."""
    return [(row.tenant_id, row.version) for row in await committed(engine, _SUSPENDED, {})]
