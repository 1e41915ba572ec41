"""Row-level security: what holds when every filter of the application is forgotten."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from contracts.wire.identity import new_id
from storage.delivery.schema import CONTEXTS
from tests.integration.isolation import CLOSED
from tests.integration.postgres import Databases, MigratedDatabase

TABLES = (
    "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,"
    " pg_get_userbyid(c.relowner) AS owner,"
    " EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
    " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0"
    " ORDER BY c.relname"
)


@pytest_asyncio.fixture(params=CONTEXTS)
async def migrated(request: pytest.FixtureRequest, databases: Databases) -> MigratedDatabase:
    """The database of each context in turn."""
    return databases.of(request.param)


@pytest_asyncio.fixture
async def administrator(migrated: MigratedDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migrated.administrator)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def app(migrated: MigratedDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migrated.app)
    yield connection
    await connection.close()


async def plant(connection: asyncpg.Connection, table: str, tenant_id: UUID) -> None:
    """One row of `tenant_id`, whatever its columns; without constraints that would want more."""
    columns = await connection.fetch(
        "SELECT column_name AS name, udt_name AS kind, is_identity = 'YES' AS identity"
        " FROM information_schema.columns WHERE table_name = $1"
        " AND is_nullable = 'NO' AND table_schema = 'public'",
        table,
    )
    made = {
        "uuid": "gen_random_uuid()",
        "text": "'confirmed'",
        "jsonb": "'{}'",
        "timestamptz": "now()",
        "tstzrange": "tstzrange(now(), now() + interval '1 hour')",
        "bool": "false",
        "int2": "1",
        "int4": "1",
        "int8": "1",
        "numeric": "1",
        "date": "current_date",
        "_uuid": "'{}'",
        "_int2": "'{}'",
        "_text": "'{}'",
        "bytea": "''",
    }
    named = [column for column in columns if not column["identity"]]
    values = [
        f"'{tenant_id}'"
        if column["name"] == "tenant_id"
        else _fitting(table, column["name"]) or made[column["kind"]]
        for column in named
    ]
    names = ", ".join(column["name"] for column in named)
    await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(values)})")


# Where a check of a table wants more than a value of the type; by the column alone, for any table.
FITTING = {
    ("one_time_code", "purpose"): "'registration'",
    ("inbox", "state"): "'done'",
    ("audit_record", "outcome"): "'refused'",
    ("billing_line", "kind"): "'charge'",
    ("notification", "state"): "'queued'",
    ("webhook_delivery", "state"): "'pending'",
    ("tenant", "status"): "'active'",
    ("tenant_directory", "status"): "'active'",
    ("report_rule", "kind"): "'settings'",
    ("allocation", "blocked_to"): "now() + interval '1 hour'",
}
FITTING_ANYWHERE = {
    "kind": "'person'",
    "ends_at": "now() + interval '1 hour'",
    "until": "now() + interval '1 hour'",
}


def _fitting(table: str, column: str) -> str | None:
    return FITTING.get((table, column)) or FITTING_ANYWHERE.get(column)


async def test_another_tenants_rows_are_not_there(
    administrator: asyncpg.Connection, app: asyncpg.Connection
) -> None:
    """As the application's role with tenant B set, no table shows a row of A, even unfiltered."""
    ours, theirs = new_id(), new_id()
    tables = [row["relname"] for row in await administrator.fetch(TABLES)]
    transaction = administrator.transaction()
    await administrator.execute("SET session_replication_role = replica")
    await transaction.start()
    for table in tables:
        await plant(administrator, table, ours)
    await transaction.commit()
    try:
        for tenant, seen in ((ours, True), (theirs, False), (None, False)):
            async with app.transaction():
                if tenant is not None:
                    await app.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant))
                for table in (one for one in tables if one not in CLOSED):
                    rows = await app.fetch(f"SELECT tenant_id FROM {table}")
                    assert (ours in [UUID(str(row[0])) for row in rows]) is seen, (table, tenant)
                    assert {UUID(str(row[0])) for row in rows} <= {tenant}, (table, tenant)
    finally:
        for table in tables:
            await administrator.execute(f"DELETE FROM {table} WHERE tenant_id = $1", ours)
        await administrator.execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize("table", sorted(CLOSED))
