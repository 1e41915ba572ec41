"""PostgreSQL: each context's database, as our own processes meet it."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from ops.database import APP, CONNECT_SECONDS, OLDEST_SERVER, ROLES, ContextDatabase, named
from ops.doctor.clocks import Reading
from ops.doctor.finding import Finding, fail, ok, warn
from storage.delivery.heads import newest_revision

UNGUARDED = """
SELECT c.relname FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY c.relname
"""
POWERFUL = """
SELECT rolname FROM pg_roles
WHERE rolname = ANY($1::text[]) AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)
ORDER BY rolname
"""
MISSING_ROLES = """
SELECT name FROM unnest($1::text[]) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) ORDER BY name
"""
RELAY = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32) | objid::bigint = hashtextextended('relay:' || $1, 0)
)
"""
PREPARE = "Run `slotstream prepare` (or `slotstream migrate`) with this version."
OTHER_KEY = (
    "SECRET_KEY is not the one that the roles were made with: set that, or run "
    "`slotstream prepare`."
)


@dataclass(slots=True)
class Seen:
    """What was found, and what the other examinations need of it."""

    findings: list[Finding] = field(default_factory=list)
    clock: Reading | None = None
    # Of each context that has an outbox, whether a relay holds it; None where that was not seen.
    relays: dict[str, bool] = field(default_factory=dict)


def server(
    databases: Iterable[ContextDatabase], secret_key: str, publishing: dict[str, str]
) -> Seen:
    """All databases one after the other; `publishing` says in whose database each outbox is."""
    seen = Seen()
    asyncio.run(look(tuple(databases), secret_key, publishing, seen))
    return seen


async def look(
    databases: tuple[ContextDatabase, ...],
    secret_key: str,
    publishing: dict[str, str],
    seen: Seen,
) -> None:
    told: set[str] = set()
    for database in databases:
        connection = await _connected(database, secret_key, seen.findings)
        if connection is None:
            continue
        try:
            where = named(database.url)
            if where not in told:
                told.add(where)
                seen.findings += await _server(connection, where)
            seen.clock = seen.clock or await _clock(connection, where)
            seen.findings += await _database(connection, database)
            for publisher, owner in publishing.items():
                if owner == database.context:
                    seen.relays[publisher] = await connection.fetchval(RELAY, publisher)
        except (PostgresError, OSError, TimeoutError) as wrong:
            advice = "Look into the server's log."
            seen.findings.append(fail(f"database {database.context}", str(wrong), advice))
        finally:
            await connection.close(timeout=CONNECT_SECONDS)


async def _connected(
    database: ContextDatabase, secret_key: str, findings: list[Finding]
) -> "asyncpg.Connection | None":
    about, where = f"database {database.context}", named(database.url)
    try:
        found: asyncpg.Connection = await asyncpg.connect(
            database.role_url(APP, secret_key), timeout=CONNECT_SECONDS
        )
    except asyncpg.InvalidAuthorizationSpecificationError:
        findings.append(fail(about, f"{where} does not let {APP} in", OTHER_KEY))
    except asyncpg.InvalidCatalogNameError:
        findings.append(fail(about, f"{where} has no database {database.name}", PREPARE))
    except asyncpg.TooManyConnectionsError:
        advice = "Raise max_connections, or run fewer processes."
        findings.append(fail(about, f"{where} has no connection left", advice))
    except (PostgresError, InterfaceError, OSError, TimeoutError, ValueError) as no:
        advice = "Start it, or check DATABASE_URL and what stands between."
        findings.append(fail(about, f"{where} does not answer: {str(no) or 'in time'}", advice))
    else:
        return found
    return None


async def _server(connection: "asyncpg.Connection", where: str) -> Iterator[Finding]:
    version = connection.get_server_version()
    missing = await _names(connection, MISSING_ROLES)
    powerful = await _names(connection, POWERFUL)
    return _of_server(where, version, missing, powerful)


def _of_server(
    where: str, version: Any, missing: list[str], powerful: list[str]
) -> Iterator[Finding]:
    if version.major * 10000 < OLDEST_SERVER:
        yield fail("postgres", f"{where} is PostgreSQL {version.major}", "15 or newer is needed.")
    else:
        yield ok("postgres", f"{where} answers, PostgreSQL {version.major}.{version.minor}")
    if missing:
        yield fail("postgres roles", f"there is no {', '.join(missing)}", PREPARE)
    if powerful:
        advice = "Take that from it, or run `slotstream prepare`: it would see every tenant's rows."
        yield fail("postgres roles", f"{', '.join(powerful)} may do too much", advice)
    if not missing and not powerful:
        yield ok(
            "postgres roles", f"{', '.join(ROLES)} are there and may do no more than they need"
        )


async def _names(connection: "asyncpg.Connection", query: str) -> list[str]:
    return [row[0] for row in await connection.fetch(query, list(ROLES))]


async def _clock(connection: "asyncpg.Connection", where: str) -> Reading:
    before = time.time()
    there = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    return Reading(f"PostgreSQL at {where}", before, float(there), time.time())


async def _database(
    connection: "asyncpg.Connection", database: ContextDatabase
) -> Iterator[Finding]:
    about = f"database {database.context}"
    try:
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return iter([fail(about, f"{database.name} has no tables yet", PREPARE)])
    unguarded = [row[0] for row in await connection.fetch(UNGUARDED)]
    return _of_database(about, database, str(found), unguarded)


def _of_database(
    about: str, database: ContextDatabase, found: str, unguarded: list[str]
) -> Iterator[Finding]:
    newest = newest_revision(database.context)
    if unguarded:
        tables = ", ".join(unguarded)
        advice = "ALTER TABLE … ENABLE and FORCE ROW LEVEL SECURITY: tenants are kept apart by it."
        yield fail(about, f"row-level security is not forced on {tables}", advice)
    if found < newest:
        yield fail(about, f"it stands at {found}, and the code at {newest}", PREPARE)
    elif found > newest:
        advice = "Run the version that belongs to it: an older one may not know what is in it."
        yield warn(about, f"it stands at {found}, beyond the code's {newest}", advice)
    elif not unguarded:
        said = f"{database.name} stands at {found}, row-level security is forced on every table"
        yield ok(about, said)
