"""Which tenant is meant, by its id or its slug, and how it stands."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ops.errors import StartupError
from storage.delivery.transaction import reading
from storage.tenant.tables import TENANT


@dataclass(frozen=True, slots=True)
class Found:
    """A tenant that is there."""

    id: UUID
    slug: str
    name: str
    status: str


async def find_tenant(engine: AsyncEngine, said: str) -> Found:
    """Raises StartupError where there is none, or one that cannot move as it is."""
    # As the platform, which sees all of them.
    async with reading(engine, None) as read:
        row = None
        with suppress(ValueError):
            row = (await read.run(select(TENANT).where(TENANT.c.tenant_id == UUID(said)))).first()
        if row is None:
            row = (await read.run(select(TENANT).where(TENANT.c.slug == said))).first()
    if row is None:
        raise StartupError(f"There is no tenant {said}.")
    if row.deleted_at is not None:
        raise StartupError(f"The tenant {said} is deleted: restore it first.")
    if row.status == "provisioning":
        raise StartupError(f"The tenant {said} is being made: try again in a moment.")
    return Found(row.tenant_id, row.slug, row.name, row.status)
