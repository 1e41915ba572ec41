"""Whether the embedded servers wait for the disk."""

import asyncpg
import pytest

from ops.embedded.placement import wheel_programs
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.valkey import EmbeddedValkey
from ops.redis.users import RedisPasswords
from ops.settings import Settings
from tests.installation import Installation


async def test_switched_off_they_do_not(running: Installation) -> None:
    """With EMBEDDED_FSYNC=false, as tests run, neither server waits for a disk; what is committed
    is acknowledged as before, and Redis writes all that it is told."""
    said = (running.data_dir / "valkey" / "valkey.conf").read_text(encoding="utf-8").splitlines()
    assert {"appendonly yes", "appendfsync no"} <= set(said)
    connection = await asyncpg.connect(running.endpoints["databases"]["tenant"])
    try:
        assert await connection.fetchval("SHOW fsync") == "off"
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
    finally:
        await connection.close()


@pytest.mark.parametrize("said", [{}, {"ENVIRONMENT": "production"}])
def test_otherwise_they_do(said: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nobody is without it who has not asked for that: not in development, never in production."""
    assert Settings.read(said).embedded_fsync
    folder = tmp_path_factory.mktemp("cluster")
    server = EmbeddedPostgres(wheel_programs().postgres, folder, 5432, "a password")
    assert not [word for word in server.part().argv if "fsync" in word]
    redis = EmbeddedValkey(
        wheel_programs().valkey_server,
        tmp_path_factory.mktemp("valkey"),
        6379,
        RedisPasswords("an administrator's", "our own", {}),
    )
    redis.prepare()
    assert "appendfsync everysec" in (redis.data / "valkey.conf").read_text().splitlines()
