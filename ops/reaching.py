"""How a tool reaches an installation: the servers that settings name, else those that run."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from contracts.wire.sealing import Keyring
from ops.alone import Alone
from ops.commands.task import Task
from ops.errors import Unreachable
from ops.redis.question import server_of

SECONDS = 5.0


def surroundings(task: Task) -> Alone:
    """Where the installation's servers are, and its secret."""
    return Alone(task.part_settings, task.environment, task.programs, task.data_path)


def reached_redis(task: Task) -> "redis.Redis":
    """A client whose server has answered."""
    url = surroundings(task).redis_url
    # Sent once: redis-py's own retries would append twice.
    client = redis.Redis.from_url(
        url,
        socket_timeout=SECONDS,
        socket_connect_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except redis.RedisError as wrong:
        client.close()
        raise Unreachable(f"Redis at {server_of(url)} cannot be used: {wrong}.") from wrong
    return client


def database_urls(task: Task, role: str) -> dict[str, str]:
    """The URL of each context's database for a role."""
    around = surroundings(task)
    return {one.context: one.role_url(role, around.secret_key) for one in around.databases}


def keyring(task: Task) -> Keyring:
    """What the installation seals with, and opens."""
    previous = task.part_settings.secret_key_previous
    secret = surroundings(task).secret_key
    return Keyring.of(secret, previous.get_secret_value() if previous else "")
