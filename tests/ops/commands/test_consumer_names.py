"""The name a process reads under: its own, kept over restarts, and nobody else's at the time."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from ops import consumer_names
from ops.consumer_names import Readers, default_name, is_name, own_name
from ops.errors import Taken
from tests.gateway.server import ValkeyServer

STREAM = GROUP = "reservation"
READ = ((STREAM, GROUP),)
NOWHERE = "redis://127.0.0.1:9"


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    found = ValkeyServer()
    found.start()
    with redis.Redis.from_url(found.url) as client:
        client.xgroup_create(STREAM, GROUP, mkstream=True)
    yield found
    found.remove()


def read_as(server: ValkeyServer, name: str) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.xreadgroup(GROUP, name, {STREAM: ">"}, count=1)


def test_who_asks_again_reads(server: ValkeyServer) -> None:
    """One who asks for entries again while being watched is there."""
    read_as(server, "alive")
    readers = Readers(server.url, READ, sleep=lambda _: read_as(server, "alive"))
    assert readers.read_as("alive")
    assert readers.others_than("me") == ["alive"]


def test_who_is_silent_is_gone(
    server: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who has just died is waited for, and its name goes to who comes after."""
    monkeypatch.setattr(consumer_names, "SILENT_SECONDS", 0.4)
    monkeypatch.setattr(consumer_names, "LOOK_SECONDS", 0.05)
    read_as(server, "died")
    assert own_name("died", tmp_path, server.url, READ, numbered=False) == "died"


def test_a_taken_name(
    server: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A default name gets a number, and one that was asked for is refused."""
    monkeypatch.setattr(Readers, "read_as", lambda _, name: name in ("worker", "worker-2"))
    assert own_name("worker", tmp_path, server.url, READ, numbered=True) == "worker-3"
    with pytest.raises(Taken, match="another with --name"):
        own_name("worker", tmp_path, server.url, READ, numbered=False)


def test_two_that_start_at_once(server: ValkeyServer, tmp_path: Path) -> None:
    """Of a name that somebody holds on the data folder Redis need not have heard yet."""
    (tmp_path / "names").mkdir()
    with (tmp_path / "names" / "worker").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert own_name("worker", tmp_path, server.url, READ, numbered=True) == "worker-2"
    assert own_name("worker", tmp_path, server.url, READ, numbered=True) == "worker"


def test_a_redis_that_is_away(tmp_path: Path) -> None:
    """It says nothing against a name; nor does a data folder that is not there."""
    assert own_name("worker", tmp_path / "none", NOWHERE, READ, numbered=False) == "worker"
    assert not (tmp_path / "none").exists()


def test_default_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind and the machine's own name, of letters that a stream's name takes, and short enough
    for a number behind it."""
    monkeypatch.setattr("socket.gethostname", lambda: "Böx_1.example.org")
    assert default_name("worker", "tenant") == "worker-tenant-b-x-1"
    monkeypatch.setattr("socket.gethostname", lambda: "x" * 80)
    assert is_name(f"{default_name('worker')}-99")
    assert not is_name("Worker")
    assert not is_name("")
