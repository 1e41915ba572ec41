"""Streams and groups: there, read by somebody, and nobody's left over; relays; dead letters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import redis

from contracts.wire.streams import dead_of, rejects_of
from ops.consumer_names import SILENT_SECONDS
from ops.doctor.finding import Finding, fail, ok, skip, warn
from ops.doctor.redis_server import client_of

Group = tuple[str, str]
MANY_WAITING = 10_000
PREPARE = "Run `slotstream prepare`."


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be there."""

    groups: tuple[Group, ...]
    served: tuple[str, ...]
    publishers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """One group as Redis describes it."""

    stream: str
    name: str
    pending: int
    lag: int
    # None where nobody has ever read.
    silent: float | None

    @property
    def is_read(self) -> bool:
        return self.silent is not None and self.silent < SILENT_SECONDS


def streams(url: str, expected: Expected, relays: dict[str, bool]) -> Iterator[Finding]:
    """Nothing where Redis does not answer, which another line says."""
    try:
        with client_of(url) as client:
            names = sorted({stream for stream, _ in expected.groups})
            known = {(one.stream, one.name): one for name in names for one in _groups(client, name)}
            yield from _there(expected, known)
            yield from _left_over(expected, known)
            yield from _read(expected, known)
            yield from _relays(relays, serves=any(one.is_read for one in known.values()))
            yield from _dead(client, expected)
    except (redis.RedisError, OSError) as wrong:
        yield skip("streams", f"could not be looked at: {wrong}")


def _groups(client: "redis.Redis", stream: str) -> Iterator[Known]:
    try:
        found: Any = client.xinfo_groups(stream)
    except redis.ResponseError:
        return
    for one in found:
        name = one["name"].decode()
        consumers: Any = client.xinfo_consumers(stream, name)
        silent = min((consumer["idle"] / 1000 for consumer in consumers), default=None)
        yield Known(stream, name, one["pending"], one.get("lag") or 0, silent)


def _there(expected: Expected, known: dict[Group, Known]) -> Iterator[Finding]:
    missing = [
        f"{stream} ({group})" for stream, group in expected.groups if (stream, group) not in known
    ]
    if missing:
        yield fail("streams", f"there is no group on {', '.join(missing)}", PREPARE)
    else:
        yield ok("streams", f"{len(expected.groups)} groups are there")


def _left_over(expected: Expected, known: dict[Group, Known]) -> Iterator[Finding]:
    wanted = set(expected.groups)
    for stream, group in known:
        if (stream, group) not in wanted:
            advice = f"XGROUP DESTROY {stream} {group}, if nobody reads it: it holds up trimming."
            yield warn(
                "streams", f"{stream} has the group {group}, which nothing here reads", advice
            )


def _read(expected: Expected, known: dict[Group, Known]) -> Iterator[Finding]:
    found = [known[group] for group in expected.groups if group in known]
    unread = [one for one in found if not one.is_read]
    if len(unread) == len(found):
        yield skip("readers", "no worker and no subscriber reads at present")
    elif unread:
        named = ", ".join(f"{one.stream} ({one.name})" for one in unread)
        advice = "Start a worker or subscriber for it."
        yield fail("readers", f"nobody reads {named}", advice)
    else:
        yield ok("readers", "every group is read")
    for one in found:
        if one.lag + one.pending > MANY_WAITING:
            said = f"{one.lag + one.pending:,} entries of {one.stream} wait for {one.name}"
            yield warn("readers", said, "Start more of them, or see what holds them up.")


def _relays(relays: dict[str, bool], *, serves: bool) -> Iterator[Finding]:
    without = [context for context, held in relays.items() if not held]
    if not relays:
        yield skip("relay", "no database could be asked")
    elif not without:
        yield ok("relay", "one is active for every context")
    elif serves:
        said = f"none is active for {', '.join(without)}"
        yield fail("relay", said, "Start `slotstream relay`: without it no event is published.")
    else:
        yield skip("relay", "none is active, and nothing else runs")


def _dead(client: "redis.Redis", expected: Expected) -> Iterator[Finding]:
    found = list(_lengths(client, (dead_of(one) for one in (*expected.served, "ingress"))))
    for stream, count in found:
        advice = "See why with `slotstream dead-letters list`; then replay or discard them."
        yield warn("dead letters", f"{count:,} in {stream}", advice)
    if not found:
        yield ok("dead letters", "none")
    for stream, count in _lengths(client, map(rejects_of, expected.publishers)):
        advice = "Its publisher sends what it may not, or what is no message: each says why."
        yield warn("rejects", f"{count:,} in {stream}", advice)


def _lengths(client: "redis.Redis", names: Iterable[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        length: Any = client.xlen(name)
        if length:
            yield name, int(length)
