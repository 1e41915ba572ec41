"""Queries on tenants, their settings and their branding. Nobody commits here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts.wire.identity import NIL
from storage.delivery.transaction import Reading, Writing
from storage.tenant.tables import BRANDING, SETTINGS, TENANT


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A tenant as it is stored."""

    tenant_id: UUID
    name: str
    slug: str | None
    status: str
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    purged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """Settings or branding: a JSON document and its version."""

    tenant_id: UUID
    document: dict[str, Any]
    version: int
    updated_at: datetime


async def find_tenant(
    read: Reading, tenant_id: UUID, *, lock: bool = False, deleted: bool = False
) -> TenantRow | None:
    """The tenant; one that is deleted only when asked for. `lock` holds it until the commit."""
    query = select(TENANT).where(TENANT.c.tenant_id == tenant_id)
    if not deleted:
        query = query.where(TENANT.c.deleted_at.is_(None))
    if lock:
        query = query.with_for_update()
    row = (await read.run(query)).one_or_none()
    return None if row is None else _tenant(row)


async def find_by_slug(read: Reading, slug: str) -> TenantRow | None:
    """The tenant that has this slug now; asked under the nil tenant."""
    # all tenants: whose slug it is, is the question
    query = select(TENANT).where(TENANT.c.slug == slug, TENANT.c.deleted_at.is_(None))
    row = (await read.run(query)).one_or_none()
    return None if row is None else _tenant(row)


async def list_tenants(
    read: Reading, limit: int, after: tuple[datetime, UUID] | None, *, include_deleted: bool
) -> list[TenantRow]:
    """Tenants by creation, `limit` at most, after the given place."""
    # all tenants: platform administrators list them; row-level security shows others only their own
    query = select(TENANT).order_by(TENANT.c.created_at, TENANT.c.tenant_id).limit(limit)
    if after is not None:
        query = query.where(tuple_(TENANT.c.created_at, TENANT.c.tenant_id) > after)
    if not include_deleted:
        query = query.where(TENANT.c.deleted_at.is_(None))
    return [_tenant(row) for row in await read.run(query)]


async def add_tenant(write: Writing, tenant: TenantRow) -> str | None:
    """Inserts the tenant, or says which of its keys is taken: `id` or `slug`."""
    statement = (
        upsert(TENANT)
        .values(_values(tenant))
        .on_conflict_do_nothing()
        .returning(TENANT.c.tenant_id)
    )
    if (await write.run(statement)).one_or_none() is not None:
        return None
    return "id" if await find_tenant(write, tenant.tenant_id, deleted=True) else "slug"


async def slug_is_taken(write: Writing, slug: str, but_for: UUID) -> bool:
    """Whether another tenant has, or had, this slug."""
    # all tenants: slugs are unique on the installation, so the platform's eyes are needed
    query = select(TENANT.c.tenant_id).where(TENANT.c.slug == slug, TENANT.c.tenant_id != but_for)
    asking = write.tenant_id
    await write.enter(NIL)
    taken = (await write.run(query)).first() is not None
    await write.enter(asking)
    return taken


async def save_tenant(write: Writing, tenant: TenantRow) -> None:
    """Writes every column of a tenant that was loaded under lock."""
    await write.run(
        update(TENANT).where(TENANT.c.tenant_id == tenant.tenant_id).values(_values(tenant))
    )


async def find_settings(
    read: Reading, tenant_id: UUID, *, lock: bool = False
) -> DocumentRow | None:
    """The tenant's settings."""
    return await _find_document(read, SETTINGS, tenant_id, lock=lock)


async def save_settings(write: Writing, row: DocumentRow) -> None:
    """Inserts or replaces the settings."""
    await _save_document(write, SETTINGS, row)


async def find_branding(
    read: Reading, tenant_id: UUID, *, lock: bool = False
) -> DocumentRow | None:
    """The tenant's branding, if any was saved."""
    return await _find_document(read, BRANDING, tenant_id, lock=lock)


async def save_branding(write: Writing, row: DocumentRow) -> None:
    """Inserts or replaces the branding."""
    await _save_document(write, BRANDING, row)


async def _find_document(
    read: Reading, table: Any, tenant_id: UUID, *, lock: bool
) -> DocumentRow | None:
    query = select(table).where(table.c.tenant_id == tenant_id)
    row = (await read.run(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    return DocumentRow(row.tenant_id, row.document, row.version, row.updated_at)


async def _save_document(write: Writing, table: Any, row: DocumentRow) -> None:
    values = {
        "tenant_id": row.tenant_id,
        "document": row.document,
        "version": row.version,
        "updated_at": row.updated_at,
    }
    statement = upsert(table).values(values)
    await write.run(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))


def _tenant(row: Row[Any]) -> TenantRow:
    return TenantRow(**row._asdict())


def _values(tenant: TenantRow) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "name": tenant.name,
        "slug": tenant.slug,
        "status": tenant.status,
        "version": tenant.version,
        "created_at": tenant.created_at,
        "updated_at": tenant.updated_at,
        "deleted_at": tenant.deleted_at,
    }
