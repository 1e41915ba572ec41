"""Whether the embedded PostgreSQL waits for the disk."""

import asyncpg
import pytest

from ops.embedded.placement import wheel_programs
from ops.embedded.postgres import EmbeddedPostgres
from ops.settings import Settings
from tests.installation import Installation


async def test_switched_off_it_does_not(running: Installation) -> None:
    """With EMBEDDED_FSYNC=false, as tests run, the server waits for no disk; what is committed is
    acknowledged as before."""
    connection = await asyncpg.connect(running.endpoints["databases"]["tenant"])
    try:
        assert await connection.fetchval("SHOW fsync") == "off"
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
    finally:
        await connection.close()


@pytest.mark.parametrize("said", [{}, {"ENVIRONMENT": "production"}])
def test_otherwise_it_does(said: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nobody is without it who has not asked for that: not in development, never in production."""
    assert Settings.read(said).embedded_fsync
    folder = tmp_path_factory.mktemp("cluster")
    server = EmbeddedPostgres(wheel_programs().postgres, folder, 5432, "a password")
    assert not [word for word in server.part().argv if "fsync" in word]
