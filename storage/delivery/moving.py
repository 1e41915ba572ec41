"""A tenant's rows as they leave one installation and come into another: as JSON, table by table.

PostgreSQL writes and reads the JSON itself: what it does not understand it does not change.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Table,
    Text,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.delivery.timing import committed
from storage.delivery.transaction import Reading, Writing

# So many rows at a time.
ROWS = 500
# A tenant of many years takes longer than any command may, and one database waits for another.
_PATIENCE = text("""
    SELECT set_config('statement_timeout', '30min', true),
           set_config('idle_in_transaction_session_timeout', '0', true)
""")
_TENANT = text("SELECT set_config('app.tenant_id', :tenant, true)")
_REVISION = text("SELECT version_num FROM alembic_version")
_UNPUBLISHED = text(
    "SELECT count(*) FROM outbox WHERE tenant_id = :tenant_id AND published_at IS NULL"
)
# all tenants: whoever begins again does so for everybody
_INCOMPLETE = text("""
    UPDATE outbox_archive_state SET forgotten_up_to = greatest(forgotten_up_to, 1)
    RETURNING forgotten_up_to
""")


class Snapshot:
    """What one database holds of a tenant at one moment. It cannot be written to."""

    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def revision(self) -> str:
        """At which the database stands."""
        return str((await self._connection.execute(_REVISION)).scalar_one())

    async def rows(self, table: Table) -> AsyncIterator[list[str]]:
        """All rows in the order of their keys, each as the text of a JSON object, some hundreds at
        a time."""
        row = cast(func.to_jsonb(table.table_valued()), Text)
        query = (
            select(row)
            .where(table.c.tenant_id == self._tenant_id)
            .order_by(*table.primary_key.columns)
            .execution_options(yield_per=ROWS)
        )
        result = await self._connection.stream(query)
        async for part in result.partitions():
            yield [found[0] for found in part]


@asynccontextmanager
async def snapshot(engine: AsyncEngine, tenant_id: UUID) -> AsyncIterator[Snapshot]:
    """One transaction that sees what was committed when it began, and nothing of other tenants."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        async with connection.begin():
            await connection.execute(_PATIENCE)
            await connection.execute(_TENANT, {"tenant": str(tenant_id)})
            yield Snapshot(connection, tenant_id)


async def take_time(write: Writing) -> None:
    """This transaction may last, and wait for those in other databases."""
    await write.run(_PATIENCE)


async def has_rows(read: Reading, table: Table) -> bool:
    """Whether there is anything of the tenant."""
    found = select(exists(select(1).where(table.c.tenant_id == read.tenant_id)))
    return bool((await read.run(found)).scalar_one())


async def put_rows(write: Writing, table: Table, rows: Sequence[str]) -> None:
    """The rows are there, as `Snapshot.rows` gave them; row-level security lets in none of another
    tenant than the one that this transaction is for."""
    # all tenants: what is read is the archive; row-level security is the filter of what is written
    names = [column.name for column in table.columns]
    like: ColumnElement[object] = literal_column(f'null::"{table.name}"')
    records = func.jsonb_populate_recordset(like, cast(bindparam("rows", type_=Text), JSONB))
    source = select(*records.table_valued(*names).c)
    await write.run(table.insert().from_select(names, source), {"rows": f"[{','.join(rows)}]"})


async def unpublished(read: Reading) -> int:
    """How many messages of the tenant have not left this database yet."""
    found = await read.run(_UNPUBLISHED, {"tenant_id": read.tenant_id})
    return int(found.scalar_one())


async def say_incomplete(timers: AsyncEngine) -> None:
    """Whoever would make something again from this database's events, as the timers' role says, is
    told that not all are kept: what came from elsewhere came without its events."""
    await committed(timers, _INCOMPLETE, {})
