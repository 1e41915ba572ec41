"""What an operator does by a tool stands in the platform's trail, where an installation runs."""

import json
from datetime import UTC, datetime
from pathlib import Path

import redis

from contracts.wire.codec import encode
from contracts.wire.envelope import TOOL, Actor
from contracts.wire.identity import new_id
from contracts.wire.noticing import Noticed, notice_of
from contracts.wire.streams import commands_of
from contracts.wire.strict import rfc3339

OPERATOR = Actor("system", "operator")
SECONDS = 2.0


def recorded(data_dir: Path, event_type: str, subject: str) -> bool:
    """Whether the record is on its way. Where nothing runs there is nothing to take it."""
    noticed = Noticed(
        event_type=event_type,
        tenant_id=None,
        actor=OPERATOR,
        at=rfc3339(datetime.now(UTC)),
        outcome="succeeded",
        subject=subject,
        channel=TOOL,
    )
    fields = encode(notice_of(noticed, new_id(), "tool/ops"))
    parts = [part for pair in fields.items() for part in pair]
    try:
        told = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
        with redis.Redis.from_url(
            told["redis"], socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        ) as client:
            client.execute_command("XADD", commands_of("audit"), "*", *parts)
    except (OSError, ValueError, KeyError, redis.RedisError):
        return False
    return True
