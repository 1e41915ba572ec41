"""Databases and roles on a real server: made, mended, and no more than they should be."""

import time

import asyncpg
import pytest

from ops.database import (
    APP,
    ROLES,
    ContextDatabase,
    connect,
    context_database,
    named,
    prepare_databases,
    quoted,
    role_urls,
)
from ops.errors import Refused, StartupError
from tests.installation import Installation

KEY = "a secret key of the test"


def silent(_: str) -> None:
    """Attempts are not what these tests look at."""


@pytest.fixture
def server(running: Installation) -> str:
    """The administrator's URL of a server, without a database."""
    return str(running.endpoints["databases"]["tenant"]).rpartition("/")[0]


async def answer(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_roles_are_plain(server: str) -> None:
    """The three roles sign in with their derived passwords, own nothing and are above nothing."""
    database = context_database("tenant", f"{server}/", names_database=False)
    await prepare_databases([database], KEY, 10, silent)
    for role in ROLES:
        assert await answer(database.role_url(role, KEY), "SELECT current_user") == role
    privileged = (
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'slotstream\\_%' AND "
        "(rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)"
    )
    assert await answer(database.url, privileged) == 0
    owned = (
        "SELECT count(*) FROM pg_database JOIN pg_roles ON datdba = pg_roles.oid "
        "WHERE rolname LIKE 'slotstream\\_%'"
    )
    assert await answer(database.url, owned) == 0


async def test_changed_role_is_mended(server: str) -> None:
    """A role that got more rights, or another password, is put right by the next start."""
    database = context_database("tenant", f"{server}/", names_database=False)
    await prepare_databases([database], KEY, 10, silent)
    await answer(database.url, f"ALTER ROLE {APP} SUPERUSER BYPASSRLS PASSWORD 'other'")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(database.role_url(APP, KEY))
    await prepare_databases([database], KEY, 10, silent)
    state = f"SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = '{APP}'"
    assert await answer(database.role_url(APP, KEY), state) is False


async def test_new_secret_key(server: str) -> None:
    """With another secret key the roles get the passwords that it gives."""
    database = context_database("tenant", f"{server}/", names_database=False)
    for key in (KEY, "another key", KEY):
        await prepare_databases([database], key, 10, silent)
        assert await answer(database.role_url(APP, key), "SELECT 1") == 1


async def test_odd_name(server: str) -> None:
    """A database's name is quoted wherever it is used, and kept from other users of the server."""
    database = ContextDatabase("user", f"{server}/", 'od"d; name')
    for _ in range(2):
        await prepare_databases([database], KEY, 10, silent)
    assert await answer(database.url, "SELECT current_database()") == 'od"d; name'
    await answer(database.url, "CREATE ROLE stranger LOGIN PASSWORD 'known'")
    stranger = database.url.replace("postgres:", "stranger:", 1)
    address = stranger.rpartition("@")[2]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(f"postgresql://stranger:known@{address}")


async def test_administrator_who_may_not(server: str) -> None:
    """A user without the right to prepare is refused with one sentence."""
    database = context_database("tenant", f"{server}/", names_database=False)
    await prepare_databases([database], KEY, 10, silent)
    weak = ContextDatabase("tenant", database.role_url(APP, KEY), "not_made_yet")
    with pytest.raises(Refused, match="may not prepare the databases"):
        await prepare_databases([weak], KEY, 10, silent)


async def test_connection_details() -> None:
    """What a URL says wrongly is one sentence, and a server's name holds no secret."""
    assert named("postgresql://user:secret@db.example:6432/x") == "db.example:6432"
    assert quoted('a"b') == '"a""b"'
    with pytest.raises(StartupError, match="DATABASE_URL cannot be used"):
        await connect("postgresql://user@127.0.0.1/x?sslmode=perhaps", time.monotonic() + 5, silent)


def test_urls_by_role() -> None:
    """Each part gets a URL for each context, with its own role, port, database and options."""
    database = context_database(
        "user", "postgresql+asyncpg://root:x@db:6432/its?sslmode=require", names_database=True
    )
    urls = role_urls([database], APP, KEY, prefix="TIMER_")
    assert list(urls) == ["TIMER_DATABASE_URL_USER"]
    assert urls["TIMER_DATABASE_URL_USER"].startswith(f"postgresql://{APP}:")
    assert urls["TIMER_DATABASE_URL_USER"].endswith("@db:6432/its?sslmode=require")
