"""10,000 entries as a stranger might write them, on a publisher's stream and on a context's own.

Each is recorded or answered, none is left pending, and none comes to anything.
"""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
import redis
from hypothesis import HealthCheck, Phase, given, settings

from contracts.wire.streams import commands_of, dead_of, ingress_of, rejects_of, replies_to
from handlers.delivery.ingress import GROUP
from tests.e2e.house import House, redis_client
from tests.installation import Installation
from tests.unit.wire.raw_fields import VALID, raw_fields
from tests.waiting import wait_until

COUNT = 10_000
Fields = dict[bytes, bytes]


@pytest.fixture(scope="module")
def entries() -> list[Fields]:
    """What Hypothesis thinks of; an entry has one field at least."""
    found: list[Fields] = []

    @settings(
        max_examples=COUNT,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(raw_fields())
    def draw(fields: Fields) -> None:
        found.append(fields or {b"x": b""})

    draw()
    return found[:COUNT]


def put(client: "redis.Redis", stream: str, entries: list[Fields]) -> dict[bytes, Fields]:
    """The entries, by the ids that they have on the stream."""
    pipe = client.pipeline(transaction=False)
    ids: list[bytes] = []
    for place, fields in enumerate(entries, 1):
        parts = [part for pair in fields.items() for part in pair]
        pipe.execute_command("XADD", stream, "*", *parts)
        if place % 500 == 0:
            ids += pipe.execute()
    ids += pipe.execute()
    return dict(zip(ids, entries, strict=True))


def all_taken(client: Any, stream: str, group: str) -> bool:
    """Whether the group has read and acknowledged everything."""
    (found,) = [one for one in client.xinfo_groups(stream) if one["name"].decode() == group]
    return bool(found["pending"] == 0 and found["lag"] == 0)


def since(client: Any, stream: str, last: str) -> list[Fields]:
    """What was added after that."""
    return [fields for _, fields in client.xrange(stream, min=f"({last}")]


def last_of(client: Any, stream: str) -> str:
    newest = client.xrevrange(stream, count=1)
    return newest[0][0].decode() if newest else "0-0"


def test_a_publishers_entries_are_recorded_or_answered(
    installation: Installation, house: House, entries: list[Fields]
) -> None:
    """Those that are no message stand among the rejects with a reason and their fields; those that
    are one are answered that there is no such tenant or that their body is wrong."""
    publisher = installation.endpoints["publishers"]["demo"]
    client: Any = house.redis
    streams = (rejects_of("demo"), replies_to("ingress.demo"))
    before = {stream: last_of(client, stream) for stream in streams}
    there = put(redis_client(publisher["redis"]), ingress_of("demo"), entries)
    wait_until(lambda: all_taken(client, ingress_of("demo"), GROUP), 300)
    wait_until(lambda: all_taken(client, commands_of("reservation"), "reservation"), 300)
    rejects, replies = (since(client, stream, before[stream]) for stream in streams)

    reasons = Counter(fields[b"reason"].decode() for fields in rejects)
    assert all(any(name.startswith(b"raw.") for name in fields) for fields in rejects)
    assert len(reasons) >= 8, reasons
    answers = [fields for fields in replies if b'"reason"' not in fields[b"data"]]
    # What lasts too long is delivered again, and then recorded or answered again, too.
    rejected = {fields[b"entry"] for fields in rejects}
    forwarded = [fields for entry, fields in there.items() if entry not in rejected]
    assert rejected <= there.keys()
    # Each that was sent on is answered; a repetition of an id finds its first outcome.
    assert len(answers) >= len(forwarded)
    assert {fields[b"subject"].decode() for fields in answers} == set(map(id_of, forwarded))
    assert 0 < len(forwarded) < COUNT / 2
    assert not any(b'"status":2' in fields[b"data"] for fields in replies)
    wait_until(installation.is_ready, 30)


def id_of(fields: Fields) -> str:
    """As it is written in an answer, however it was written."""
    return str(UUID(fields[b"id"].decode()))


def test_entries_past_the_ingress_come_to_nothing(
    installation: Installation, house: House, entries: list[Fields]
) -> None:
    """Whoever gets at a context's own stream finds the same: a dead letter with its reason, or an
    answer that refuses."""
    client: Any = house.redis
    stream, dead = commands_of("reservation"), dead_of("reservation")
    before = last_of(client, dead)
    bookings = house.owner.get("/reservations/bookings/").json()["items"]
    put(client, stream, entries)
    wait_until(lambda: all_taken(client, stream, "reservation"), 300)
    letters = {fields[b"entry"]: fields for fields in since(client, dead, before)}
    reasons = Counter(fields[b"reason"].decode() for fields in letters.values())
    assert len(reasons) >= 8, reasons
    # A body that is wrong is its sender's own mistake: answered, where a reply stream is named.
    named = [one for one in entries if one.get(b"replyto") and VALID[b"type"] == one.get(b"type")]
    assert COUNT - len(named) <= len(letters) <= COUNT
    assert house.owner.get("/reservations/bookings/").json()["items"] == bookings
    wait_until(installation.is_ready, 30)
