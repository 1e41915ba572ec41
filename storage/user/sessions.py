"""Queries on sessions and their refresh tokens. Nobody commits here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, tuple_, update

from storage.delivery.transaction import Reading, Writing
from storage.user.tables import REFRESH_TOKEN, SESSION


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A sign-in and all tokens that came of it: a family."""

    tenant_id: UUID
    session_id: UUID
    user_id: UUID
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A refresh token; only its SHA-256 is known."""

    tenant_id: UUID
    token_hash: bytes
    session_id: UUID
    issued_at: datetime
    used_at: datetime | None = None
    used_by: UUID | None = None


async def find_session(read: Reading, session_id: UUID, *, lock: bool = False) -> SessionRow | None:
    """The session; `lock` holds it, and with it all its tokens, until the commit."""
    query = select(*SESSION.c).where(
        SESSION.c.tenant_id == read.tenant_id, SESSION.c.session_id == session_id
    )
    row = (await read.run(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else SessionRow(**row._asdict())


async def find_token(read: Reading, token_hash: bytes) -> TokenRow | None:
    """The token of this hash."""
    query = select(*REFRESH_TOKEN.c).where(
        REFRESH_TOKEN.c.tenant_id == read.tenant_id, REFRESH_TOKEN.c.token_hash == token_hash
    )
    row = (await read.run(query)).one_or_none()
    return None if row is None else TokenRow(**row._asdict())


async def add_session(write: Writing, session: SessionRow) -> None:
    """A sign-in begins."""
    await write.run(insert(SESSION).values(_values(session)))


async def add_token(write: Writing, token: TokenRow) -> None:
    """A token is given out."""
    await write.run(insert(REFRESH_TOKEN).values(_values(token)))


async def mark_used(write: Writing, token: TokenRow, command_id: UUID) -> None:
    """The token's one use."""
    await write.run(
        update(REFRESH_TOKEN)
        .where(
            REFRESH_TOKEN.c.tenant_id == write.tenant_id,
            REFRESH_TOKEN.c.token_hash == token.token_hash,
        )
        .values(used_at=write.now, used_by=command_id)
    )


async def revoke_session(write: Writing, session_id: UUID) -> None:
    """No token of this family is good any more."""
    await write.run(
        update(SESSION)
        .where(
            SESSION.c.tenant_id == write.tenant_id,
            SESSION.c.session_id == session_id,
            SESSION.c.revoked_at.is_(None),
        )
        .values(revoked_at=write.now)
    )


async def revoke_sessions_of(write: Writing, user_id: UUID) -> list[UUID]:
    """The user is signed out everywhere; the sessions that this has ended."""
    statement = (
        update(SESSION)
        .where(
            SESSION.c.tenant_id == write.tenant_id,
            SESSION.c.user_id == user_id,
            SESSION.c.revoked_at.is_(None),
        )
        .values(revoked_at=write.now)
        .returning(SESSION.c.session_id)
    )
    return list((await write.run(statement)).scalars())


async def sessions_of(
    read: Reading, user_id: UUID, limit: int, after: tuple[datetime, UUID] | None
) -> list[SessionRow]:
    """The user's sign-ins that are still remembered, `limit` at most, after the given place."""
    query = (
        select(*SESSION.c)
        .where(SESSION.c.tenant_id == read.tenant_id, SESSION.c.user_id == user_id)
        .order_by(SESSION.c.created_at, SESSION.c.session_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(SESSION.c.created_at, SESSION.c.session_id) > after)
    return [SessionRow(**row._asdict()) for row in await read.run(query)]


def _values(row: SessionRow | TokenRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
