"""Queries on the keys with which free text about people is closed. Nobody commits here."""

import secrets
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.reservation.tables import PERSON_KEY


async def find_person_key(read: Reading, user_id: UUID) -> str | None:
    """The person's key; None where nothing was ever closed, or they were erased."""
    query = select(PERSON_KEY.c.key).where(
        PERSON_KEY.c.tenant_id == read.tenant_id, PERSON_KEY.c.user_id == user_id
    )
    return (await read.run(query)).scalar_one_or_none()


async def person_key(write: Writing, user_id: UUID) -> str:
    """The person's key, which is made when it is first needed."""
    found = await find_person_key(write, user_id)
    if found is not None:
        return found
    made = secrets.token_hex(32)
    values = {"tenant_id": write.tenant_id, "user_id": user_id, "key": made}
    await write.run(upsert(PERSON_KEY).values(values).on_conflict_do_nothing())
    # Somebody else may have been first.
    return await find_person_key(write, user_id) or made


async def destroy_person_key(write: Writing, user_id: UUID) -> None:
    """What was closed with it is never opened again."""
    await write.run(
        delete(PERSON_KEY).where(
            PERSON_KEY.c.tenant_id == write.tenant_id, PERSON_KEY.c.user_id == user_id
        )
    )
