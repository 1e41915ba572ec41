"""Migrations of every context: up, down, up again, and the tables are what the code thinks."""

import asyncio
from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from ops.database import ContextDatabase
from storage.delivery import schema
from storage.delivery.engine import async_url
from storage.delivery.heads import is_at_head
from tests.integration.postgres import Databases

LEFT_BY_ALEMBIC = {"alembic_version"}


@pytest.fixture(params=schema.CONTEXTS)
def database(request: pytest.FixtureRequest, databases: Databases) -> ContextDatabase:
    """An empty database for a context."""
    name = f"{request.param}_{request.function.__name__}"[:60]
    return databases.empty(request.param, name)


def test_each_revision_goes_up_down_and_up(database: ContextDatabase) -> None:
    """Every revision can be taken back, leaves nothing behind, and be made again."""
    context, url = database.context, database.url
    for revision in schema.revisions(context):
        schema.upgrade(context, url, revision)
        schema.downgrade(context, url, "-1")
        schema.upgrade(context, url, revision)
    schema.downgrade(context, url, "base")

    assert set(_ask(url, _left)) <= LEFT_BY_ALEMBIC
    schema.upgrade(context, url)
    assert _ask(url, _revision) == [schema.head_of(context)]


def test_models_equal_migrations(database: ContextDatabase) -> None:
    """At head there is no difference between the database and the tables in code."""
    context, url = database.context, database.url
    schema.upgrade(context, url)

    def differences(connection: Connection) -> list[object]:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(migration, schema.metadata_of(context)))

    assert _ask(url, differences) == []


def test_every_tenants_table_is_closed(database: ContextDatabase) -> None:
    """Each table with a tenant has row-level security enabled and forced, and a policy."""
    context, url = database.context, database.url
    schema.upgrade(context, url)
    closed = _ask(url, _closed)
    wanted = [table.name for table in schema.metadata_of(context).sorted_tables]
    tenants = {name for name in wanted if "tenant_id" in schema.metadata_of(context).tables[name].c}

    assert tenants <= set(closed)


@pytest.mark.parametrize(("revision", "is_enough"), [("0001", False), (None, True), ("9999", True)])
def test_a_newer_database_is_good_enough(
    databases: Databases, revision: str | None, is_enough: bool
) -> None:
    """A process is ready on a database at its newest revision, and on one that the next release has
    moved on already, so that an upgrade takes one process after the other; on an older one not."""
    name = f"reservation_is_at_{revision or 'head'}"
    database = databases.empty("reservation", name)
    schema.upgrade("reservation", database.url, "0001" if revision == "0001" else "head")
    if revision == "9999":
        _do(database.url, "UPDATE alembic_version SET version_num = '9999'")

    async def ask() -> bool:
        engine = create_async_engine(async_url(database.url), poolclass=pool.NullPool)
        try:
            return await is_at_head("reservation", engine)
        finally:
            await engine.dispose()

    assert asyncio.run(ask()) is is_enough


def _do(url: str, statement: str) -> None:
    async def do() -> None:
        engine = create_async_engine(async_url(url), poolclass=pool.NullPool)
        async with engine.begin() as connection:
            await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(do())


def _ask(url: str, question: Callable[[Connection], list[object]]) -> list[object]:
    async def ask() -> list[object]:
        engine = create_async_engine(async_url(url), poolclass=pool.NullPool)
        async with engine.connect() as connection:
            found = await connection.run_sync(question)
        await engine.dispose()
        return found

    return asyncio.run(ask())


def _left(connection: Connection) -> list[object]:
    """Tables, functions and types that are still there; an extension brings its own."""
    return list(
        connection.scalars(
            text("""
                SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'S', 'v')
                UNION ALL SELECT proname FROM pg_proc p
                WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
                    SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
            """)
        )
    )


def _revision(connection: Connection) -> list[object]:
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def _closed(connection: Connection) -> list[object]:
    return list(
        connection.scalars(
            text("""
                SELECT relname FROM pg_class c WHERE relrowsecurity AND relforcerowsecurity
                AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid)
            """)
        )
    )