async def test_what_is_the_timers_own_is_closed(app: asyncpg.Connection, table: str) -> None:
    """The application's role neither reads nor writes it, for whichever tenant."""
    for statement in (f"SELECT FROM {table}", f"DELETE FROM {table}", f"INSERT INTO {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await app.execute(statement + (" DEFAULT VALUES" if "INSERT" in statement else ""))


async def test_nothing_is_written_for_another_tenant(
    administrator: asyncpg.Connection, app: asyncpg.Connection
) -> None:
    """With tenant B set, a row that says A is refused by every table's policy."""
    ours, theirs = new_id(), new_id()
    for row in await administrator.fetch(TABLES):
        if row["relname"] in CLOSED:
            continue
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await plant_as(app, theirs, row["relname"], ours)


async def plant_as(
    connection: asyncpg.Connection, asking: UUID, table: str, tenant_id: UUID
) -> None:
    async with connection.transaction():
        await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(asking))
        await plant(connection, table, tenant_id)


async def test_every_table_of_tenants_is_protected(administrator: asyncpg.Connection) -> None:
    """Row-level security is enabled and forced, with a policy, wherever there is a tenant_id."""
    found = await administrator.fetch(TABLES)
    assert {"inbox", "outbox"} <= {row["relname"] for row in found}
    for row in found:
        assert row["relrowsecurity"], row["relname"]
        assert row["relforcerowsecurity"], row["relname"]
        assert row["has_policy"], row["relname"]


async def test_roles_own_nothing_and_pass_nothing_by(administrator: asyncpg.Connection) -> None:
    """The three roles are no superusers, bypass no policy, and own no table."""
    roles = ("slotstream_app", "slotstream_relay", "slotstream_timer")
    found = await administrator.fetch(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = ANY($1)",
        list(roles),
    )
    assert {row["rolname"] for row in found} == set(roles)
    assert not any(any(tuple(row)[1:]) for row in found)
    owned = await administrator.fetch(
        "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = ANY($1)", list(roles)
    )
    assert owned == []


async def test_keys_are_led_by_the_tenant(administrator: asyncpg.Connection) -> None:
    """Every primary, unique and foreign key of a tenant's table begins with tenant_id, but for the
    outbox, whose rows have one order."""
    found = await administrator.fetch(
        "SELECT c.conrelid::regclass::text AS relation, c.conname,"
        " (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1])"
        " AS leading FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attname = 'tenant_id'"
        " WHERE c.contype IN ('p', 'u', 'f') AND c.connamespace = 'public'::regnamespace"
    )
    # A slug and a session are looked for before it is known whose they are.
    free = {"uq_tenant_slug"}
    wrong = {
        row["conname"]
        for row in found
        if row["leading"] != "tenant_id"
        and not row["relation"].startswith(("outbox", "tenant_directory"))
        and row["conname"] not in free
    }
    assert wrong == set()


@pytest.mark.parametrize("role", ["relay", "timer"])
async def test_relay_and_timers_see_two_tenants(
    migrated: MigratedDatabase, administrator: asyncpg.Connection, role: str
) -> None:
    """Their own policies show both roles the outbox rows of every tenant."""
    tenants = [new_id(), new_id()]
    for tenant in tenants:
        await plant(administrator, "outbox", tenant)
    connection = await asyncpg.connect(getattr(migrated, role))
    try:
        rows = await connection.fetch("SELECT tenant_id FROM outbox")
    finally:
        await connection.close()
        await administrator.execute("DELETE FROM outbox WHERE tenant_id = ANY($1)", tenants)
    assert {str(one) for one in tenants} <= {str(row[0]) for row in rows}


@pytest.mark.parametrize("statement", ["UPDATE audit_record SET actor_label = ''", "DELETE FROM"])
async def test_the_audit_trail_cannot_be_edited(databases: Databases, statement: str) -> None:
    """UPDATE and DELETE of audit records are denied to every role that we run as."""
    migrated = databases.of("subscriber")
    text = statement if statement.startswith("UPDATE") else "DELETE FROM audit_record"
    for url in (migrated.app, migrated.relay, migrated.timer):
        connection = await asyncpg.connect(url)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await connection.execute(text)
        finally:
            await connection.close()


async def test_history_cannot_be_edited(databases: Databases) -> None:
    """A booking's history is added to and never changed."""
    connection = await asyncpg.connect(databases.of("reservation").app)
    try:
        for text in ("UPDATE booking_history SET actor = ''", "DELETE FROM booking_history"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(text)
    finally:
        await connection.close()
