"""Queries on keys of machines. Nobody commits here."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.user.tables import API_KEY


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key as it is stored: only its SHA-256 is known."""

    tenant_id: UUID
    key_id: UUID
    name: str
    prefix: str
    key_hash: bytes
    scopes: tuple[str, ...]
    cidrs: tuple[str, ...]
    created_by: str
    version: int
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None
    deleted_at: datetime | None = None


async def find_key(
    read: Reading, key_id: UUID, *, lock: bool = False, deleted: bool = False
) -> ApiKeyRow | None:
    """The key; one that is deleted only with `deleted`. `lock` holds it until the commit."""
    query = select(*API_KEY.c).where(
        API_KEY.c.tenant_id == read.tenant_id, API_KEY.c.key_id == key_id
    )
    if not deleted:
        query = query.where(API_KEY.c.deleted_at.is_(None))
    if lock:
        query = query.with_for_update()
    row = (await read.run(query)).one_or_none()
    return None if row is None else _key(row)


async def list_keys(
    read: Reading, limit: int, after: tuple[datetime, UUID] | None, *, include_deleted: bool
) -> list[ApiKeyRow]:
    """Keys by creation, `limit` at most, after the given place."""
    query = (
        select(*API_KEY.c)
        .where(API_KEY.c.tenant_id == read.tenant_id)
        .order_by(API_KEY.c.created_at, API_KEY.c.key_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(API_KEY.c.created_at, API_KEY.c.key_id) > after)
    if not include_deleted:
        query = query.where(API_KEY.c.deleted_at.is_(None))
    return [_key(row) for row in await read.run(query)]


async def count_valid(read: Reading) -> int:
    """How many keys of the tenant can be used."""
    query = select(func.count()).where(
        API_KEY.c.tenant_id == read.tenant_id,
        API_KEY.c.deleted_at.is_(None),
        or_(API_KEY.c.expires_at.is_(None), API_KEY.c.expires_at > read.now),
    )
    return int((await read.run(query)).scalar_one())


async def add_key(write: Writing, key: ApiKeyRow) -> bool:
    """Inserts the key; False where its id is taken."""
    statement = (
        upsert(API_KEY).values(_values(key)).on_conflict_do_nothing().returning(API_KEY.c.key_id)
    )
    return (await write.run(statement)).one_or_none() is not None


async def save_key(write: Writing, key: ApiKeyRow) -> None:
    """Writes every column of a key that was loaded under lock."""
    statement = update(API_KEY).where(
        API_KEY.c.tenant_id == key.tenant_id, API_KEY.c.key_id == key.key_id
    )
    await write.run(statement.values(_values(key)))


async def mark_used(write: Writing, key_id: UUID, *, after: timedelta) -> None:
    """The key's last use is now, unless the one that is known was less than `after` ago."""
    await write.run(
        update(API_KEY)
        .where(
            API_KEY.c.tenant_id == write.tenant_id,
            API_KEY.c.key_id == key_id,
            or_(
                API_KEY.c.last_used_at.is_(None),
                API_KEY.c.last_used_at <= write.now - after,
            ),
        )
        .values(last_used_at=write.now)
    )


def _key(row: Row[Any]) -> ApiKeyRow:
    values = row._asdict()
    return ApiKeyRow(**{**values, "scopes": tuple(row.scopes), "cidrs": tuple(row.cidrs)})


def _values(key: ApiKeyRow) -> dict[str, Any]:
    values = {field.name: getattr(key, field.name) for field in fields(key)}
    return {**values, "scopes": list(key.scopes), "cidrs": list(key.cidrs)}
