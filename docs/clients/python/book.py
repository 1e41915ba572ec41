"""Books over a stream with redis-py and `contracts`: a command out, its answer and its event back.

    make run                                            # in another terminal
    PYTHONPATH=. .venv/bin/python docs/clients/python/book.py

Told by the environment, all optional: DATA_DIR, PUBLISHER, TENANT_ID, RESOURCE_ID, STARTS_AT.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from redis import Redis

from contracts.reservation.commands import BookingCreate
from contracts.wire.codec import decode, encode
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply, decode_reply

EVENTS = "reservation.events"
TENANT_ID = "0d0e0a00-0000-4000-8000-000000000001"  # the demonstration tenant
RESOURCE_ID = "0d0e0a00-0000-4000-8000-000000000012"  # and a resource of it
WITHIN_SECONDS = 10.0


def main() -> int:
    """0 when the booking was made and its event was read."""
    publisher = os.environ.get("PUBLISHER", "demo")
    endpoints = Path(os.environ.get("DATA_DIR", ".data")) / "endpoints.json"
    access = json.loads(endpoints.read_text())["publishers"][publisher]
    # The publisher's own user: it may append to its ingress stream, and read its answers and the
    # events. BLOCK stays below redis-py's socket time-out of 5 s.
    redis = Redis.from_url(access["redis"])

    # Where the events end now, so that nothing is missed and nothing old is met.
    events_end = newest(redis, EVENTS)
    reply = booked(redis, access["stream"], f"replies.ingress.{publisher}")
    if reply.status != 201:
        print(json.dumps(reply.problem), file=sys.stderr)
        return 1
    booking = reply.body
    print(f"answered 201: booking {booking['id']} is {booking['status']}")

    event = first(
        redis, EVENTS, events_end, lambda found: found.subject == f"booking/{booking['id']}"
    )
    print(f"event on {EVENTS}: {event.type}, sequence {event.sequence}, {event.data.decode()}")
    return 0


def booked(redis: Redis, stream: str, answers: str) -> Reply:
    """The answer to a booking; where the place is taken, to one of the next that is free."""
    tenant_id = UUID(os.environ.get("TENANT_ID", TENANT_ID))
    resource_id = UUID(os.environ.get("RESOURCE_ID", RESOURCE_ID))
    starts_at = datetime.fromisoformat(os.environ.get("STARTS_AT") or next_working_day())
    answers_end = newest(redis, answers)
    while True:
        command = BookingCreate(
            resource_id=resource_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
        )
        entry = entry_of(command, tenant_id)
        fields: Any = encode(entry)
        redis.xadd(stream, fields)
        print(f"published {entry.type} {entry.id} for {starts_at.isoformat()}")
        reply = reply_to(entry, redis, answers, answers_end)
        problem = reply.problem or {}
        following = problem.get("next_available")
        if reply.status == 201 or following is None:
            return reply
        print(f"answered {reply.status} {problem['code']}")
        starts_at = datetime.fromisoformat(following["starts_at"])


def entry_of(command: BookingCreate, tenant_id: UUID) -> Envelope:
    """The entry. Its id is this system's to keep: published again, the same entry takes no second
    effect and gets the same answer. `source` is stamped over by the ingress."""
    return Envelope(
        id=new_id(),
        type=command.type,
        source="docs/clients/python",
        tenant_id=tenant_id,
        data=command.model_dump_json(exclude_unset=True).encode(),
    )


def reply_to(asked: Envelope, redis: Redis, stream: str, after: str) -> Reply:
    """The answer whose subject is the id that was published."""
    found = first(redis, stream, after, lambda answer: answer.subject == str(asked.id))
    return decode_reply(found.data)


def newest(redis: Redis, stream: str) -> str:
    """The id of the newest entry, `0-0` of an empty stream."""
    found: Any = redis.xrevrange(stream, count=1)
    return found[0][0].decode() if found else "0-0"


def first(redis: Redis, stream: str, after: str, wanted: Callable[[Envelope], bool]) -> Envelope:
    """The first message behind `after` that is wanted; raises TimeoutError when none comes."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        found: Any = redis.execute_command(
            "XREAD", "COUNT", 1000, "BLOCK", 500, "STREAMS", stream, after
        )
        # RESP3 answers a map and RESP2 pairs; redis-py hands on either.
        batches = found.values() if isinstance(found, dict) else [pair[1] for pair in found or ()]
        for entry_id, fields in (entry for batch in batches for entry in batch):
            after = entry_id.decode()
            message = decode(fields)
            if wanted(message):
                return message
    raise TimeoutError(f"nothing came on {stream} within {WITHIN_SECONDS:g} s")


def next_working_day() -> str:
    """The next working day at 14:00Z, which is 11:00 in São Paulo."""
    day = datetime.now(UTC) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.strftime("%Y-%m-%dT14:00:00+00:00")


if __name__ == "__main__":
    sys.exit(main())
