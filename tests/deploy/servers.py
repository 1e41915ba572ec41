"""The servers of compose.yaml without their containers: the same words, in other folders."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from tests.deploy.composed import ROOT, resolved
from tests.gateway.server import binary
from tests.installation import free_port, new_folder
from tests.waiting import wait_until


@dataclass(frozen=True)
class ComposedRedis:
    """A Redis that was started with the words of compose.yaml, with the users of `redis-users`."""

    port: int
    environment: dict[str, str]

    def url(self, user: str, password: str) -> str:
        """How somebody reaches it."""
        return f"redis://{user}:{password}@127.0.0.1:{self.port}/0"

    def client(self, user: str, password: str) -> "Redis":
        """Somebody's connection."""
        return Redis.from_url(self.url(user, password), decode_responses=True)


@contextmanager
def composed_redis(secrets: tuple[tuple[str, str], ...]) -> Iterator[ComposedRedis]:
    """It serves as long as the block lasts; `secrets` are what `.env` says."""
    services = resolved(more=secrets)["services"]
    folder, port = new_folder(), free_port()
    users = folder / "users.acl"
    environment = told(services["redis-users"])
    subprocess.run(
        [sys.executable, *services["redis-users"]["entrypoint"][1:], str(users)],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    words = [str(folder) if word == "/data" else word for word in services["redis"]["command"][1:]]
    words[words.index("--aclfile") + 1] = str(users)
    process = subprocess.Popen(
        [str(binary()), *words, "--port", str(port), "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    redis = ComposedRedis(port, environment)
    try:
        wait_until(lambda: process.poll() is not None or _answers(redis), within_seconds=20)
        assert process.poll() is None, "Redis did not start"
        yield redis
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder)


def told(service: dict[str, Any], **instead: str) -> dict[str, str]:
    """A container's environment: what the image and compose.yaml say, and nothing of ours."""
    image = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", "ENV_FILE": ""}
    said = {name: value for name, value in service["environment"].items() if value is not None}
    return {**image, "PYTHONPATH": str(Path(ROOT)), **said, **instead}


def _answers(redis: ComposedRedis) -> bool:
    try:
        with redis.client("slotstream", redis.environment["REDIS_PASSWORD"]) as client:
            return bool(client.ping())
    except RedisError:
        return False
