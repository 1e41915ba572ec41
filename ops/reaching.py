"""How a tool reaches an installation: the one that runs on DATA_DIR, else what settings name."""

from pathlib import Path

import redis

from contracts.wire.sealing import Keyring
from ops.commands.running_servers import own_redis, told_endpoints
from ops.commands.task import Task
from ops.database import APP, ContextDatabase, context_database
from ops.errors import StartupError, Unreachable
from ops.redis.question import server_of
from ops.settings import CONTEXTS

SECONDS = 5.0


def reached_redis(task: Task) -> "redis.Redis":
    """A client whose server has answered."""
    url = redis_url(task)
    client = redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    try:
        client.ping()
    except redis.RedisError as wrong:
        client.close()
        raise Unreachable(f"Redis at {server_of(url)} cannot be used: {wrong}.") from wrong
    return client


def redis_url(task: Task) -> str:
    """With which our own processes use the Redis of the installation."""
    told = told_endpoints(task.data_path)
    if told is not None:
        return own_redis(told, task.data_path)
    given = task.part_settings.redis_url
    if given is None:
        raise StartupError(f"{_nothing_runs(task.data_path)} and REDIS_URL is not set.")
    return given.get_secret_value()


def application_urls(task: Task) -> dict[str, str]:
    """The URL of each context's database for the role that sees one tenant at a time."""
    secret = secret_key(task)
    return {one.context: one.role_url(APP, secret) for one in _databases(task)}


def secret_key(task: Task) -> str:
    """That of the installation; none is made here, since nothing could be opened with it."""
    given = task.part_settings.secret_key
    if given is not None:
        return given.get_secret_value()
    file = task.data_path / "secrets" / "secret_key"
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise StartupError(f"SECRET_KEY is not set, and {file} is not there.") from None


def keyring(task: Task) -> Keyring:
    """What the installation seals with, and opens."""
    previous = task.part_settings.secret_key_previous
    return Keyring.of(secret_key(task), previous.get_secret_value() if previous else "")


def _databases(task: Task) -> tuple[ContextDatabase, ...]:
    told = told_endpoints(task.data_path)
    if told is not None:
        urls = told["databases"]
        return tuple(context_database(name, urls[name], names_database=True) for name in CONTEXTS)
    settings = task.part_settings
    found = []
    for name in CONTEXTS:
        url = settings.administrator_url_of(name)
        if url is None:
            raise StartupError(f"{_nothing_runs(task.data_path)} and DATABASE_URL is not set.")
        found.append(context_database(name, url, settings.has_own_database_url(name)))
    return tuple(found)


def _nothing_runs(data_dir: Path) -> str:
    return f"No installation runs on {data_dir},"
