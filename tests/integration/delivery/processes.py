"""Starting the test's own worker processes, and seeing them die."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.part import end_with_parent
from tests.integration.delivery.line import Line
from tests.integration.postgres import SECRET, MigratedDatabase
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
# Deadlines, not durations: a busy machine starts a process slowly.
START_SECONDS = 120.0
STOP_SECONDS = 40.0


class Worker:
    """One process; `log` is what it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, begun: int) -> None:
        self.process = process
        self.log = log
        self._begun = begun

    async def ended(self) -> int:
        """Its exit status; negative for a signal. It may have to start first."""
        await eventually(lambda: self.process.poll() is not None, START_SECONDS)
        code = self.process.returncode
        return code if code is not None else 0

    async def ready(self) -> None:
        """It reads."""

        def says_so() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            text = self.log.read_text()[self._begun :]
            return "reading" in text or "relaying" in text

        await eventually(says_so, START_SECONDS)


@contextmanager
def worker(
    role: str, url: str, database: MigratedDatabase, log: Path, **environment: str
) -> Iterator[Worker]:
    """A worker of this role as long as the block lasts; SIGTERM ends it, SIGKILL if it must."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    begun = len(log.read_text()) if log.exists() else 0
    with log.open("ab") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", "tests.integration.delivery.worker", role),
            cwd=ROOT,
            env={
                **inherited,
                **{name: value for name, value in os.environ.items() if "COV" in name},
                "REDIS_URL": url,
                "SECRET_KEY": SECRET,
                "DATABASE_URL_SUBSCRIBER": database.relay if role == "relay" else database.app,
                "CONSUMER_NAME": "handler-1",
                **environment,
            },
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - only calls prctl
        )
    try:
        yield Worker(process, log, begun)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def settled(line: Line, count: int = 1) -> None:
    """So many commands have their row, and nothing is pending; the worker may have to start."""

    async def done() -> bool:
        rows = await line.rows("SELECT 1 FROM inbox WHERE state = 'done'")
        return len(rows) >= count and await line.pending() == 0

    await eventually(done, START_SECONDS)
