"""Clients of Redis: for writing, which never repeats by itself, and for each blocking read."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

# Seconds. Well under the two seconds within which a caller hears that Redis is away.
ANSWER_WITHIN = 1.5


def writing_client(url: str, connections: int = 16, answer_within: float = ANSWER_WITHIN) -> Redis:
    """A client whose commands are sent once: redis-py's own ten retries would append twice."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=answer_within + 0.5,
        socket_timeout=answer_within,
        socket_connect_timeout=answer_within,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    return Redis.from_pool(pool)


def reading_client(url: str) -> Redis:
    """A client for one blocking read loop, with BLOCK of at most one second."""
    return writing_client(url, connections=2)
