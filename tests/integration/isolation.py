"""What row-level security shows a tenant when the application's own filters are off."""

from uuid import UUID

from sqlalchemy import MetaData, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.errors import sqlstate
from storage.delivery.transaction import reading

DENIED = "42501"
# What the application's role cannot even ask for (tests/integration/delivery/test_isolation.py).
CLOSED = frozenset({"outbox_archive"})


def tables_of_tenants(metadata: MetaData) -> list[Table]:
    """Every table with a tenant in it that the application may ask for."""
    found = [table for table in metadata.sorted_tables if "tenant_id" in table.c]
    return [table for table in found if table.name not in CLOSED]


async def tenants_seen(engine: AsyncEngine, table: Table, tenant_id: UUID | None) -> set[UUID]:
    """Whose rows a plain SELECT without any WHERE brings, for this tenant."""
    async with reading(engine, tenant_id) as read:
        rows = await read.run(select(table.c.tenant_id).distinct())
        return {UUID(str(row.tenant_id)) for row in rows}


async def count(engine: AsyncEngine, table: Table) -> int:
    """How many rows there are; 0 where no tenant is set."""
    async with engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def refusal_of_a_foreign_row(
    engine: AsyncEngine, table: Table, mine: UUID, theirs: UUID
) -> str | None:
    """The SQLSTATE that giving my rows to another tenant gets; None when it is let through."""
    try:
        async with reading(engine, mine) as read:
            await read.run(table.update().values(tenant_id=theirs))
    except DBAPIError as failure:
        return sqlstate(failure)
    return None
