"""From an administrator's URL to databases, roles and the URL of each role."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from ops.errors import Refused, StartupError, Unreachable
from ops.keys import role_password

APP, RELAY, TIMER = "slotstream_app", "slotstream_relay", "slotstream_timer"
ROLES = (APP, RELAY, TIMER)
OLDEST_SERVER = 150000
CONNECT_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 2.0
MAINTENANCE = "postgres"
# Any constant does: it keeps two hosts from making the same role at the same time.
SETUP_LOCK = 0x510757EA

Connection = asyncpg.Connection


@dataclass(frozen=True, slots=True)
class ContextDatabase:
    """One context's database on the server that an administrator's URL names."""

    context: str
    administrator_url: str
    name: str

    @property
    def url(self) -> str:
        """The administrator's, at this database."""
        return with_database(self.administrator_url, self.name)

    def role_url(self, role: str, secret_key: str) -> str:
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        account = f"{role}:{role_password(secret_key, role)}"
        return urlunsplit(parts._replace(netloc=f"{account}@{host}"))


def context_database(context: str, url: str, names_database: bool) -> ContextDatabase:
    """The database for a context: the one its own URL names, else `slotstream_<context>`."""
    parts = urlsplit(url)
    named = unquote(parts.path.lstrip("/"))
    plain = urlunsplit(parts._replace(scheme="postgresql"))
    return ContextDatabase(
        context, plain, named if names_database and named else f"slotstream_{context}"
    )


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def quoted(identifier: str) -> str:
    """As an SQL identifier, whatever characters it holds."""
    return '"' + identifier.replace('"', '""') + '"'


async def prepare_databases(
    databases: Iterable[ContextDatabase],
    secret_key: str,
    seconds: float,
    say: Callable[[str], None],
) -> None:
    """Every database exists, and the three roles may sign in to it with their derived passwords."""
    deadline = time.monotonic() + seconds
    servers: dict[str, list[ContextDatabase]] = {}
    for database in databases:
        server = urlunsplit(urlsplit(database.administrator_url)._replace(path=""))
        servers.setdefault(server, []).append(database)
    for members in servers.values():
        connection = await connect(members[0].administrator_url, deadline, say)
        try:
            await _prepare_server(connection, members, secret_key)
        except asyncpg.InsufficientPrivilegeError as wrong:
            where = named(members[0].administrator_url)
            raise Refused(f"The user of {where} may not prepare the databases: {wrong}.") from wrong
        finally:
            await connection.close(timeout=CONNECT_SECONDS)


async def connect(url: str, deadline: float, say: Callable[[str], None]) -> Connection:
    """A connection, waited for until the deadline with a line for each attempt."""
    pause = FIRST_PAUSE_SECONDS
    attempt = 0
    while True:
        attempt += 1
        try:
            return await _connect_once(url)
        except (
            OSError,
            TimeoutError,
            asyncpg.CannotConnectNowError,
            asyncpg.PostgresConnectionError,
            asyncpg.TooManyConnectionsError,
        ) as wrong:
            why = str(wrong).strip() or "no answer in time"
            say(f"PostgreSQL at {named(url)} does not answer (attempt {attempt}): {why}")
            if time.monotonic() + pause > deadline:
                raise Unreachable(
                    f"PostgreSQL at {named(url)} cannot be reached: {why}. Check DATABASE_URL."
                ) from wrong
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _connect_once(url: str) -> Connection:
    """To the URL's database; to `postgres` where that one does not exist yet or none is named."""
    named_database = urlsplit(url).path.lstrip("/")
    first = url if named_database else with_database(url, MAINTENANCE)
    try:
        try:
            connection: Connection = await asyncpg.connect(first, timeout=CONNECT_SECONDS)
        except asyncpg.InvalidCatalogNameError:
            other = with_database(url, MAINTENANCE)
            connection = await asyncpg.connect(other, timeout=CONNECT_SECONDS)
        return connection
    except asyncpg.InvalidAuthorizationSpecificationError as wrong:
        raise Refused(f"PostgreSQL at {named(url)} refuses the user: {wrong}.") from wrong
    except (InterfaceError, ValueError) as wrong:
        raise StartupError(f"DATABASE_URL cannot be used: {wrong}.") from wrong


def named(url: str) -> str:
    """Which server a URL means, without the secret in it."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"


async def _prepare_server(
    connection: Connection, databases: list[ContextDatabase], secret_key: str
) -> None:
    version = connection.get_server_version()
    if version.major * 10000 < OLDEST_SERVER:
        raise Refused(f"PostgreSQL {version.major} is too old: 15 or newer is needed.")
    await connection.execute(f"SELECT pg_advisory_lock({SETUP_LOCK})")
    for role in ROLES:
        await _prepare_role(connection, databases[0], role, secret_key)
    names = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
    for database in databases:
        await _prepare_database(connection, database.name, database.name in names)


async def _prepare_role(
    connection: Connection, database: ContextDatabase, role: str, secret_key: str
) -> None:
    attributes = (
        "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE "
        # Hexadecimal digits: nothing to quote.
        f"PASSWORD '{role_password(secret_key, role)}'"
    )
    found = await connection.fetchrow(
        "SELECT rolcanlogin AND NOT (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole) "
        "AS is_plain FROM pg_roles WHERE rolname = $1",
        role,
    )
    if found is None:
        await connection.execute(f"CREATE ROLE {quoted(role)} {attributes}")
    elif not found["is_plain"] or not await _signs_in(database, role, secret_key):
        await connection.execute(f"ALTER ROLE {quoted(role)} {attributes}")


async def _signs_in(database: ContextDatabase, role: str, secret_key: str) -> bool:
    """Whether the role's password still is the one that the secret key gives."""
    url = with_database(database.role_url(role, secret_key), MAINTENANCE)
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except (PostgresError, OSError, TimeoutError):
        return False
    await connection.close(timeout=CONNECT_SECONDS)
    return True


async def _prepare_database(connection: Connection, name: str, exists: bool) -> None:
    if not exists:
        await connection.execute(
            f"CREATE DATABASE {quoted(name)} TEMPLATE template0 ENCODING 'UTF8'"
        )
        # Only the administrator and our roles; other users of a shared server stay outside.
        await connection.execute(f"REVOKE CONNECT ON DATABASE {quoted(name)} FROM PUBLIC")
    roles = ", ".join(quoted(role) for role in ROLES)
    await connection.execute(f"GRANT CONNECT ON DATABASE {quoted(name)} TO {roles}")


def role_urls(
    databases: Iterable[ContextDatabase], role: str, secret_key: str, prefix: str = ""
) -> Mapping[str, str]:
    """The environment of a part that signs in with this role."""
    return {
        f"{prefix}DATABASE_URL_{database.context.upper()}": database.role_url(role, secret_key)
        for database in databases
    }
