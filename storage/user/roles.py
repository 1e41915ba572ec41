"""Queries on the organisations' own roles. Nobody commits here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.names import name_key
from storage.delivery.transaction import Reading, Writing
from storage.user.tables import ACCOUNT, ROLE

_COLUMNS = tuple(column for column in ROLE.c if column.name != "name_key")
# Not now(), which is when the transaction began: before it had the lock.
_MICROSECONDS = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
_ROLES_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('roles:' || :tenant_id, 0))")


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as it is stored; users hold it by its name."""

    tenant_id: UUID
    role_id: UUID
    name: str
    permissions: tuple[str, ...]
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoleBook:
    """All roles of a tenant that are not deleted; `version` rises with every change of any."""

    version: int
    permissions: Mapping[str, tuple[str, ...]]


async def find_role(
    read: Reading, role_id: UUID, *, lock: bool = False, deleted: bool = False
) -> RoleRow | None:
    """The role; one that is deleted only when asked for. `lock` holds it until the commit."""
    query = select(*_COLUMNS).where(ROLE.c.tenant_id == read.tenant_id, ROLE.c.role_id == role_id)
    if not deleted:
        query = query.where(ROLE.c.deleted_at.is_(None))
    if lock:
        query = query.with_for_update()
    row = (await read.run(query)).one_or_none()
    return None if row is None else _role(row)


async def list_roles(read: Reading, *, include_deleted: bool = False) -> list[RoleRow]:
    """Every role of the tenant, by age: they are few."""
    query = (
        select(*_COLUMNS)
        .where(ROLE.c.tenant_id == read.tenant_id)
        .order_by(ROLE.c.created_at, ROLE.c.role_id)
    )
    if not include_deleted:
        query = query.where(ROLE.c.deleted_at.is_(None))
    return [_role(row) for row in await read.run(query)]


async def permissions_by_role(
    read: Reading, names: Collection[str], *, hold: bool = False
) -> dict[str, tuple[str, ...]]:
    """What those of the named roles hold that there are. With `hold` they stay until the commit:
    nobody is given a role that goes away meanwhile."""
    if not names:
        return {}
    query = select(ROLE.c.name, ROLE.c.permissions).where(
        ROLE.c.tenant_id == read.tenant_id,
        ROLE.c.name.in_(sorted(names)),
        ROLE.c.deleted_at.is_(None),
    )
    if hold:
        query = query.with_for_update(read=True)
    return {row.name: tuple(row.permissions) for row in await read.run(query)}


async def lock_roles(work: Writing) -> None:
    """Until the commit nobody else changes this tenant's roles: what is told of all of them
    together is what the last of several changes made of them."""
    await work.run(_ROLES_LOCK, {"tenant_id": str(work.tenant_id)})


async def role_book(write: Writing) -> RoleBook:
    """All of the tenant's roles, under `lock_roles`: whoever has the lock is later than whoever had
    it, which no count of rows or versions says once old rows are purged."""
    version = int((await write.run(_MICROSECONDS)).scalar_one())
    return RoleBook(version, {row.name: row.permissions for row in await list_roles(write)})


async def add_role(write: Writing, role: RoleRow) -> str | None:
    """Inserts the role, or says which of its keys is taken: `id` or `name`."""
    statement = (
        upsert(ROLE).values(_values(role)).on_conflict_do_nothing().returning(ROLE.c.role_id)
    )
    if (await write.run(statement)).one_or_none() is not None:
        return None
    return "id" if await find_role(write, role.role_id, deleted=True) else "name"


async def save_role(write: Writing, role: RoleRow) -> None:
    """Writes every column of a role that was loaded under lock."""
    statement = update(ROLE).where(
        ROLE.c.tenant_id == role.tenant_id, ROLE.c.role_id == role.role_id
    )
    await write.run(statement.values(_values(role)))


async def name_is_taken(read: Reading, name: str, but_for: UUID) -> bool:
    """Whether another role that is not deleted has this name."""
    query = select(ROLE.c.role_id).where(
        ROLE.c.tenant_id == read.tenant_id,
        ROLE.c.name_key == name_key(name),
        ROLE.c.role_id != but_for,
        ROLE.c.deleted_at.is_(None),
    )
    return (await read.run(query)).first() is not None


async def is_held(read: Reading, name: str) -> bool:
    """Whether a user who is not deleted holds the role of this name."""
    query = select(ACCOUNT.c.user_id).where(
        ACCOUNT.c.tenant_id == read.tenant_id,
        ACCOUNT.c.roles.contains([name]),
        ACCOUNT.c.deleted_at.is_(None),
    )
    return (await read.run(query.limit(1))).first() is not None


def _role(row: Row[Any]) -> RoleRow:
    return RoleRow(**{**row._asdict(), "permissions": tuple(row.permissions)})


def _values(role: RoleRow) -> dict[str, Any]:
    values = {field.name: getattr(role, field.name) for field in fields(role)}
    return {**values, "permissions": list(role.permissions), "name_key": name_key(role.name)}
