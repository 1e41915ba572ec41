"""Trying again what was given up: a command goes back to its stream, an event to the one group.

A command is appended again with its id, and with what is left of its deadline: the inbox makes a
second time harmless. An event stream takes no entry but the relay's, in the order of their numbers,
and every group would be given it; but the event still stands there. So the group that failed has it
put back among what was delivered to it and not acknowledged, and its reclaimer delivers it: the
same entry, to that group alone.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast
from uuid import UUID, uuid5

import orjson
import redis

from contracts.wire.envelope import Envelope
from contracts.wire.streams import OPERATION_KEPT_MS, dead_of, operation_key
from ops.dead_letters.letters import DeadLetter

# A revived command is of today: it has this long to be carried out.
REVIVED_MS = 3_600_000
# Whose the entry is until somebody claims it, and how long it seems to have lain idle: longer than
# any reclaimer waits for.
CONSUMER = "dead-letters"
IDLE_MS = 86_400_000
# The dead letter goes only where the group has the entry. What stands at an id may be another event
# since Redis lost its tail.
_GIVE_BACK = """
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 'gone' end
local found = redis.call('XRANGE', KEYS[2], ARGV[2], ARGV[2])
if #found == 0 then return 'trimmed' end
local fields = found[1][2]
for at = 1, #fields, 2 do
  if fields[at] == 'id' and fields[at + 1] ~= ARGV[4] then return 'trimmed' end
end
local claimed = redis.call('XCLAIM', KEYS[2], ARGV[3], ARGV[5], 0, ARGV[2],
  'IDLE', ARGV[6], 'RETRYCOUNT', 0, 'FORCE', 'JUSTID')
if #claimed == 0 then return 'trimmed' end
redis.call('XDEL', KEYS[1], ARGV[1])
return 'replayed'
"""


class Outcome(Enum):
    """What became of one, or would: the value is what a person is told."""

    REPLAYED = "replayed"
    REVIVED = "revived"
    EXPIRED = "past its deadline: --revive sends it under a new id"
    MALFORMED = "not a message: --raw sends it as it is"
    QUERY = "a question that nobody waits for any more: discard it"
    TRIMMED = "its event is not on the stream any more: rebuild what that group keeps"
    UNHEARD = "there is no such group any more: discard it"
    GONE = "not there any more"

    @property
    def is_done(self) -> bool:
        return self in (Outcome.REPLAYED, Outcome.REVIVED)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is allowed: `revive` what is too late, send `raw` what is no message; nothing happens
    in a `dry` run. `rate` is how many a second, None for as fast as it goes."""

    revive: bool = False
    raw: bool = False
    dry: bool = False
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """`new_id` is that of a command that was revived."""

    letter: DeadLetter
    outcome: Outcome
    new_id: UUID | None = None


def replay(
    client: "redis.Redis",
    chosen: Iterable[DeadLetter],
    wish: Wish,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Replayed]:
    """Each of them in turn, no faster than is wished for. Nothing is lost wherever this ends: a
    dead letter goes in the same step in which its entry comes."""
    begun, sent = time.monotonic(), 0
    for letter in chosen:
        if wish.rate and not wish.dry:
            early = begun + sent / wish.rate - time.monotonic()
            if early > 0:
                sleep(early)
        done = _replayed(client, letter, wish)
        sent += done.outcome.is_done
        yield done


def _replayed(client: "redis.Redis", letter: DeadLetter, wish: Wish) -> Replayed:
    if letter.is_event:
        return Replayed(letter, _given_back(client, letter, dry=wish.dry))
    if letter.is_query:
        return Replayed(letter, Outcome.QUERY)
    envelope = letter.envelope()
    if envelope is None:
        if not wish.raw:
            return Replayed(letter, Outcome.MALFORMED)
        return Replayed(letter, _appended(client, letter, letter.raw, {}, dry=wish.dry))
    left = _left_ms(client, letter, envelope)
    if left is None or left > 0:
        fields = dict(letter.raw) if left is None else {**letter.raw, b"ttlms": str(left).encode()}
        return Replayed(letter, _appended(client, letter, fields, {}, dry=wish.dry))
    if not wish.revive:
        return Replayed(letter, Outcome.EXPIRED)
    new_id = revived_id(letter, envelope)
    fields, beside = _revived(client, letter, envelope, new_id)
    outcome = _appended(client, letter, fields, beside, dry=wish.dry)
    revived = Outcome.REVIVED if outcome is Outcome.REPLAYED else outcome
    return Replayed(letter, revived, new_id)


