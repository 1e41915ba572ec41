"""The two servers of a run: embedded ones are started, those that a URL names are waited for."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.database import ContextDatabase, context_database
from ops.embedded.placement import place
from ops.embedded.ports import kept_ports
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.valkey import EmbeddedValkey
from ops.errors import Unreachable
from ops.keys import kept_secret
from ops.log_lines import LogPrinter
from ops.redis.question import NotYet, ping, server_of
from ops.redis.users import RedisPasswords, everywhere
from ops.settings import CONTEXTS, Settings
from ops.supervisor import Supervisor

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 2.0
EMBEDDED_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class RedisAccess:
    """The URL of our own processes, the administrator's, and each publisher's."""

    own: str
    administrator: str
    publishers: Mapping[str, str]


class Servers:
    """Where the servers of a run are, and their start."""

    def __init__(
        self, settings: Settings, data_dir: Path, supervisor: Supervisor, log: LogPrinter
    ) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._secrets = data_dir / "secrets"
        self._supervisor = supervisor
        self._log = log
        self._postgres: EmbeddedPostgres | None = None
        self._valkey: EmbeddedValkey | None = None

    def place(self) -> None:
        """Folders, ports and passwords are chosen for what is embedded; nothing runs yet."""
        settings = self._settings
        if settings.redis_url is not None and not settings.needs_embedded_postgres:
            return
        placement = place(self._data_dir, settings.state_dir)
        ports = kept_ports(self._data_dir / "ports.json", ("postgres", "redis"))
        if settings.needs_embedded_postgres:
            self._postgres = EmbeddedPostgres(
                programs=placement.programs.postgres,
                data=placement.postgres_data,
                port=ports["postgres"],
                password=kept_secret(self._secrets, "postgres_password"),
                account=placement.account,
                durable=settings.embedded_fsync,
            )
        if settings.redis_url is None:
            self._valkey = EmbeddedValkey(
                program=placement.programs.valkey_server,
                data=placement.valkey_data,
                port=ports["redis"],
                passwords=self._redis_passwords(),
                account=placement.account,
                durable=settings.embedded_fsync,
            )

    def databases(self) -> tuple[ContextDatabase, ...]:
        """One for each context, on the server given for it or else on the embedded one."""
        embedded = self._postgres.administrator_url if self._postgres else ""
        return tuple(
            context_database(
                context,
                self._settings.administrator_url_of(context) or embedded,
                self._settings.has_own_database_url(context),
            )
            for context in CONTEXTS
        )

    def redis_access(self) -> RedisAccess:
        """On a server that is not ours, publishers get the URL that we were given."""
        names = [publisher.name for publisher in self._settings.publishers]
        if self._settings.redis_url is not None:
            url = self._settings.redis_url.get_secret_value()
            return RedisAccess(url, url, dict.fromkeys(names, url))
        server = self._embedded_valkey()
        return RedisAccess(
            server.url,
            server.administrator_url,
            {name: server.publisher_url(name) for name in names},
        )

    async def start_postgres(self) -> None:
        """The embedded server accepts connections; one that is not ours is left alone."""
        server = self._postgres
        if server is None:
            return
        await asyncio.to_thread(server.prepare)
        await self._supervisor.start_until(
            server.part(),
            server.readiness(lambda: next(iter(self._supervisor.pids("postgres")), None)),
            self._settings.start_timeout_seconds,
            f"PostgreSQL does not start on {server.data}",
        )

    async def start_redis(self) -> None:
        """Redis answers, whoever runs it."""
        if self._settings.redis_url is not None:
            url = self._settings.redis_url.get_secret_value()
            await wait_for_redis(url, self._settings.start_timeout_seconds, self._log.say)
            return
        server = self._embedded_valkey()
        server.prepare()
        await self._start_valkey(server)

    def _redis_passwords(self) -> RedisPasswords:
        return RedisPasswords(
            administrator=kept_secret(self._secrets, "redis_administrator"),
            slotstream=kept_secret(self._secrets, "redis_slotstream"),
            publishers={
                publisher.name: kept_secret(self._secrets, f"redis_publisher_{publisher.name}")
                for publisher in self._settings.publishers
            },
            everywhere=everywhere(self._settings.publishers),
        )

    async def _start_valkey(self, server: EmbeddedValkey) -> None:
        answered = asyncio.Event()

        async def listen() -> None:
            while not answered.is_set():
                try:
                    await ping(server.administrator_url)
                    answered.set()
                except NotYet:
                    await asyncio.sleep(EMBEDDED_PAUSE_SECONDS)

        listening = asyncio.create_task(listen())
        try:
            await self._supervisor.start_until(
                server.part(),
                answered.is_set,
                self._settings.start_timeout_seconds,
                f"Redis does not start on {server.data}",
            )
        finally:
            listening.cancel()

    def _embedded_valkey(self) -> EmbeddedValkey:
        if self._valkey is None:
            raise RuntimeError("place() was not called")
        return self._valkey


async def wait_for_redis(url: str, seconds: float, say: Callable[[str], None]) -> None:
    """It answers; Unreachable when it does not in time, with a line for each attempt."""
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    attempt = 0
    while True:
        attempt += 1
        try:
            return await ping(url)
        except NotYet as why:
            where = server_of(url)
            say(f"Redis at {where} does not answer (attempt {attempt}): {why}")
            if time.monotonic() + pause > deadline:
                raise Unreachable(
                    f"Redis at {where} cannot be reached: {why}. Check REDIS_URL."
                ) from why
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
