"""All that the databases hold of a tenant, as an administrator reads it past row-level security."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from tests.installation import Installation

TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id'
    ORDER BY c.relname
"""
# Moved by the relay, whatever anybody does.
MOVED = {"outbox": "- 'pub_seq' - 'published_at'"}
Rows = dict[str, tuple[str, ...]]


def rows_of(installation: Installation, tenant_id: str, contexts: Iterable[str] = ()) -> Rows:
    """Each table's rows as text, by `context.table`; of these contexts, or of all five."""
    databases = installation.endpoints["databases"]
    wanted = {context: databases[context] for context in contexts or databases}
    # A test without a loop of its own may run in a thread that has one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _rows_of(wanted, tenant_id)).result()


async def _rows_of(databases: dict[str, str], tenant_id: str) -> Rows:
    found: Rows = {}
    for context, url in databases.items():
        connection = await asyncpg.connect(url)
        try:
            # All tables as they were at one moment.
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                for (table,) in await connection.fetch(TABLES):
                    rows = await connection.fetch(
                        f"SELECT (to_jsonb(t) {MOVED.get(table, '')})::text FROM {table} t"
                        " WHERE tenant_id = $1 ORDER BY 1",
                        tenant_id,
                    )
                    found[f"{context}.{table}"] = tuple(row[0] for row in rows)
        finally:
            await connection.close()
    return found


def changes(before: Rows, after: Rows) -> dict[str, list[str]]:
    """What came, went or became another, by table; empty where nothing did."""
    found = {}
    for table in before.keys() | after.keys():
        old, new = set(before.get(table, ())), set(after.get(table, ()))
        if old != new:
            gone, come = sorted(old - new), sorted(new - old)
            found[table] = [*(f"- {row}" for row in gone), *(f"+ {row}" for row in come)]
    return found
