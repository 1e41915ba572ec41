"""What the doctor finds about a Redis, its streams and its groups."""

from collections.abc import Iterable, Iterator

import pytest
import redis

from ops.doctor import redis_server, streams
from ops.doctor.finding import Finding
from ops.doctor.streams import Expected
from tests.gateway.server import ValkeyServer

EXPECTED = Expected(
    groups=(("user.commands", "user"), ("user.events", "audit")),
    served=("user",),
    publishers=("crm",),
)


@pytest.fixture(scope="module")
def started() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def server(started: ValkeyServer) -> Iterator["redis.Redis"]:
    """Its administrator; every test finds it empty and as it was made."""
    with redis.Redis.from_url(started.url) as client:
        client.flushall()
        yield client
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "no")


def states(findings: Iterable[Finding]) -> dict[str, str]:
    return {one.about: one.state for one in findings}


def words(findings: Iterable[Finding], about: str) -> str:
    return " ".join(f"{one.said} {one.advice}" for one in findings if one.about == about)


def test_what_loses_messages(server: "redis.Redis", started: ValkeyServer) -> None:
    """Without an append-only file, or with eviction, it fails and says what to set."""
    server.config_set("maxmemory-policy", "allkeys-lru")
    found = list(redis_server.server(started.url))
    assert states(found)["redis persistence"] == "fail"
    assert "appendonly yes" in words(found, "redis persistence")
    assert states(found)["redis memory"] == "fail"
    assert "maxmemory-policy noeviction" in words(found, "redis memory")
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("appendonly", "yes")
    found = list(redis_server.server(started.url))
    assert {one.about for one in found if one.state == "fail"} == set()


def test_rights(server: "redis.Redis", started: ValkeyServer) -> None:
    """A user that may too little fails by the command, and one that may too much is warned of."""
    server.execute_command(
        "ACL", "SETUSER", "little", "on", ">canary", "~*", "&*", "+@all", "-eval"
    )
    url = started.url.replace("unix://", "unix://little:canary@")
    found = list(redis_server.server(url))
    assert "may not EVAL" in words(found, "redis rights")
    assert states(found)["redis rights"] == "fail"
    assert states(redis_server.server(started.url))["redis rights"] == "warn"
    refused = list(redis_server.server(url.replace("canary", "wrong-canary")))
    assert states(refused) == {"redis": "fail"}
    assert "Check REDIS_URL" in words(refused, "redis")
    assert "canary" not in f"{found} {refused}"


def test_looking_leaves_nothing(server: "redis.Redis", started: ValkeyServer) -> None:
    """The doctor writes no key."""
    list(redis_server.server(started.url))
    list(streams.streams(started.url, EXPECTED, {}))
    assert server.dbsize() == 0


def test_a_server_that_is_away() -> None:
    """One line, without the password."""
    found = list(redis_server.server("redis://slotstream:canary@127.0.0.1:9"))
    assert states(found) == {"redis": "fail"}
    assert "127.0.0.1:9 does not answer" in words(found, "redis")
    assert "canary" not in str(found)
    nothing = list(streams.streams("redis://127.0.0.1:9", EXPECTED, {}))
    assert states(nothing) == {"streams": "skip"}


def prepare(server: "redis.Redis") -> None:
    for stream, group in EXPECTED.groups:
        server.xgroup_create(stream, group, id="0", mkstream=True)


def test_missing_and_left_over_groups(server: "redis.Redis", started: ValkeyServer) -> None:
    """A group that has to be there fails; one that nothing reads holds up trimming."""
    server.xgroup_create("user.events", "kafka", mkstream=True)
    found = list(streams.streams(started.url, EXPECTED, {}))
    said = words(found, "streams")
    assert {one.state for one in found if one.about == "streams"} == {"fail", "warn"}
    assert "no group on user.commands (user), user.events (audit)" in said
    assert "user.events has the group kafka" in said


def test_who_reads(
    server: "redis.Redis", started: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where something reads, a group that nobody reads fails; where nothing does, nothing runs."""
    monkeypatch.setattr(streams, "SILENT_SECONDS", 3600.0)
    prepare(server)
    found = list(streams.streams(started.url, EXPECTED, {"user": False}))
    assert (states(found)["readers"], states(found)["relay"]) == ("skip", "skip")
    server.xreadgroup("user", "handler-1", {"user.commands": ">"}, count=1)
    found = list(streams.streams(started.url, EXPECTED, {"user": False, "tenant": True}))
    assert states(found)["readers"] == "fail"
    assert "nobody reads user.events (audit)" in words(found, "readers")
    assert states(found)["relay"] == "fail"
    assert "none is active for user" in words(found, "relay")
    server.xreadgroup("audit", "subscriber-1", {"user.events": ">"}, count=1)
    found = list(streams.streams(started.url, EXPECTED, {"user": True}))
    assert states(found) == dict.fromkeys(("streams", "readers", "relay", "dead letters"), "ok")


def test_what_waits(
    server: "redis.Redis", started: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long queue is warned of by its length."""
    monkeypatch.setattr(streams, "MANY_WAITING", 2)
    prepare(server)
    for _ in range(4):
        server.xadd("user.commands", {"a": "b"})
    server.xreadgroup("user", "handler-1", {"user.commands": ">"}, count=1)
    found = list(streams.streams(started.url, EXPECTED, {}))
    assert "4 entries of user.commands wait for user" in words(found, "readers")


def test_dead_letters_and_rejects(server: "redis.Redis", started: ValkeyServer) -> None:
    """Both are counted, with the way to see why."""
    prepare(server)
    server.xadd("user.dead", {"reason": "malformed"})
    server.xadd("reject.crm", {"reason": "malformed"})
    found = list(streams.streams(started.url, EXPECTED, {}))
    assert (states(found)["dead letters"], states(found)["rejects"]) == ("warn", "warn")
    assert "1 in user.dead See why with `slotstream dead-letters list`" in words(
        found, "dead letters"
    )
