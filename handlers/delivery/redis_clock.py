"""Redis's time, asked once a second and counted on between; no host's clock takes part."""

import time

from redis.asyncio import Redis

_ASK_EVERY = 1.0


class RedisClock:
    """Milliseconds since the epoch as Redis counts them: entry ids are in the same time."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._redis_ms = 0
        self._asked_at = float("-inf")

    async def now_ms(self) -> int:
        elapsed = time.monotonic() - self._asked_at
        if elapsed > _ASK_EVERY:
            seconds, micros = await self._client.time()
            self._redis_ms = int(seconds) * 1000 + int(micros) // 1000
            self._asked_at = time.monotonic()
            elapsed = 0
        return self._redis_ms + int(elapsed * 1000)


def entry_ms(entry_id: str) -> int:
    """When an entry was appended, by Redis's clock."""
    return int(entry_id.partition("-")[0])
