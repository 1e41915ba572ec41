"""Queries on the directory of tenants: what sign-in must know of them. Nobody commits here."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.user.tables import DIRECTORY

ACTIVE, DELETED = "active", "deleted"


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """A tenant in the version in which it was last heard of."""

    tenant_id: UUID
    slug: str
    status: str
    version: int


async def tenant_of_slug(read: Reading, slug: str) -> UUID | None:
    """The active tenant of this slug; asked under the nil tenant."""
    # all tenants: whose slug it is, is the question
    query = select(DIRECTORY.c.tenant_id).where(
        DIRECTORY.c.slug == slug, DIRECTORY.c.status == ACTIVE
    )
    row = (await read.run(query.order_by(DIRECTORY.c.version.desc()).limit(1))).one_or_none()
    return None if row is None else row.tenant_id


async def is_active(read: Reading) -> bool:
    """Whether people of this tenant may sign in; under the nil tenant, the platform's always."""
    query = select(DIRECTORY.c.tenant_id).where(
        DIRECTORY.c.tenant_id == read.tenant_id, DIRECTORY.c.status == ACTIVE
    )
    return (await read.run(query)).one_or_none() is not None


async def keep(write: Writing, row: DirectoryRow) -> None:
    """Writes what was heard unless something newer is there already."""
    values = {
        "tenant_id": row.tenant_id,
        "slug": row.slug,
        "status": row.status,
        "version": row.version,
    }
    statement = upsert(DIRECTORY).values(values)
    await write.run(
        statement.on_conflict_do_update(
            index_elements=["tenant_id"], set_=values, where=DIRECTORY.c.version < row.version
        )
    )
