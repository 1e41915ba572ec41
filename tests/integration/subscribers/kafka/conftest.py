"""Event streams of a test's own, and the mirror in a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis

from contracts.wire.codec import encode
from contracts.wire.envelope import Actor, Envelope, dataschema_of
from contracts.wire.identity import new_id
from contracts.wire.streams import PUBLISHING, events_of
from handlers.app.preparing import prepare
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.writer import flat
from handlers.subscribers.kafka.mirroring import GROUP
from ops.part import end_with_parent
from tests.gateway.server import ValkeyServer
from tests.integration.patience import patient_client
from tests.integration.postgres import SECRET, Databases, MigratedDatabase
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[4]
STREAM = events_of("reservation")
# Deadlines, not durations: a busy machine starts a process slowly.
START_SECONDS = 120.0
STOP_SECONDS = 40.0


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    server.start()
    yield server
    server.remove()


@dataclass
class Streams:
    """The event streams as `prepare` made them, and what is published on them."""

    url: str
    client: Redis
    database: MigratedDatabase
    numbers: dict[str, int] = field(default_factory=dict)

    def settings(self, servers: str = "kafka.example:9092", **more: Any) -> ProcessSettings:
        return ProcessSettings(
            _env_file=None,
            redis_url=self.url,
            secret_key=SecretStr(SECRET),
            kafka_bootstrap_servers=servers,
            database_url_subscriber=self.database.app,
            **more,
        )

    async def publish(self, *events: Envelope) -> None:
        """Each on the stream of its source, under the next number, as the relay does."""
        for event in events:
            stream = events_of(event.source)
            number = self.numbers[stream] = self.numbers.get(stream, 0) + 1
            await self.client.execute_command("XADD", stream, f"{number}-0", *flat(encode(event)))

    async def pending(self, stream: str = STREAM) -> list[Any]:
        """What the mirror has read and not acknowledged."""
        found = await self.client.xpending_range(stream, GROUP, "-", "+", 1000)
        return list(found)

    async def read_all(self) -> bool:
        """Whether nothing is left to be read or acknowledged."""
        for stream in map(events_of, PUBLISHING):
            for group in await self.client.xinfo_groups(stream):
                if group["name"] == GROUP.encode() and (group["lag"] or group["pending"]):
                    return False
        return True


@pytest_asyncio.fixture
async def streams(valkey: ValkeyServer, databases: Databases) -> AsyncIterator[Streams]:
    client = patient_client(valkey.url)
    found = Streams(valkey.url, client, databases.of("subscriber"))
    await prepare(found.settings())
    yield found
    await client.aclose()


@dataclass
class Mirror:
    """A mirror and its Kafka; both can be told to misbehave."""

    streams: Streams
    folder: Path

    @contextmanager
    def running(self, servers: str = "", **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """The process, for as long as the block lasts: with the test's Kafka, or with the real
        client and these `servers`."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        inherited |= {name: value for name, value in os.environ.items() if "COV" in name}
        told = {
            "REDIS_URL": self.streams.url,
            "SECRET_KEY": SECRET,
            "DATABASE_URL_SUBSCRIBER": self.streams.database.app,
            "CONSUMER_NAME": "mirror-1",
            "KAFKA_BOOTSTRAP_SERVERS": servers or "kafka.example:9092",
            "ENV_FILE": "",
        }
        module = "tests.integration.subscribers.kafka.mirrored"
        words = ("handlers", "mirror") if servers else (module, str(self.folder))
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                (sys.executable, "-m", *words),
                cwd=ROOT,
                env={**inherited, **told, **more},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - only calls prctl
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def is_away(self, away: bool) -> None:
        """Whether every publication fails from now on."""
        file = self.folder / "away"
        file.touch() if away else file.unlink()

    def log(self) -> str:
        file = self.folder / "log"
        return file.read_text() if file.exists() else ""

    def records(self) -> list[dict[str, Any]]:
        """Everything that was ever published, oldest first."""
        file = self.folder / "records"
        lines = file.read_bytes().splitlines() if file.exists() else []
        return [orjson.loads(line) for line in lines]

    def ids(self) -> list[str]:
        return [one["headers"]["ce_id"] for one in self.records()]

    async def caught_up(self) -> None:
        """All that was published on the streams is read and acknowledged."""
        try:
            await eventually(self.streams.read_all, START_SECONDS)
        except AssertionError as late:
            raise AssertionError(self.log()) from late


@pytest.fixture
def mirror(streams: Streams, tmp_path: Path) -> Mirror:
    return Mirror(streams, tmp_path)


async def ended(process: subprocess.Popen[bytes]) -> int:
    """Its exit status; negative for a signal."""
    return await asyncio.to_thread(process.wait, START_SECONDS)


def event(tenant_id: UUID, subject: str = "", sequence: int = 1, **fields: Any) -> Envelope:
    """An event as a context's relay publishes it."""
    return Envelope(
        **{
            "id": new_id(),
            "type": "booking.updated",
            "source": "reservation",
            "subject": subject or f"booking/{new_id()}",
            "time": "2026-11-24T09:00:00Z",
            "tenant_id": tenant_id,
            "actor": Actor("user", "ana", ("owner",)),
            "correlation_id": "the-request",
            "dataschema": dataschema_of("booking.updated"),
            "sequence": sequence,
            # What a mirror keeps to itself.
            "channel": "http",
            "address": "sealed:somewhere",
            "data": orjson.dumps({"status": "held", "note": "é", "changes": {}}),
            **fields,
        }
    )
