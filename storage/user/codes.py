"""Queries on one-time codes: what a mail brought, given back once. Nobody commits here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text, update

from storage.delivery.transaction import Reading, Writing
from storage.user.tables import ONE_TIME_CODE

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:whose, 0))")

Purpose = Literal["password_reset", "registration", "already_registered", "email_change"]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code, of which only the SHA-256 is known. `payload` is what its use completes."""

    tenant_id: UUID
    code_hash: bytes
    purpose: str
    email_key: str
    user_id: UUID | None
    payload: dict[str, Any] | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


async def find_code(
    read: Reading, code_hash: bytes, purpose: Purpose, *, lock: bool = False
) -> CodeRow | None:
    """The code of this hash that is good now; `lock` holds it until the commit."""
    table = ONE_TIME_CODE.c
    query = select(*table).where(
        table.tenant_id == read.tenant_id,
        table.code_hash == code_hash,
        table.purpose == purpose,
        table.used_at.is_(None),
        table.expires_at > read.now,
    )
    row = (await read.run(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else CodeRow(**row._asdict())


async def add_code(write: Writing, code: CodeRow) -> None:
    """A code is on its way."""
    await write.run(insert(ONE_TIME_CODE).values({n: getattr(code, n) for n in code.__slots__}))


async def use_code(write: Writing, code: CodeRow) -> None:
    """Its one use; others for the same address and purpose are good for nothing from now on."""
    table = ONE_TIME_CODE.c
    await write.run(
        update(ONE_TIME_CODE)
        .where(
            table.tenant_id == write.tenant_id,
            table.email_key == code.email_key,
            table.purpose == code.purpose,
            table.used_at.is_(None),
        )
        .values(used_at=write.now, payload=None)
    )


async def end_codes(write: Writing, user_id: UUID) -> None:
    """None of this account's codes is good for anything from now on."""
    table = ONE_TIME_CODE.c
    await write.run(
        update(ONE_TIME_CODE)
        .where(
            table.tenant_id == write.tenant_id,
            table.user_id == user_id,
            table.used_at.is_(None),
        )
        .values(used_at=write.now, payload=None)
    )


async def forget_codes(write: Writing, user_id: UUID, email_key: str) -> None:
    """Nothing of this person stands in any code, and none of theirs is good for anything."""
    table = ONE_TIME_CODE.c
    await write.run(
        update(ONE_TIME_CODE)
        .where(
            table.tenant_id == write.tenant_id,
            or_(table.user_id == user_id, table.email_key == email_key),
        )
        .values(email_key="", payload=None, used_at=func.coalesce(table.used_at, write.now))
    )


async def codes_of(read: Reading, user_id: UUID, email_key: str, limit: int) -> list[CodeRow]:
    """What was mailed to this person and is still good for something, `limit` at most."""
    table = ONE_TIME_CODE.c
    query = (
        select(*table)
        .where(
            table.tenant_id == read.tenant_id,
            or_(table.user_id == user_id, table.email_key == email_key),
            table.used_at.is_(None),
            table.expires_at > read.now,
        )
        .order_by(table.created_at)
        .limit(limit)
    )
    return [CodeRow(**row._asdict()) for row in await read.run(query)]


async def mailed_since(
    write: Writing, email_key: str, since: datetime, *purposes: Purpose
) -> list[datetime]:
    """When such mails were sent to this address; until the commit nobody else asks about it. One
    purpose is in no other's way: nobody keeps somebody from their reset by registering with their
    address."""
    await write.run(_ONE_AT_A_TIME, {"whose": f"mail {write.tenant_id} {email_key}"})
    table = ONE_TIME_CODE.c
    query = select(table.created_at).where(
        table.tenant_id == write.tenant_id,
        table.email_key == email_key,
        table.created_at > since,
        table.purpose.in_(purposes),
    )
    return [row.created_at for row in await write.run(query)]