def revived_id(letter: DeadLetter, envelope: Envelope) -> UUID:
    """The same however often it is revived, so that the inbox knows it again."""
    return uuid5(envelope.id, f"revived {letter.name}")


def _left_ms(client: "redis.Redis", letter: DeadLetter, envelope: Envelope) -> int | None:
    """What is left of its deadline, which counts from the entry's own id; None where it has none.
    By Redis's clock, as everywhere."""
    if envelope.ttl_ms is None:
        return None
    seconds, micros = client.time()
    now_ms = int(seconds) * 1000 + int(micros) // 1000
    left = int(letter.entry.partition("-")[0]) + envelope.ttl_ms - now_ms
    return max(0, min(left, envelope.ttl_ms))


def _revived(
    client: "redis.Redis", letter: DeadLetter, envelope: Envelope, new_id: UUID
) -> tuple[dict[bytes, bytes], dict[str, bytes]]:
    """The command under its new id, and what its sender can ask after it by. Whoever waited for an
    answer to the old one has long been told that there is none."""
    fields = {name: value for name, value in letter.raw.items() if name != b"replyto"}
    fields |= {
        b"id": str(new_id).encode(),
        b"causationid": str(envelope.id).encode(),
        b"ttlms": str(REVIVED_MS).encode(),
    }
    kept = cast(bytes | None, client.get(operation_key(envelope.id)))
    if kept is None:
        return fields, {}
    told = orjson.dumps({**orjson.loads(kept), "ttlms": REVIVED_MS})
    return fields, {operation_key(new_id): told}


def _appended(
    client: "redis.Redis",
    letter: DeadLetter,
    fields: Mapping[bytes, bytes],
    beside: Mapping[str, bytes],
    *,
    dry: bool,
) -> Outcome:
    """On its stream, and no dead letter any more, in one MULTI."""
    if dry:
        return Outcome.REPLAYED
    parts = [part for pair in fields.items() for part in pair]
    with client.pipeline(transaction=True) as pipe:
        for key, value in beside.items():
            pipe.set(key, value, px=OPERATION_KEPT_MS)
        pipe.execute_command("XADD", letter.stream, "*", *parts)
        pipe.xdel(dead_of(letter.context), letter.id)
        pipe.execute()
    return Outcome.REPLAYED


def _given_back(client: "redis.Redis", letter: DeadLetter, *, dry: bool) -> Outcome:
    groups = cast(list[dict[str, Any]], _groups(client, letter.stream))
    if letter.group.encode() not in [group["name"] for group in groups]:
        return Outcome.UNHEARD
    if dry:
        standing = cast(list[Any], client.xrange(letter.stream, letter.entry, letter.entry))
        same = standing and standing[0][1].get(b"id") == letter.raw.get(b"id")
        return Outcome.REPLAYED if same else Outcome.TRIMMED
    keys = (dead_of(letter.context), letter.stream)
    told = (letter.id, letter.entry, letter.group, letter.raw.get(b"id", b""), CONSUMER)
    answer = client.execute_command("EVAL", _GIVE_BACK, 2, *keys, *told, IDLE_MS)
    return Outcome[answer.decode().upper()]


def _groups(client: "redis.Redis", stream: str) -> Any:
    try:
        return client.xinfo_groups(stream)
    except redis.ResponseError as failure:
        if "no such key" not in str(failure):
            raise
        return []
