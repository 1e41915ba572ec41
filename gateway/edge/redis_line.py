"""One connection to Redis, used by one task at a time; what it sends, it sends once.

A connection of its own, and not a client with a pool, because the sender must know whether a
failure came before or after the first byte left: before, nothing happened; after, nobody knows.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

from hiredis import pack_command
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError, ResponseError

# Under the two seconds within which a caller hears that Redis is away.
ANSWER_WITHIN = 1.5
Step = tuple[str | bytes | int, ...]
# Its stub speaks of tuples of one word.
_pack: Callable[[Step], bytes] = cast("Any", pack_command)
LOST = (RedisError, OSError)
DENIED = (ResponseError, BusyLoadingError)


class RedisLine:
    """Connects when it is first used, and again after `drop`. Raises LOST."""

    def __init__(self, url: str, answer_within: float = ANSWER_WITHIN) -> None:
        pool = ConnectionPool.from_url(
            url,
            protocol=2,
            socket_timeout=answer_within,
            socket_connect_timeout=min(answer_within, ANSWER_WITHIN),
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        self._connection: Any = pool.make_connection()

    async def ready(self) -> None:
        """Connected, and not to somebody who has hung up since."""
        connection = self._connection
        await connection.connect()
        try:
            stale = await connection.can_read()
        except LOST:
            stale = True
        if stale:
            await connection.disconnect()
            await connection.connect()

    async def send(self, steps: Iterable[Step]) -> None:
        """Writes the commands; after a failure here some of them may have been carried out."""
        # hiredis packs in C; the connection's own packing cost a tenth of a request.
        packed = b"".join([_pack(step) for step in steps])
        await self._connection.send_packed_command(packed, check_health=False)

    async def read(self) -> Any:
        """The next answer; a refusal by Redis is raised as one of DENIED."""
        return await self._connection.read_response(disable_decoding=True)

    async def call(self, *step: str | bytes | int) -> Any:
        """One command and its answer."""
        await self.ready()
        await self.send((step,))
        return await self.read()

    async def drop(self) -> None:
        """Hangs up, so that no answer of before is taken for one of later."""
        await self._connection.disconnect(nowait=True)
