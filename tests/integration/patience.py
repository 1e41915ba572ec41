"""How long the tests' own clients wait: a machine that is busy or stands still is no outage."""

from redis.asyncio import Redis

from handlers.delivery.redis_clients import writing_client

# A deadline, not a duration; production's is as long as a caller waits.
ANSWER_WITHIN = 30.0


def patient_client(url: str, connections: int = 16) -> Redis:
    """The handlers' client of Redis, that waits longer for an answer."""
    return writing_client(url, connections, ANSWER_WITHIN)
