"""Queries on resources and their overrides. Nobody commits here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.names import name_key
from storage.delivery.transaction import Reading, Writing
from storage.resource.tables import OVERRIDE, RESOURCE

_COLUMNS = tuple(column for column in RESOURCE.c if column.name != "name_key")
_OVERRIDE_COLUMNS = tuple(OVERRIDE.c)


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """What a resource does on one date instead of its usual week."""

    override_id: UUID
    on_date: date
    closed: bool
    windows: Sequence[Mapping[str, str]]
    beyond_business_hours: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A resource as it is stored, with its overrides by date."""

    tenant_id: UUID
    resource_id: UUID
    name: str
    category_id: UUID | None
    kind: str
    description: str
    capacity: int
    timezone: str | None
    availability_schedule: dict[str, Any] | None
    buffer_before_minutes: int | None
    buffer_after_minutes: int | None
    attributes: dict[str, Any]
    price: dict[str, Any] | None
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    overrides: tuple[OverrideRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """What a list is asked for. Each member of `attributes` holds the documents of which a
    resource's attributes must contain one."""

    category_id: UUID | None = None
    kind: str | None = None
    active: bool | None = None
    name_part: str | None = None
    attributes: Sequence[Sequence[Mapping[str, Any]]] = ()
    include_deleted: bool = False


async def find_resource(
    read: Reading, resource_id: UUID, *, lock: bool = False, deleted: bool = False
) -> ResourceRow | None:
    """The resource; one that is deleted only when asked for. `lock` holds it until the commit."""
    query = select(*_COLUMNS).where(
        RESOURCE.c.tenant_id == read.tenant_id, RESOURCE.c.resource_id == resource_id
    )
    if not deleted:
        query = query.where(RESOURCE.c.deleted_at.is_(None))
    if lock:
        query = query.with_for_update()
    row = (await read.run(query)).one_or_none()
    if row is None:
        return None
    return _resource(row, await _overrides_of(read, [resource_id]))


async def list_resources(
    read: Reading, wanted: ResourceFilter, limit: int, after: tuple[datetime, UUID] | None
) -> list[ResourceRow]:
    """Resources by creation, `limit` at most, after the given place."""
    query = (
        select(*_COLUMNS)
        .where(RESOURCE.c.tenant_id == read.tenant_id, *_conditions(wanted))
        .order_by(RESOURCE.c.created_at, RESOURCE.c.resource_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(RESOURCE.c.created_at, RESOURCE.c.resource_id) > after)
    rows = (await read.run(query)).all()
    overrides = await _overrides_of(read, [row.resource_id for row in rows])
    return [_resource(row, overrides) for row in rows]


async def add_resource(write: Writing, resource: ResourceRow) -> bool:
    """Inserts the resource; False when its id is taken."""
    statement = (
        upsert(RESOURCE)
        .values(_values(resource))
        .on_conflict_do_nothing()
        .returning(RESOURCE.c.resource_id)
    )
    return (await write.run(statement)).one_or_none() is not None


async def save_resource(write: Writing, resource: ResourceRow) -> None:
    """Writes every column of a resource that was loaded under lock; its overrides stay."""
    statement = update(RESOURCE).where(
        RESOURCE.c.tenant_id == resource.tenant_id,
        RESOURCE.c.resource_id == resource.resource_id,
    )
    await write.run(statement.values(_values(resource)))


async def add_override(write: Writing, resource_id: UUID, override: OverrideRow) -> None:
    """Inserts an override of a resource that was loaded under lock."""
    await write.run(
        upsert(OVERRIDE).values(
            tenant_id=write.tenant_id,
            resource_id=resource_id,
            **{field.name: getattr(override, field.name) for field in fields(override)},
        )
    )


async def remove_override(write: Writing, resource_id: UUID, override_id: UUID) -> None:
    """Deletes the override; the resource's events have it."""
    await write.run(
        delete(OVERRIDE).where(
            OVERRIDE.c.tenant_id == write.tenant_id,
            OVERRIDE.c.resource_id == resource_id,
            OVERRIDE.c.override_id == override_id,
        )
    )


def _conditions(wanted: ResourceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.category_id is not None:
        found.append(RESOURCE.c.category_id == wanted.category_id)
    if wanted.kind is not None:
        found.append(RESOURCE.c.kind == wanted.kind)
    if wanted.active is not None:
        found.append(RESOURCE.c.active == wanted.active)
    if wanted.name_part:
        found.append(RESOURCE.c.name_key.contains(name_key(wanted.name_part), autoescape=True))
    found += [
        or_(*(RESOURCE.c.attributes.contains(document) for document in documents))
        for documents in wanted.attributes
    ]
    if not wanted.include_deleted:
        found.append(RESOURCE.c.deleted_at.is_(None))
    return found


async def _overrides_of(
    read: Reading, resource_ids: Sequence[UUID]
) -> dict[UUID, tuple[OverrideRow, ...]]:
    if not resource_ids:
        return {}
    query = (
        select(*_OVERRIDE_COLUMNS)
        .where(OVERRIDE.c.tenant_id == read.tenant_id, OVERRIDE.c.resource_id.in_(resource_ids))
        .order_by(OVERRIDE.c.resource_id, OVERRIDE.c.on_date)
    )
    found: dict[UUID, tuple[OverrideRow, ...]] = {}
    for row in await read.run(query):
        values = row._asdict()
        resource_id = values.pop("resource_id")
        del values["tenant_id"]
        found[resource_id] = (*found.get(resource_id, ()), OverrideRow(**values))
    return found


def _resource(row: Row[Any], overrides: Mapping[UUID, tuple[OverrideRow, ...]]) -> ResourceRow:
    return ResourceRow(**row._asdict(), overrides=overrides.get(row.resource_id, ()))


def _values(resource: ResourceRow) -> dict[str, Any]:
    values = {
        field.name: getattr(resource, field.name)
        for field in fields(resource)
        if field.name != "overrides"
    }
    return {**values, "name_key": name_key(resource.name)}
