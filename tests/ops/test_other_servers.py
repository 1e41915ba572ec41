"""Servers that a URL names, and folders that the embedded ones' user cannot enter."""

import json
import os
from pathlib import Path

import asyncpg
import pytest

from tests.installation import Installation, new_folder
from tests.ops.conftest import MakeInstallation


async def test_servers_of_ones_own(running: Installation, installations: MakeInstallation) -> None:
    """With both URLs nothing embedded is started, and the databases are made over there."""
    found = running.endpoints
    # Another secret key over there: the roles exist and get the passwords of this one.
    server = found["databases"]["tenant"].rpartition("/")[0]
    other = installations(
        {
            "DATABASE_URL": server,
            "DATABASE_URL_TENANT": f"{server}/elsewhere",
            "REDIS_URL": found["redis"],
        }
    )
    other.start()
    endpoints = other.endpoints
    assert endpoints["processes"]["redis"] is None
    assert endpoints["processes"]["postgres"] is None
    assert not (other.data_dir / "postgres").exists()
    assert endpoints["databases"]["tenant"].endswith("/elsewhere")
    assert endpoints["databases"]["user"].endswith("/slotstream_user")
    assert endpoints["publishers"]["demo"]["redis"] == found["redis"]
    connection = await asyncpg.connect(endpoints["databases"]["tenant"])
    assert await connection.fetchval("SELECT current_database()") == "elsewhere"
    await connection.close()


async def test_half_of_ones_own(running: Installation, installations: MakeInstallation) -> None:
    """One context's database may be elsewhere while the others stay embedded."""
    url = running.endpoints["databases"]["user"]
    other = installations({"DATABASE_URL_USER": url})
    other.start()
    endpoints = other.endpoints
    assert endpoints["databases"]["user"] == url
    assert endpoints["databases"]["tenant"] != running.endpoints["databases"]["tenant"]
    assert endpoints["processes"]["postgres"] is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")
def test_closed_folder(installations: MakeInstallation) -> None:
    """Root's DATA_DIR in a closed folder: the clusters are in STATE_DIR, linked, and kept."""
    closed = new_folder()
    state = new_folder()
    closed.chmod(0o700)
    installation = installations({"STATE_DIR": str(state)}, folder=closed)
    installation.start()
    try:
        link = installation.data_dir / "postgres"
        assert link.is_symlink()
        assert link.readlink().parent.parent == state
        assert (link / "PG_VERSION").stat().st_uid != 0
        before = installation.endpoints["databases"]
        assert installation.stop() == 0
        installation.start()
        assert installation.endpoints["databases"] == before
    finally:
        installation.close()
    assert not list(state.glob("*/postgres"))
    _remove(state)


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def test_log_in_json(installations: MakeInstallation) -> None:
    """With LOG_FORMAT=json every line is one JSON object, the servers' lines too."""
    installation = installations({"LOG_FORMAT": "json"})
    installation.start()
    installation.stop()
    lines = [json.loads(line) for line in installation.last_lines(1000).splitlines()]
    assert {"postgres", "redis", "gateway-1", "slotstream"} <= {line["part"] for line in lines}
