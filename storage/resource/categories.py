"""Queries on categories. Nobody commits here."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.names import name_key
from storage.delivery.transaction import Reading, Writing
from storage.resource.tables import CATEGORY, RESOURCE

_COLUMNS = tuple(column for column in CATEGORY.c if column.name != "name_key")


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as it is stored."""

    tenant_id: UUID
    category_id: UUID
    name: str
    description: str
    attribute_schema: dict[str, Any] | None
    icon: str | None
    color: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


async def find_category(
    read: Reading, category_id: UUID, *, lock: bool = False, deleted: bool = False
) -> CategoryRow | None:
    """The category; one that is deleted only when asked for. `lock` holds it until the commit."""
    query = _one(read, category_id)
    if not deleted:
        query = query.where(CATEGORY.c.deleted_at.is_(None))
    if lock:
        query = query.with_for_update()
    row = (await read.run(query)).one_or_none()
    return None if row is None else _category(row)


async def hold_category(work: Writing, category_id: UUID) -> CategoryRow | None:
    """The category, which until the commit can be neither deleted nor changed; it may be shared."""
    query = _one(work, category_id).where(CATEGORY.c.deleted_at.is_(None))
    row = (await work.run(query.with_for_update(read=True))).one_or_none()
    return None if row is None else _category(row)


async def list_categories(
    read: Reading, limit: int, after: tuple[datetime, UUID] | None, *, include_deleted: bool
) -> list[CategoryRow]:
    """Categories by creation, `limit` at most, after the given place."""
    query = (
        select(*_COLUMNS)
        .where(CATEGORY.c.tenant_id == read.tenant_id)
        .order_by(CATEGORY.c.created_at, CATEGORY.c.category_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(CATEGORY.c.created_at, CATEGORY.c.category_id) > after)
    if not include_deleted:
        query = query.where(CATEGORY.c.deleted_at.is_(None))
    return [_category(row) for row in await read.run(query)]


async def attribute_schemas(
    read: Reading, category_ids: Collection[UUID]
) -> dict[UUID, dict[str, Any] | None]:
    """The schemas of these categories."""
    if not category_ids:
        return {}
    query = select(CATEGORY.c.category_id, CATEGORY.c.attribute_schema).where(
        CATEGORY.c.tenant_id == read.tenant_id, CATEGORY.c.category_id.in_(category_ids)
    )
    return {row.category_id: row.attribute_schema for row in await read.run(query)}


async def add_category(write: Writing, category: CategoryRow) -> str | None:
    """Inserts the category, or says which of its keys is taken: `id` or `name`."""
    statement = (
        upsert(CATEGORY)
        .values(_values(category))
        .on_conflict_do_nothing()
        .returning(CATEGORY.c.category_id)
    )
    if (await write.run(statement)).one_or_none() is not None:
        return None
    return "id" if await find_category(write, category.category_id, deleted=True) else "name"


async def name_is_taken(read: Reading, name: str, but_for: UUID) -> bool:
    """Whether another category that is not deleted has this name."""
    query = select(CATEGORY.c.category_id).where(
        CATEGORY.c.tenant_id == read.tenant_id,
        CATEGORY.c.name_key == name_key(name),
        CATEGORY.c.category_id != but_for,
        CATEGORY.c.deleted_at.is_(None),
    )
    return (await read.run(query)).first() is not None


async def has_resources(read: Reading, category_id: UUID) -> bool:
    """Whether a resource that is not deleted belongs to the category."""
    query = (
        select(RESOURCE.c.resource_id)
        .where(
            RESOURCE.c.tenant_id == read.tenant_id,
            RESOURCE.c.category_id == category_id,
            RESOURCE.c.deleted_at.is_(None),
        )
        .limit(1)
    )
    return (await read.run(query)).first() is not None


async def save_category(write: Writing, category: CategoryRow) -> None:
    """Writes every column of a category that was loaded under lock."""
    statement = update(CATEGORY).where(
        CATEGORY.c.tenant_id == category.tenant_id,
        CATEGORY.c.category_id == category.category_id,
    )
    await write.run(statement.values(_values(category)))


def _one(read: Reading, category_id: UUID) -> Any:
    return select(*_COLUMNS).where(
        CATEGORY.c.tenant_id == read.tenant_id, CATEGORY.c.category_id == category_id
    )


def _category(row: Row[Any]) -> CategoryRow:
    return CategoryRow(**row._asdict())


def _values(category: CategoryRow) -> dict[str, Any]:
    return {**asdict(category), "name_key": name_key(category.name)}
