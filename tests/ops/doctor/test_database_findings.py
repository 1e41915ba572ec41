"""What the doctor finds about a PostgreSQL and a context's database."""

from collections.abc import Iterator
from dataclasses import replace

import asyncpg
import pytest

from ops.database import ContextDatabase
from ops.doctor import postgres
from ops.doctor.finding import Finding
from storage.delivery.heads import newest_revision
from tests.integration.postgres import SECRET, Databases, run_in_a_thread

PUBLISHING = {"user": "user"}


@pytest.fixture(scope="module")
def database() -> Iterator[ContextDatabase]:
    """One context's, migrated."""
    databases = Databases()
    databases.start()
    url = databases.of("user").administrator
    yield ContextDatabase("user", url, "slotstream_user")
    databases.stop()


def look(database: ContextDatabase, secret: str = SECRET) -> postgres.Seen:
    return postgres.server((database,), secret, PUBLISHING)


def change(database: ContextDatabase, statement: str) -> None:
    async def act() -> None:
        connection = await asyncpg.connect(database.url)
        await connection.execute(statement)
        await connection.close()

    run_in_a_thread(act)


def not_well(seen: postgres.Seen) -> list[Finding]:
    return [one for one in seen.findings if one.state != "ok"]


def test_a_database_as_it_should_be(database: ContextDatabase) -> None:
    """Roles, revision and row-level security are well, and the clock was read."""
    seen = look(database)
    assert not_well(seen) == []
    assert {one.about for one in seen.findings} == {"postgres", "postgres roles", "database user"}
    assert seen.clock is not None
    assert abs(seen.clock.ahead) < 5


@pytest.mark.parametrize(
    ("statement", "undo", "state", "said"),
    [
        (
            "UPDATE alembic_version SET version_num = '0001'",
            f"UPDATE alembic_version SET version_num = '{newest_revision('user')}'",
            "fail",
            f"it stands at 0001, and the code at {newest_revision('user')}",
        ),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            f"UPDATE alembic_version SET version_num = '{newest_revision('user')}'",
            "warn",
            "it stands at 9999, beyond the code's",
        ),
        (
            "ALTER TABLE account NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE account FORCE ROW LEVEL SECURITY",
            "fail",
            "row-level security is not forced on account",
        ),
        (
            "ALTER ROLE slotstream_app BYPASSRLS",
            "ALTER ROLE slotstream_app NOBYPASSRLS",
            "fail",
            "slotstream_app may do too much",
        ),
        (
            "ALTER TABLE alembic_version RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO alembic_version",
            "fail",
            "slotstream_user has no tables yet",
        ),
    ],
)
def test_what_is_not_as_it_should_be(
    database: ContextDatabase, statement: str, undo: str, state: str, said: str
) -> None:
    """Each is one line with its advice, and nothing else is."""
    change(database, statement)
    try:
        (found,) = not_well(look(database))
    finally:
        change(database, undo)
    assert found.state == state
    assert said in found.said
    assert found.advice


def test_another_secret_key(database: ContextDatabase) -> None:
    """The roles' passwords follow from it: the advice is to set the one that they have."""
    (found,) = look(database, "another secret key").findings
    assert "does not let slotstream_app in" in found.said
    assert "SECRET_KEY" in found.advice


def test_no_such_database(database: ContextDatabase) -> None:
    """A database that nobody prepared is named."""
    (found,) = look(replace(database, name="slotstream_nowhere")).findings
    assert "has no database slotstream_nowhere" in found.said
    assert "slotstream prepare" in found.advice


def test_a_server_that_is_away() -> None:
    """One line, without a password."""
    url = "postgresql://postgres:canary@127.0.0.1:9/"
    seen = look(ContextDatabase("user", url, "slotstream_user"))
    (found,) = seen.findings
    assert "127.0.0.1:9 does not answer" in found.said
    assert "canary" not in str(found)
    assert (seen.clock, seen.relays) == (None, {})


def test_who_relays(database: ContextDatabase) -> None:
    """A relay is alive while it holds its lock."""
    assert look(database).relays == {"user": False}
    seen: list[postgres.Seen] = []

    async def hold() -> None:
        connection = await asyncpg.connect(database.url)
        await connection.execute("SELECT pg_advisory_lock(hashtextextended('relay:user', 0))")
        run_in_a_thread(look_once)
        await connection.close()

    async def look_once() -> None:
        await postgres.look((database,), SECRET, PUBLISHING, seen[0])

    seen.append(postgres.Seen())
    run_in_a_thread(hold)
    assert seen[0].relays == {"user": True}
