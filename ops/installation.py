"""A whole installation: from settings to an answering gateway, and down again."""

import asyncio
import errno
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ops.database import prepare_databases
from ops.demo import OWNER_EMAIL, OWNER_PASSWORD, SLUG
from ops.embedded.ports import obstacle
from ops.endpoints import Endpoints, PublisherAccess, write_endpoints
from ops.errors import StartupError, Taken
from ops.keys import kept_secret, signing_keys
from ops.leftovers import ProcessRegister
from ops.lineup import Lineup, gateway_url, host_header
from ops.log_lines import LogPrinter
from ops.metrics_ports import metrics_urls, with_metrics_ports
from ops.part import Part
from ops.readiness import wait_until_ready
from ops.servers import Servers
from ops.settings import DEFAULT_ADMIN_PASSWORD, Settings
from ops.supervisor import Supervisor

A = TypeVar("A")
B = TypeVar("B")


class Installation:
    """One run on one DATA_DIR, whose lock the caller holds; made inside the event loop."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        programs: Mapping[str, tuple[str, ...]],
        log: LogPrinter,
        data_dir: Path,
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._programs = programs
        self._log = log
        self._data_dir = data_dir
        self._endpoints_file = data_dir / "endpoints.json"
        self._endpoints: Endpoints | None = None
        self._register = ProcessRegister(data_dir / "processes.json")
        self._supervisor = Supervisor(log, self._register, self._publish_endpoints)
        self._servers = Servers(settings, data_dir, self._supervisor, log)
        self._secret_key = self._given_or_kept_secret_key()

    async def run(self) -> None:
        """Until a signal asks it to stop. Raises StartupError when it does not come up."""
        self._refuse_taken_port()
        await self._supervised(self._bring_up(), serves=True)

    async def migrate(self, words: tuple[str, ...]) -> None:
        """The databases are as the words say; what had to be started is stopped again."""
        await self._supervised(self._change_databases(words), serves=False)

    async def _supervised(self, work: Coroutine[Any, Any, object], serves: bool) -> None:
        stop_requested = self._supervisor.stop_requested
        self._supervisor.take_over_signals()
        doing = asyncio.create_task(work)
        stopping = asyncio.create_task(stop_requested.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stop_requested.is_set():
                doing.result()
                if serves:
                    await stopping
        finally:
            if serves:
                self._log.say("stopping")
            doing.cancel()
            stopping.cancel()
            await asyncio.gather(doing, stopping, return_exceptions=True)
            self._endpoints = None
            self._endpoints_file.unlink(missing_ok=True)
            await self._supervisor.stop()

    async def _bring_up(self) -> None:
        settings = self._settings
        await self._clear()
        lineup = with_metrics_ports(self._lineup())
        self._endpoints = self._described(lineup)
        await _together(self._redis_side(lineup), self._database_side(lineup, ("upgrade",)))
        for part in (
            *lineup.handlers(),
            lineup.relay(),
            *lineup.subscribers(),
            *lineup.mirrors(),
        ):
            await self._supervisor.start(part)
        await _together(
            self._finish(lineup.ensure_administrator(), "The platform administrator is not there"),
            wait_until_ready(
                gateway_url(settings), host_header(settings), settings.start_timeout_seconds
            ),
        )
        for line in self._welcome(await self._demonstrated(lineup)):
            self._log.say(line)

    async def _change_databases(self, words: tuple[str, ...]) -> None:
        await self._clear()
        await self._database_side(self._lineup(), words)

    async def _clear(self) -> None:
        """Nothing of an earlier run is alive or says that it is; folders and ports are chosen."""
        ended = await asyncio.to_thread(self._register.end_leftovers)
        if ended:
            self._log.say(f"ended {ended} processes that an earlier run had left", "warning")
        self._endpoints_file.unlink(missing_ok=True)
        await asyncio.to_thread(self._servers.place)

    def _lineup(self) -> Lineup:
        settings = self._settings
        keys = signing_keys(
            settings.jwt_private_key_file, settings.jwt_jwks_file, self._data_dir / "keys"
        )
        return Lineup(
            settings,
            self._environment,
            self._secret_key,
            keys,
            self._servers.redis_access().own,
            self._servers.databases(),
            self._programs,
        )

    async def _redis_side(self, lineup: Lineup) -> None:
        await self._servers.start_redis()
        await self._finish(lineup.prepare_streams(), "The streams could not be prepared")
        # It needs no database: by the time the handlers answer, it is up.
        for part in lineup.gateways():
            await self._supervisor.start(part)

    async def _database_side(self, lineup: Lineup, words: tuple[str, ...]) -> None:
        seconds = self._settings.start_timeout_seconds
        await self._servers.start_postgres()
        await prepare_databases(lineup.databases, self._secret_key, seconds, self._log.say)
        # Without a limit: building an index on a full table takes what it takes.
        await self._finish(
            lineup.migrate(words), "The databases could not be migrated", seconds=None
        )

    async def _finish(self, part: Part, complaint: str, seconds: float | None = -1) -> None:
        """The part has run and succeeded; else StartupError with its last line."""
        limit = self._settings.start_timeout_seconds if seconds == -1 else seconds
        ended = await self._supervisor.run_to_end(part, limit)
        if ended.process.returncode != 0:
            raise StartupError(f"{complaint}: {ended.last_words or ended.status}")

    async def _demonstrated(self, lineup: Lineup) -> bool:
        """Whether the demonstration tenant is there; that it is not keeps nobody from working."""
        if self._settings.is_production or not self._settings.demo_tenant:
            return False
        try:
            await self._finish(lineup.demonstration(), "the demonstration tenant could not be made")
        except StartupError as wrong:
            self._log.say(wrong.sentence, "warning")
            return False
        return True

    def _welcome(self, has_demo: bool) -> list[str]:
        settings = self._settings
        lines = [f"ready at {gateway_url(settings)}"]
        password = settings.platform_admin_password.get_secret_value()
        shown = f"  password {password}" if password == DEFAULT_ADMIN_PASSWORD else ""
        lines.append(f"platform administrator  {settings.platform_admin_email}{shown}")
        if has_demo:
            lines.append(
                f"demonstration tenant    {SLUG}  {OWNER_EMAIL}  password {OWNER_PASSWORD}"
            )
        return [*lines, "Ctrl-C stops it"]

    def _described(self, lineup: Lineup) -> Endpoints:
        redis = self._servers.redis_access()
        return Endpoints(
            gateway=gateway_url(self._settings),
            redis=redis.administrator,
            databases={database.context: database.url for database in lineup.databases},
            publishers={
                name: PublisherAccess(url, f"ingress.{name}")
                for name, url in redis.publishers.items()
            },
            metrics=metrics_urls(lineup),
        )

    def _publish_endpoints(self) -> None:
        if self._endpoints is not None:
            write_endpoints(self._endpoints_file, self._endpoints, self._supervisor.pids)

    def _refuse_taken_port(self) -> None:
        host, port = self._settings.gateway_host, self._settings.gateway_port
        why = obstacle(host, port)
        if why is None:
            return
        if why.errno == errno.EADDRINUSE:
            raise Taken(
                f"Port {port} on {host} is taken by another program: "
                "stop it, or set GATEWAY_PORT to a free one."
            )
        raise StartupError(
            f"Nothing can listen on port {port} of GATEWAY_HOST {host}: {why.strerror}."
        )

    def _given_or_kept_secret_key(self) -> str:
        given = self._settings.secret_key
        if given is not None:
            return given.get_secret_value()
        return kept_secret(self._data_dir / "secrets", "secret_key")


async def _together(one: Coroutine[Any, Any, A], other: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Both results; when one fails, its error at once and the other is given up."""
    first, second = asyncio.create_task(one), asyncio.create_task(other)
    try:
        await asyncio.gather(first, second)
    finally:
        first.cancel()
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
    return first.result(), second.result()
