"""Two installations by their databases: what they hold, and who works on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.sealing import Keyring
from ops.database import with_database
from ops.tenants.tables import MOVING, SEALED
from storage.delivery import schema
from storage.delivery.engine import make_engine
from tests.integration.postgres import Databases, MigratedDatabase, in_a_thread

PASSPHRASE = "a passphrase of its own"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND a.attname = 'tenant_id'
    ORDER BY c.relname
"""
Rows = dict[str, list[Any]]


@dataclass
class Place:
    """The databases of one installation, which seals with a key of its own."""

    databases: Mapping[str, MigratedDatabase]
    keyring: Keyring
    engines: dict[str, AsyncEngine] = field(default_factory=dict)
    timers: dict[str, AsyncEngine] = field(default_factory=dict)
    administrators: dict[str, AsyncEngine] = field(default_factory=dict)

    @classmethod
    async def of(cls, databases: Databases, name: str, secret: str) -> "Place":
        """Copies of databases that are migrated and empty."""
        made = {}
        for context in schema.CONTEXTS:
            pattern = databases.empty(context, f"moving_{context}")
            in_a_thread(partial(schema.upgrade, context, pattern.url))
            connection = await asyncpg.connect(with_database(pattern.url, "postgres"))
            try:
                await connection.execute(
                    f"CREATE DATABASE {name}_{context} TEMPLATE moving_{context}"
                )
            finally:
                await connection.close()
            made[context] = MigratedDatabase(databases.empty(context, f"{name}_{context}"))
        found = cls(made, Keyring(secret))
        for context, database in made.items():
            found.engines[context] = make_engine(database.app, connections=2, name=name)
            found.timers[context] = make_engine(database.timer, connections=2, name=name)
            url = database.administrator
            found.administrators[context] = make_engine(url, connections=2, name=name)
        return found

    async def close(self) -> None:
        for engine in (
            *self.engines.values(),
            *self.timers.values(),
            *self.administrators.values(),
        ):
            await engine.dispose()

    async def ask(self, context: str, statement: str, **values: Any) -> list[Any]:
        """Rows of all tenants, as the administrator sees them."""
        async with self.administrators[context].connect() as connection:
            return list(await connection.execute(text(statement), values))

    async def change(self, context: str, statement: str, **values: Any) -> None:
        async with self.administrators[context].begin() as connection:
            await connection.execute(text(statement), values)

    async def tables(self, context: str) -> set[str]:
        """Every table that has rows of tenants, as the server's own catalogue has them."""
        return {name for (name,) in await self.ask(context, TABLES)}

    async def rows(self, tenant_id: object) -> Rows:
        """All that moves of a tenant, secrets opened, by `context/table`."""
        found: Rows = {}
        for context, tables in MOVING.items():
            for table in tables:
                rows = await self.ask(
                    context,
                    f"SELECT to_jsonb(t)::text FROM {table} t WHERE tenant_id = :it ORDER BY 1",
                    it=tenant_id,
                )
                found[f"{context}/{table}"] = [self._opened(table, row) for (row,) in rows]
        return {name: sorted(rows) for name, rows in found.items()}

    async def tenants(self) -> set[str]:
        """Of whom anything is there at all."""
        found = set()
        for context in MOVING:
            for table in await self.tables(context):
                rows = await self.ask(context, f"SELECT DISTINCT tenant_id::text FROM {table}")
                found |= {row[0] for row in rows}
        return found

    def _opened(self, table: str, row: str) -> str:
        document = orjson.loads(row)
        for column in SEALED.get(table, ()):
            if document[column] is not None:
                document[column] = self.keyring.open(document[column]).decode()
        return row if table not in SEALED else orjson.dumps(document).decode()
