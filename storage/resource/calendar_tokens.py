"""Queries on tokens of calendar feeds. Nobody commits here."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.resource.tables import CALENDAR_TOKEN


async def find_token_hash(read: Reading, resource_id: UUID) -> bytes | None:
    """What is kept of the resource's token; None where it has none."""
    query = select(CALENDAR_TOKEN.c.token_hash).where(
        CALENDAR_TOKEN.c.tenant_id == read.tenant_id, CALENDAR_TOKEN.c.resource_id == resource_id
    )
    found: bytes | None = (await read.run(query)).scalar_one_or_none()
    return found


async def keep_token(write: Writing, resource_id: UUID, token_hash: bytes, created_by: str) -> None:
    """Afterwards this is the resource's one token."""
    kept = {"token_hash": token_hash, "created_by": created_by, "created_at": write.now}
    statement = upsert(CALENDAR_TOKEN).values(
        tenant_id=write.tenant_id, resource_id=resource_id, **kept
    )
    await write.run(statement.on_conflict_do_update(constraint="pk_calendar_token", set_=kept))


async def end_token(write: Writing, resource_id: UUID) -> None:
    """Afterwards the resource has no token."""
    await write.run(
        delete(CALENDAR_TOKEN).where(
            CALENDAR_TOKEN.c.tenant_id == write.tenant_id,
            CALENDAR_TOKEN.c.resource_id == resource_id,
        )
    )
