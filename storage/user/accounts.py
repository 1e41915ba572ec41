"""Queries on accounts. Nobody commits here."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts.wire.identity import NIL
from domain.user.email import normalise_email
from domain.user.roles import OWNER, PLATFORM_ADMIN
from storage.delivery.names import name_key
from storage.delivery.transaction import Reading, Writing
from storage.user.tables import ACCOUNT

_COLUMNS = tuple(column for column in ACCOUNT.c if column.name not in ("email_key", "name_key"))
_OWNERS_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('owners:' || :tenant_id, 0))")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A user as it is stored."""

    tenant_id: UUID
    user_id: UUID
    email: str
    name: str
    phone: str | None
    locale: str | None
    timezone: str | None
    roles: tuple[str, ...]
    attributes: dict[str, Any]
    active: bool
    password_hash: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    erased_at: datetime | None = None
    notification_preferences: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What a list is asked for; `part` is looked for in names and addresses."""

    part: str | None = None
    role: str | None = None
    active: bool | None = None
    include_deleted: bool = False


async def find_account(
    read: Reading, user_id: UUID, *, lock: bool = False, deleted: bool = False
) -> AccountRow | None:
    """The user; one that is deleted only when asked for. `lock` holds it until the commit."""
    query = select(*_COLUMNS).where(
        ACCOUNT.c.tenant_id == read.tenant_id, ACCOUNT.c.user_id == user_id
    )
    if not deleted:
        query = query.where(ACCOUNT.c.deleted_at.is_(None))
    if lock:
        query = query.with_for_update()
    row = (await read.run(query)).one_or_none()
    return None if row is None else _account(row)


async def find_by_email(read: Reading, email: str) -> AccountRow | None:
    """The user who has this address and is not deleted."""
    query = select(*_COLUMNS).where(
        ACCOUNT.c.tenant_id == read.tenant_id,
        ACCOUNT.c.email_key == normalise_email(email),
        ACCOUNT.c.deleted_at.is_(None),
    )
    row = (await read.run(query)).one_or_none()
    return None if row is None else _account(row)


async def list_accounts(
    read: Reading, wanted: AccountFilter, limit: int, after: tuple[datetime, UUID] | None
) -> list[AccountRow]:
    """Users by creation, `limit` at most, after the given place."""
    query = (
        select(*_COLUMNS)
        .where(ACCOUNT.c.tenant_id == read.tenant_id)
        .order_by(ACCOUNT.c.created_at, ACCOUNT.c.user_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(ACCOUNT.c.created_at, ACCOUNT.c.user_id) > after)
    if wanted.part:
        query = query.where(
            or_(
                ACCOUNT.c.name_key.contains(name_key(wanted.part), autoescape=True),
                ACCOUNT.c.email_key.contains(normalise_email(wanted.part), autoescape=True),
            )
        )
    if wanted.role is not None:
        query = query.where(ACCOUNT.c.roles.contains([wanted.role]))
    if wanted.active is not None:
        query = query.where(ACCOUNT.c.active == wanted.active)
    if not wanted.include_deleted:
        query = query.where(ACCOUNT.c.deleted_at.is_(None))
    return [_account(row) for row in await read.run(query)]


async def add_account(write: Writing, account: AccountRow) -> str | None:
    """Inserts the user, or says which of its keys is taken: `id` or `email`."""
    statement = (
        upsert(ACCOUNT)
        .values(_values(account))
        .on_conflict_do_nothing()
        .returning(ACCOUNT.c.user_id)
    )
    if (await write.run(statement)).one_or_none() is not None:
        return None
    return "id" if await find_account(write, account.user_id, deleted=True) else "email"


async def save_account(write: Writing, account: AccountRow) -> None:
    """Writes every column of a user that was loaded under lock."""
    statement = update(ACCOUNT).where(
        ACCOUNT.c.tenant_id == account.tenant_id, ACCOUNT.c.user_id == account.user_id
    )
    await write.run(statement.values(_values(account)))


async def lock_owners(work: Writing) -> None:
    """Until the commit nobody else changes who owns this tenant. Taken before anything is read: two
    owners who demote each other would each still see the other."""
    await work.run(_OWNERS_LOCK, {"tenant_id": str(work.tenant_id)})


async def active_owners(read: Reading) -> frozenset[str]:
    """The ids of those who own the tenant and can sign in."""
    query = select(ACCOUNT.c.user_id).where(
        ACCOUNT.c.tenant_id == read.tenant_id,
        ACCOUNT.c.roles.contains([OWNER]),
        ACCOUNT.c.active.is_(True),
        ACCOUNT.c.deleted_at.is_(None),
    )
    return frozenset(str(row.user_id) for row in await read.run(query))


async def has_administrator(read: Reading) -> bool:
    """Whether there is a platform administrator: somebody who can sign in and make a tenant."""
    query = select(ACCOUNT.c.user_id).where(
        ACCOUNT.c.tenant_id == NIL,
        ACCOUNT.c.roles.contains([PLATFORM_ADMIN]),
        ACCOUNT.c.deleted_at.is_(None),
    )
    return (await read.run(query.limit(1))).first() is not None


def _account(row: Row[Any]) -> AccountRow:
    return AccountRow(**{**row._asdict(), "roles": tuple(row.roles)})


def _values(account: AccountRow) -> dict[str, Any]:
    values = {one.name: getattr(account, one.name) for one in fields(account)}
    return {
        **values,
        "roles": list(account.roles),
        "email_key": normalise_email(account.email),
        "name_key": name_key(account.name),
    }
