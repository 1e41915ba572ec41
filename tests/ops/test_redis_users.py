"""Every kind of Redis user against every kind of command and key, on the embedded server."""

from collections.abc import Iterator

import pytest
import redis

from ops.keys import kept_secret
from tests.installation import Installation

OWN = "ingress.demo"
ANSWERS = "replies.ingress.demo"
EVENTS = "reservation.events"
FOREIGN = ["ingress.other", "replies.ingress.other", "replies.gateway-1", "reservation.commands"]


def client_of(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


@pytest.fixture(scope="module")
def administrator(running: Installation) -> Iterator[redis.Redis]:
    client = client_of(running.endpoints["redis"])
    for stream in (OWN, ANSWERS, EVENTS, *FOREIGN):
        client.xadd(stream, {"first": "entry"})
    yield client
    client.flushall()
    client.close()


@pytest.fixture(scope="module")
def publisher(running: Installation, administrator: redis.Redis) -> Iterator[redis.Redis]:
    client = client_of(running.endpoints["publishers"]["demo"]["redis"])
    yield client
    client.close()


@pytest.fixture(scope="module")
def ours(running: Installation, administrator: redis.Redis) -> Iterator[redis.Redis]:
    password = kept_secret(running.data_dir / "secrets", "redis_slotstream")
    address = running.endpoints["redis"].rpartition("@")[2]
    client = client_of(f"redis://slotstream:{password}@{address}")
    yield client
    client.close()


def test_publisher_writes_to_its_own_stream(publisher: redis.Redis) -> None:
    """A publisher appends to its ingress stream."""
    assert publisher.ping()
    assert publisher.xadd(OWN, {"specversion": "1.0"})


def test_publisher_reads_answers_and_events(publisher: redis.Redis) -> None:
    """It reads its answers and every context's events."""
    for stream in (ANSWERS, EVENTS):
        assert publisher.xlen(stream) == 1
        assert publisher.xrange(stream) == publisher.xrevrange(stream)
        assert publisher.xread({stream: "0"})


@pytest.mark.parametrize("stream", [*FOREIGN, EVENTS, ANSWERS])
def test_publisher_writes_nowhere_else(publisher: redis.Redis, stream: str) -> None:
    """It can append to no other stream."""
    with pytest.raises(redis.exceptions.NoPermissionError):
        publisher.xadd(stream, {"forged": "1"})


@pytest.mark.parametrize("stream", [*FOREIGN, OWN])
def test_publisher_reads_nothing_else(publisher: redis.Redis, stream: str) -> None:
    """It reads no other stream, and what it wrote it cannot read back either."""
    for read in (publisher.xrange, publisher.xrevrange):
        with pytest.raises(redis.exceptions.NoPermissionError):
            read(stream)
    with pytest.raises(redis.exceptions.NoPermissionError):
        publisher.xread({stream: "0"})


@pytest.mark.parametrize(
    "command",
    [
        ("DEL", OWN),
        ("XDEL", OWN, "1-1"),
        ("XTRIM", OWN, "MAXLEN", "0"),
        ("XSETID", OWN, "99-1"),
        ("XGROUP", "CREATE", EVENTS, "mine", "0"),
        ("XREADGROUP", "GROUP", "audit", "me", "STREAMS", EVENTS, ">"),
        ("SET", OWN, "1"),
        ("KEYS", "*"),
        ("SCAN", "0"),
        ("FLUSHALL",),
        ("CONFIG", "GET", "*"),
        ("ACL", "LIST"),
        ("EVAL", "return 1", "0"),
        ("SUBSCRIBE", "news"),
        ("INFO",),
        ("SHUTDOWN",),
    ],
)
def test_publisher_may_do_nothing_else(publisher: redis.Redis, command: tuple[str, ...]) -> None:
    """Every other kind of command is refused."""
    with pytest.raises(redis.exceptions.NoPermissionError):
        publisher.execute_command(*command)


def test_our_own_processes(ours: redis.Redis) -> None:
    """They work with every key, group and script, and see how the server is."""
    ours.xadd("user.commands", {"a": "1"})
    ours.xgroup_create("user.commands", "user", id="0")
    assert ours.xreadgroup("user", "handler-1", {"user.commands": ">"})
    assert ours.eval("return redis.call('XLEN', KEYS[1])", 1, "user.commands") == 1
    assert ours.info("memory")["maxmemory_policy"] == "noeviction"
    assert ours.xinfo_stream("user.commands")["length"] == 1


@pytest.mark.parametrize(
    "command",
    [
        ("FLUSHALL",),
        ("KEYS", "*"),
        ("CONFIG", "SET", "maxmemory", "1"),
        ("ACL", "LIST"),
        ("SHUTDOWN",),
    ],
)
def test_our_own_processes_cannot_empty_it(ours: redis.Redis, command: tuple[str, ...]) -> None:
    """They can neither empty nor reconfigure nor stop the server."""
    with pytest.raises(redis.exceptions.NoPermissionError):
        ours.execute_command(*command)


def test_stranger(running: Installation) -> None:
    """Without a password there is nothing."""
    address = running.endpoints["redis"].rpartition("@")[2]
    with pytest.raises(redis.exceptions.AuthenticationError):
        client_of(f"redis://{address}").ping()


def test_durability(administrator: redis.Redis) -> None:
    """Append-only, synced as EMBEDDED_FSYNC says, and never evicting."""
    for name, value in (
        ("appendonly", "yes"),
        ("appendfsync", "no"),
        ("maxmemory-policy", "noeviction"),
        ("aof-load-truncated", "yes"),
    ):
        assert administrator.config_get(name)[name] == value
