"""Queries on tokens of calendar feeds. Nobody commits here."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.user.tables import CALENDAR_TOKEN


async def find_token_hash(read: Reading, user_id: UUID) -> bytes | None:
    """What is kept of the user's token; None where it has none."""
    query = select(CALENDAR_TOKEN.c.token_hash).where(
        CALENDAR_TOKEN.c.tenant_id == read.tenant_id, CALENDAR_TOKEN.c.user_id == user_id
    )
    found: bytes | None = (await read.run(query)).scalar_one_or_none()
    return found


async def keep_token(write: Writing, user_id: UUID, token_hash: bytes, created_by: str) -> None:
    """Afterwards this is the user's one token."""
    kept = {"token_hash": token_hash, "created_by": created_by, "created_at": write.now}
    statement = upsert(CALENDAR_TOKEN).values(tenant_id=write.tenant_id, user_id=user_id, **kept)
    await write.run(statement.on_conflict_do_update(constraint="pk_calendar_token", set_=kept))


async def end_token(write: Writing, user_id: UUID) -> None:
    """Afterwards the user has no token."""
    await write.run(
        delete(CALENDAR_TOKEN).where(
            CALENDAR_TOKEN.c.tenant_id == write.tenant_id,
            CALENDAR_TOKEN.c.user_id == user_id,
        )
    )
