"""The versioned cache in Redis of what one context knows of another's objects.

An older version never overwrites a newer one, whoever writes last; a deletion is a tombstone with
its version, so that a late write-through does not bring the object back.
"""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from redis.asyncio import Redis

from contracts.wire.access import ACCESS_TOKEN_SECONDS, CLOCK_SKEW_SECONDS
from contracts.wire.streams import known_key

_TOMBSTONE = b""
# What takes a caller's rights away: who is not in the cache has kept theirs, so it is known until
# the last token from before is over, however short other facts are kept.
_OF_CALLERS = frozenset({"user", "session", "roles", "apikey"})
_OF_CALLERS_MS = (ACCESS_TOKEN_SECONDS + 12 * CLOCK_SKEW_SECONDS) * 1000

_WRITE = """
local held = redis.call('HGET', KEYS[1], 'version')
if held and tonumber(held) > tonumber(ARGV[1]) then
    return 0
end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'body', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One object as its owner has it: `body` is its public JSON, None when it is deleted."""

    tenant_id: UUID
    kind: str
    object_id: UUID
    version: int
    body: bytes | None


class KnownObjects:
    """Reads and writes facts; `ttl_seconds` is the last net under a lost write."""

    def __init__(self, client: Redis, ttl_seconds: int) -> None:
        self._client = client
        self._ttl_ms = ttl_seconds * 1000
        self._write = client.register_script(_WRITE)
        # By kind, since the process began: what was asked for, and was there or not.
        self.hits: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()

    async def remember(self, fact: Fact) -> None:
        """Writes the fact unless a newer version is there."""
        await self._write(
            keys=[known_key(fact.tenant_id, fact.kind, fact.object_id)],
            args=[
                fact.version,
                _TOMBSTONE if fact.body is None else fact.body,
                max(self._ttl_ms, _OF_CALLERS_MS) if fact.kind in _OF_CALLERS else self._ttl_ms,
            ],
        )

    async def recall(self, tenant_id: UUID, wanted: list[tuple[str, UUID]]) -> list[Fact | None]:
        """The facts that are cached, in the order asked; None where nothing is."""
        async with self._client.pipeline(transaction=False) as pipe:
            for kind, object_id in wanted:
                pipe.hmget(known_key(tenant_id, kind, object_id), "version", "body")
            answers = await pipe.execute()
        for (kind, _), (version, _) in zip(wanted, answers, strict=True):
            (self.misses if version is None else self.hits)[kind] += 1
        return [
            None
            if version is None
            else Fact(tenant_id, kind, object_id, int(version), body or None)
            for (kind, object_id), (version, body) in zip(wanted, answers, strict=True)
        ]
