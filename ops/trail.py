"""What an operator does by a tool stands in the platform's trail, where an installation runs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import redis

from contracts.wire.codec import encode
from contracts.wire.envelope import TOOL, Actor
from contracts.wire.identity import new_id
from contracts.wire.noticing import Noticed, notice_of
from contracts.wire.streams import commands_of
from contracts.wire.strict import rfc3339

OPERATOR = Actor("system", "operator")
SECONDS = 2.0
# As long as a line of the trail may be.
LONGEST = 200


def recorded(data_dir: Path, event_type: str, subject: str, url: str | None = None) -> bool:
    """Whether the record is on its way, to the Redis of `url` or of the run that has the folder.
    Where nothing runs there is nothing to take it."""
    try:
        if url is None:
            told = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
            url = str(told["redis"])
        with redis.Redis.from_url(
            url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        ) as client:
            record(client, event_type, subject)
    except (OSError, ValueError, KeyError, redis.RedisError):
        return False
    return True


def record(  # what a record has, word by word
    client: "redis.Redis",
    event_type: str,
    subject: str,
    *,
    tenant_id: UUID | None = None,
    reason: str = "",
    times: int = 1,
) -> None:
    """The record is on its way: in the platform's trail, unless it names a tenant. Where it stands
    for several things, `times` is how many, and `reason` may say which."""
    now = rfc3339(datetime.now(UTC))
    noticed = Noticed(
        event_type=event_type,
        tenant_id=tenant_id,
        actor=OPERATOR,
        at=now,
        outcome="succeeded",
        subject=subject,
        reason=reason if len(reason) <= LONGEST else reason[: LONGEST - 1] + "…",
        channel=TOOL,
        times=times,
        until=now if times > 1 else "",
    )
    fields = encode(notice_of(noticed, new_id(), "tool/ops"))
    parts = [part for pair in fields.items() for part in pair]
    client.execute_command("XADD", commands_of("audit"), "*", *parts)
