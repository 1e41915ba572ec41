"""A Valkey, an empty database and a line for each test."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from contracts.wire.identity import new_id
from ops.database import with_database
from storage.delivery import schema
from tests.gateway.server import ValkeyServer
from tests.integration.delivery.line import Line
from tests.integration.delivery.notes import TABLES
from tests.integration.postgres import Databases, MigratedDatabase, in_a_thread

PATTERN = "line_pattern"


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """A server that this test alone uses."""
    server = ValkeyServer()
    server.start()
    yield server
    server.remove()


@pytest_asyncio.fixture(scope="session")
async def database(databases: Databases) -> MigratedDatabase:
    """Inbox, outbox and the table of `notes`; each line finds them empty."""
    return await fresh_database(databases)


async def fresh_database(databases: Databases) -> MigratedDatabase:
    """A copy of a migrated database, with the table of effects."""
    # Of a pattern that nobody works on: one with connections cannot be copied.
    pattern = databases.empty("subscriber", PATTERN)
    in_a_thread(partial(schema.upgrade, "subscriber", pattern.url))
    name = f"line_{new_id().hex}"
    maintenance = await asyncpg.connect(with_database(pattern.url, "postgres"))
    try:
        await maintenance.execute(f'CREATE DATABASE "{name}" TEMPLATE {PATTERN}')
    finally:
        await maintenance.close()
    found = MigratedDatabase(databases.empty("subscriber", name))
    connection = await asyncpg.connect(found.administrator)
    try:
        for statement in TABLES:
            await connection.execute(statement)
    finally:
        await connection.close()
    return found


@pytest_asyncio.fixture
async def line(valkey: ValkeyServer, database: MigratedDatabase) -> AsyncIterator[Line]:
    found = Line(valkey.url, database)
    await found.open()
    yield found
    await found.close()


@pytest.fixture
def salon() -> UUID:
    """A tenant that no other test knows."""
    return new_id()


@pytest.fixture
def clinic() -> UUID:
    """Another one."""
    return new_id()
