"""A whole installation as its users run it: `python -m ops run` in a process of its own."""

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ops.embedded.ports import is_free
from ops.part import end_with_parent
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60.0
# The supervisor promises 15 s; what is over is its own end.
STOP_SECONDS = 17.0
ADMIN_EMAIL = "root@installation.example"
ADMIN_PASSWORD = "a long enough phrase"
# What the developer's own environment may say must not decide what a test sees.
NOT_INHERITED = (
    *("DATABASE_URL", "REDIS_URL", "JWT_", "SECRET_KEY", "FAIL_POINT", "INGRESS_", "OTEL_"),
)
SINGLE = ("redis", "postgres")
RUN = ("-m", "ops", "run")


class DidNotStart(AssertionError):
    """The installation was not ready in time; the message holds the end of its log."""


class Installation:
    """Started by `start` or `with`; `stop` and start again keep the data, `close` removes it.

    `environment` is what `make run` would be told beside the ports and the administrator;
    `command` is what to run instead of `python -m ops run`.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        folder: Path | None = None,
        command: tuple[str, ...] = RUN,
    ) -> None:
        self.folder = folder or new_folder()
        self.data_dir = self.folder / "data"
        self.log = self.folder / "log"
        self.gateway_port = free_port()
        self.base_url = f"http://127.0.0.1:{self.gateway_port}"
        self.admin_email = ADMIN_EMAIL
        self.admin_password = ADMIN_PASSWORD
        self.environment = dict(environment or {})
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def endpoints(self) -> dict[str, Any]:
        """What `endpoints.json` says now."""
        text = (self.data_dir / "endpoints.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found

    @property
    def supervisor(self) -> subprocess.Popen[bytes]:
        """The process that everything else belongs to."""
        assert self._process is not None, "the installation was not started"
        return self._process

    def launch(self) -> None:
        """The supervisor runs; nothing is awaited."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                (sys.executable, *self._command),
                cwd=ROOT,
                env=self.told(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # A test run that is killed takes its installation along (Linux: so does the end
                # of the thread that called this, so start it in one that lasts).
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
            )

    def start(self, within_seconds: float = READY_SECONDS) -> None:
        """The gateway is ready, the administrator can sign in, and every part answers; of what
        stands in for our own parts it is the first two."""
        begun = self.log.stat().st_size if self.log.exists() else 0
        self.launch()

        def is_up() -> bool:
            if self.supervisor.poll() is not None:
                raise DidNotStart(
                    f"it ended with {self.supervisor.returncode}:\n{self.last_lines()}"
                )
            with self.log.open("rb") as log:
                log.seek(begun)
                said = b"ready at " in log.read()
            return said and self.is_ready() and (self._command != RUN or self.all_answer())

        try:
            wait_until(is_up, within_seconds)
        except AssertionError as late:
            if isinstance(late, DidNotStart):
                raise
            raise DidNotStart(f"not ready:\n{self.last_lines()}") from late

    def is_ready(self) -> bool:
        return self._asked("/ready") is not None

    def all_answer(self) -> bool:
        """Whether the subscribers answer, too."""
        found: dict[str, Any] = json.loads(self._asked("/state") or "{}")
        return found.get("status") == "ready"

    def _asked(self, path: str) -> bytes | None:
        """What is answered with 200; None where anything else is, or nothing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway_port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.read() if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status; the data stays. Fails the test when it does not end in time."""
        process = self.supervisor
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"it did not stop in time:\n{self.last_lines()}") from None

    def close(self) -> None:
        """Nothing of it runs and nothing is left on the disk."""
        try:
            if self._process is not None:
                self.stop()
        finally:
            for name in ("postgres", "valkey"):
                link = self.data_dir / name
                if link.is_symlink():
                    shutil.rmtree(link.resolve().parent, ignore_errors=True)
            shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self, role: str) -> list[int]:
        """The processes of a role, as `endpoints.json` has them."""
        found = self.endpoints["processes"][role]
        if role in SINGLE:
            return [] if found is None else [int(found)]
        return [int(pid) for pid in found]

    def kill(self, role: str, index: int = 0, number: signal.Signals = signal.SIGKILL) -> int:
        """One process of the role has been sent the signal; answers which."""
        pid = self.pids(role)[index]
        os.kill(pid, number)
        return pid

    def wait_for_role(self, role: str, not_pid: int = 0, within_seconds: float = 20.0) -> int:
        """A process of the role that is not `not_pid`, once there is one."""

        def another() -> int:
            try:
                found = self.pids(role)
            except (OSError, ValueError):
                return 0
            return next((pid for pid in found if pid != not_pid and not_pid not in found), 0)

        return wait_until(another, within_seconds)

    def last_lines(self, count: int = 50) -> str:
        """The end of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-count:])

    def told(self) -> dict[str, str]:
        """The environment of its commands, free of what the developer's own may say."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)
        }
        return {
            **inherited,
            "ENV_FILE": "",
            "DATA_DIR": str(self.data_dir),
            "GATEWAY_PORT": str(self.gateway_port),
            "PLATFORM_ADMIN_EMAIL": self.admin_email,
            "PLATFORM_ADMIN_PASSWORD": self.admin_password,
            "DEMO_TENANT": "false",
            **self._hurried(),
            **self.environment,
        }

    def _hurried(self) -> dict[str, str]:
        """Tests kill processes, not machines: waiting for the disk would be most of their time."""
        in_production = self.environment.get("ENVIRONMENT") == "production"
        return {} if in_production else {"EMBEDDED_FSYNC": "false"}


def free_port() -> int:
    """One that is free, and that nobody is given meanwhile who asks the kernel for any."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of so many in a row that are free, below those that the kernel deals out."""
    while True:
        first = random.randrange(10_000, 32_000 - count)
        if all(is_free("127.0.0.1", first + place) for place in range(count)):
            return first


def new_folder() -> Path:
    """A temporary folder that root's servers, which run as another user, may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="slotstream-"))
    folder.chmod(0o755)
    return folder
