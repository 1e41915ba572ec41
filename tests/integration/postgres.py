"""One embedded PostgreSQL for a test run, and in it a migrated database for each context asked."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ops.database import APP, RELAY, TIMER, ContextDatabase, prepare_databases
from ops.embedded.placement import place
from ops.embedded.ports import free_port
from ops.embedded.postgres import EmbeddedPostgres
from ops.part import spawn
from storage.delivery import schema
from tests.installation import new_folder
from tests.waiting import wait_until

SECRET = "only for tests: forty-two random characters"
START_SECONDS = 120.0
STOP_SECONDS = 10.0


class Databases:
    """Started by `start`; `stop` leaves neither process nor file."""

    def __init__(self) -> None:
        self._folder = new_folder()
        self._known: dict[str, ContextDatabase] = {}
        self._process: subprocess.Popen[bytes] | None = None
        data = self._folder / "data"
        data.mkdir(mode=0o755)
        placement = place(data, self._folder / "state")
        self._server = EmbeddedPostgres(
            programs=placement.programs.postgres,
            data=placement.postgres_data,
            port=free_port(),
            password="only-for-tests",
            account=placement.account,
            durable=False,
        )

    def start(self) -> None:
        """The server accepts connections."""
        self._server.prepare()
        part = self._server.part()
        with (self._folder / "log").open("wb") as log:
            process = spawn(part, part.environment, log.fileno())
        self._process = process
        wait_until(self._server.readiness(lambda: process.pid), START_SECONDS)

    def stop(self) -> None:
        """The server has ended and its folder is gone."""
        process = self._process
        try:
            if process is not None and process.poll() is None:
                # At once: nothing of it is to be kept, and a checkpoint takes seconds.
                process.send_signal(signal.SIGQUIT)
                process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
            shutil.rmtree(self._folder, ignore_errors=True)

    def of(self, context: str) -> "MigratedDatabase":
        """The context's database at its newest revision, made when first asked for."""
        if context not in self._known:
            self._known[context] = self.empty(context, f"slotstream_{context}")
            url = self._known[context].url
            in_a_thread(lambda: schema.upgrade(context, url))
        return MigratedDatabase(self._known[context])

    def empty(self, context: str, name: str) -> ContextDatabase:
        """A database of this name without tables, that the roles may connect to."""
        database = ContextDatabase(context, self._server.administrator_url, name)
        run_in_a_thread(
            lambda: prepare_databases((database,), SECRET, START_SECONDS, lambda _: None)
        )
        return database


class MigratedDatabase:
    """The URLs of one database, for each role."""

    def __init__(self, database: ContextDatabase) -> None:
        self.administrator = database.url
        self.app = database.role_url(APP, SECRET)
        self.relay = database.role_url(RELAY, SECRET)
        self.timer = database.role_url(TIMER, SECRET)


def in_a_thread(work: Callable[[], None]) -> None:
    """Runs what starts an event loop of its own, whether or not one runs here."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def run_in_a_thread(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    in_a_thread(lambda: asyncio.run(work()))
