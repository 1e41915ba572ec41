"""All that the databases hold of a tenant: read, and put back as it was."""

from uuid import UUID

from sqlalchemy import text

from tests.integration.twins_street import Street

CONTEXTS = ("tenant", "resource", "user", "reservation", "audit")
# What left stays: whoever reads it has read it.
KEPT = {"inbox", "outbox"}
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id'
    ORDER BY c.relname
"""
Rows = dict[tuple[str, str], tuple[str, ...]]


class Shelves:
    """Every table with a tenant in it, of every context."""

    def __init__(self, street: Street, tables: dict[str, list[str]]) -> None:
        self._street = street
        self._tables = tables

    @classmethod
    async def of(cls, street: Street) -> "Shelves":
        found = {
            context: [table for (table,) in await street.rows(context, _TABLES)]
            for context in CONTEXTS
        }
        return cls(street, found)

    async def rows_of(self, *tenants: UUID) -> Rows:
        """Each table's rows as JSON, by context and table."""
        found: Rows = {}
        for context, tables in self._tables.items():
            each = " UNION ALL ".join(
                f"SELECT '{table}' AS one, to_jsonb(t)::text AS it FROM {table} t"
                " WHERE tenant_id = ANY(:its)"
                for table in tables
            )
            found |= {(context, table): () for table in tables}
            statement = f"{each} ORDER BY 1, 2"
            for table, row in await self._street.rows(context, statement, its=list(tenants)):
                found[context, table] += (row,)
        return found

    async def put_back(self, rows: Rows, *tenants: UUID) -> None:
        """The tenants have these rows and no others, and nothing is known of them elsewhere."""
        now = await self.rows_of(*tenants)
        for context in CONTEXTS:
            changed = {
                table: documents
                for (owner, table), documents in rows.items()
                if owner == context and table not in KEPT and now[owner, table] != documents
            }
            if changed:
                await self._replaced(context, changed, tenants)
        client = self._street.known._client
        for tenant_id in tenants:
            for key in await client.keys(f"known:{tenant_id}:*"):
                await client.delete(key)

    async def _replaced(
        self, context: str, tables: dict[str, tuple[str, ...]], tenants: tuple[UUID, ...]
    ) -> None:
        async with self._street.desks[context].administrator.begin() as connection:
            # Rows go and come in any order: constraints between tables are not looked at.
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table, documents in tables.items():
                await connection.execute(
                    text(f"DELETE FROM {table} WHERE tenant_id = ANY(:its)"), {"its": tenants}
                )
                await connection.execute(
                    text(
                        f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset("
                        f"null::{table}, cast(:rows AS jsonb))"
                    ),
                    {"rows": f"[{','.join(documents)}]"},
                )
