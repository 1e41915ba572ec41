"""Redis or Valkey: whether it is there, keeps what it is given, and lets us do what we have to."""

from collections.abc import Iterator
from typing import Any

import redis

from ops.doctor.finding import Finding, fail, ok, skip, warn
from ops.redis.question import server_of

SECONDS = 3.0
OLDEST = (7, 0)
# Nothing is written by these: NOMKSTREAM makes no stream, and nobody hears the channel.
NEEDED: tuple[tuple[str, ...], ...] = (
    ("XADD", "slotstream.doctor", "NOMKSTREAM", "*", "looked", "at"),
    ("XLEN", "user.commands"),
    ("EVAL", "return 1", "0"),
    ("PUBLISH", "slotstream.doctor", ""),
    ("TIME",),
)
ADVICE_ACL = "Give the user the rights that ops/redis/users.acl lists."


def client_of(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)


def server(url: str) -> Iterator[Finding]:
    """Everything about the server itself; one line when it does not answer."""
    where = server_of(url)
    try:
        with client_of(url) as client:
            client.ping()
            yield ok("redis", f"{where} answers")
            yield from _described(client.info())
            yield from _rights(client)
    except (redis.AuthenticationError, redis.exceptions.NoPermissionError) as wrong:
        yield fail("redis", f"{where} refuses the user: {_short(wrong)}", "Check REDIS_URL.")
    except (redis.RedisError, OSError) as wrong:
        advice = "Start it, or check REDIS_URL and what stands between."
        yield fail("redis", f"{where} does not answer: {_short(wrong)}", advice)


def _described(said: Any) -> Iterator[Finding]:
    version = str(said.get("valkey_version") or said.get("redis_version"))
    name = said.get("server_name") or "redis"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        yield fail("redis version", f"{name} {version} is too old", "7.0 or newer is needed.")
    else:
        yield ok("redis version", f"{name} {version}")
    if said.get("role") != "master":
        yield fail("redis role", "it is a replica", "Let REDIS_URL name the primary.")
    yield from _persistence(said)
    policy = said.get("maxmemory_policy")
    if policy is None:
        yield skip("redis memory", "it does not say what it does when it is full")
    elif policy != "noeviction":
        advice = "Set maxmemory-policy noeviction: it would throw messages away."
        yield fail("redis memory", f"maxmemory-policy is {policy}", advice)
    else:
        yield from _room(said)


def _persistence(said: Any) -> Iterator[Finding]:
    if not said.get("aof_enabled"):
        advice = "Set appendonly yes: a restart would lose what was not carried out."
        yield fail("redis persistence", "the append-only file is off", advice)
    elif said.get("aof_last_write_status", "ok") != "ok":
        yield fail("redis persistence", "it cannot write its append-only file", "Look at its disk.")
    else:
        yield ok("redis persistence", "the append-only file is on")


def _room(said: Any) -> Iterator[Finding]:
    used, most = int(said.get("used_memory", 0)), int(said.get("maxmemory", 0))
    share = used / most if most else 0.0
    text = f"noeviction, {used >> 20:,} MiB used" + (f" of {most >> 20:,}" if most else "")
    if share > 0.8:
        yield warn("redis memory", text, "Give it more: full, it takes no message.")
    else:
        yield ok("redis memory", text)


def _rights(client: "redis.Redis") -> Iterator[Finding]:
    refused = [words[0] for words in NEEDED if not _may(client, *words)]
    if refused:
        yield fail("redis rights", f"the user may not {', '.join(refused)}", ADVICE_ACL)
        return
    if _may(client, "CONFIG", "GET", "maxmemory"):
        advice = "Give our processes a user of their own, as in ops/redis/users.acl."
        yield warn("redis rights", "the user may also reconfigure the server", advice)
    else:
        yield ok("redis rights", "the user may do what it has to, and not reconfigure the server")


def _may(client: "redis.Redis", *words: str) -> bool:
    try:
        client.execute_command(*words)
    except redis.exceptions.NoPermissionError:
        return False
    except redis.ResponseError as wrong:
        # A managed server that does not know the command does not let anybody.
        return "unknown command" not in str(wrong).lower()
    return True


def _short(wrong: Exception) -> str:
    return str(wrong).partition("\n")[0].rstrip(".") or type(wrong).__name__
