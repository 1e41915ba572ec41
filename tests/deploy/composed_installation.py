"""compose.yaml without containers: each process with its words, told what its container is told.

Where a container would find `redis:6379` and `postgres:5432` there are servers of this machine, and
each process has a port of its own for metrics.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deploy.composed import ASKED_FOR, ROOT, resolved
from tests.deploy.servers import composed_redis, told
from tests.installation import free_port, new_folder
from tests.integration.postgres import Databases
from tests.ops.commands.beside import STOP_SECONDS
from tests.waiting import wait_until

# Long and random, as an installation's are; that of PostgreSQL is the server's in these tests.
SECRETS = {
    "SECRET_KEY": "9c1f4a7e2b8d4f0695e3c1d7a8b2f6e4",
    "REDIS_ADMINISTRATOR_PASSWORD": "1d7a8b2f6e49c1f4a7e2b8d4f0695e3c",
    "REDIS_PASSWORD": "b2f6e49c1f4a7e2b8d4f0695e3c1d7a8",
    "POSTGRES_PASSWORD": "only-for-tests",
    "PLATFORM_ADMIN_EMAIL": "root@containers.example",
    "PLATFORM_ADMIN_PASSWORD": "a phrase of the containers",
}
LASTING = (
    "worker-tenant", "worker-resource", "worker-user", "worker-reservation", "worker-ingress",
    "relay", "subscriber", "gateway",
)  # fmt: skip
READY_SECONDS = 240.0


@dataclass
class ComposedInstallation:
    """Processes by the name of their service."""

    folder: Path
    services: dict[str, Any]
    # Who may read every key.
    redis_url: str
    redis_port: int
    postgres_port: int
    # Where its clients come in.
    base_url: str = ""
    gateway_port: int = field(default_factory=free_port)
    metrics_ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def endpoints(self) -> dict[str, str]:
        """As `endpoints.json` of an installation that one supervisor runs."""
        return {"redis": self.redis_url}

    def run(self, name: str) -> str:
        """What runs once has run, and succeeded; answers what it said."""
        return self.call(name, *self._words(name))

    def tool(self, name: str, *words: str) -> str:
        """As `docker compose run <name> <words>`: they stand in the place of its own."""
        return self.call(name, "python", "-m", "ops", *words)

    def call(self, name: str, *words: str) -> str:
        """This has run with what the service is told, and succeeded; answers what it said."""
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=self._told(name),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name: str) -> None:
        """What lasts has begun."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                self._words(name), cwd=ROOT, env=self._told(name), stdout=log, stderr=log
            )

    def wait_for(self, name: str) -> None:
        """The container's own question was answered well."""
        try:
            wait_until(lambda: self.is_healthy(name), READY_SECONDS, every=1.0)
        except AssertionError as late:
            raise AssertionError(f"{name} is not healthy: {self.log(name)}") from late

    def is_healthy(self, name: str) -> bool:
        """What the container's own question says. Fails when the process has ended."""
        assert self.processes[name].poll() is None, self.log(name)
        words = [
            word.replace(":9464/", f":{self._metrics_port(name)}/").replace(
                ":8000/", f":{self.gateway_port}/"
            )
            for word in self.services[name]["healthcheck"]["test"][1:]
        ]
        asked = subprocess.run(words, env=self._told(name), capture_output=True, check=False)
        return asked.returncode == 0

    def stop(self, name: str) -> int:
        """The exit status after the container's own signal, within the container's own patience."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        patience = int(self.services[name]["stop_grace_period"].removesuffix("s"))
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{name} did not stop in time: {self.log(name)}") from None

    def log(self, name: str) -> str:
        """The end of what it said."""
        text = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return text[-3000:]

    def _words(self, name: str) -> list[str]:
        service = self.services[name]
        entrypoint = service["entrypoint"] or ["python", "-m", "ops"]
        words = [*entrypoint, *(service["command"] or ())]
        return [
            word.replace("//gateway:8000", f"//127.0.0.1:{self.gateway_port}") for word in words
        ]

    def _told(self, name: str) -> dict[str, str]:
        here = told(
            self.services[name],
            PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            DATA_DIR=str(self._data_dir(name)),
            METRICS_HOST="127.0.0.1",
            METRICS_PORT=str(self._metrics_port(name)),
        )
        for variable, value in here.items():
            here[variable] = value.replace("@redis:6379", f"@127.0.0.1:{self.redis_port}").replace(
                "postgres:5432", f"127.0.0.1:{self.postgres_port}"
            )
        if name == "gateway":
            here |= {"GATEWAY_PORT": str(self.gateway_port), "TRUSTED_PROXIES": "127.0.0.1"}
        return here

    def _data_dir(self, name: str) -> Path:
        """Shared by those who have the volume of the keys in it; else scratch of one's own."""
        sources = {mount["source"] for mount in self.services[name].get("volumes", [])}
        found = self.folder / ("data" if "keys" in sources else f"scratch-{name}")
        found.mkdir(exist_ok=True)
        return found

    def _metrics_port(self, name: str) -> int:
        return self.metrics_ports.setdefault(name, free_port())


@contextmanager
def composed_installation() -> Iterator[ComposedInstallation]:
    """Everything of compose.yaml but its profiles and nginx, up and healthy."""
    secrets = tuple(sorted({**ASKED_FOR, **SECRETS}.items()))
    databases, folder = Databases(), new_folder()
    try:
        databases.start()
        with composed_redis(secrets) as redis:
            installation = ComposedInstallation(
                folder,
                resolved(more=secrets)["services"],
                redis.url("default", SECRETS["REDIS_ADMINISTRATOR_PASSWORD"]),
                redis.port,
                databases._server.port,
            )
            try:
                installation.run("prepare")
                for name in LASTING:
                    installation.start(name)
                for name in LASTING:
                    installation.wait_for(name)
                installation.run("administrator")
                yield installation
            finally:
                for process in installation.processes.values():
                    process.terminate()
                for process in installation.processes.values():
                    process.wait(STOP_SECONDS)
    finally:
        databases.stop()
        shutil.rmtree(folder)
