"""The embedded PostgreSQL: making its cluster once, and how it is started and known to be ready."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ops.embedded.placement import owned_folder
from ops.embedded.ports import LOOPBACK
from ops.errors import Damaged, StartupError
from ops.part import Account, Part
from ops.process_table import (
    end,
    everyone,
    program_of,
    remember,
    started_of,
    working_folder_of,
)

MAJOR = "18"
SUPERUSER = "postgres"
SERVER_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "deadlock_timeout": "100ms",
    "password_encryption": "scram-sha-256",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
    # Without the values of the row that an error is about.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# The environment of a server holds no secret of ours, and no PG* variable of the caller.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """One cluster: its programs, its folder, its port and its administrator's password."""

    programs: Path
    data: Path
    port: int
    password: str
    account: Account | None = None
    # Whether what is committed is on the disk; without it only losing power loses anything.
    durable: bool = True

    @property
    def administrator_url(self) -> str:
        return f"postgresql://{SUPERUSER}:{quote(self.password)}@{LOOPBACK}:{self.port}/postgres"

    def prepare(self) -> None:
        """The cluster exists and is one that these programs can run."""
        owned_folder(self.data, self.account)
        version_file = self.data / "PG_VERSION"
        if not any(self.data.iterdir()):
            self._make_cluster()
        elif not version_file.is_file():
            raise Damaged(
                f"{self.data} is not empty and holds no PostgreSQL cluster: "
                "restore it from a backup, or move it away to begin with an empty one."
            )
        found = version_file.read_text(encoding="ascii", errors="replace").strip()
        if found != MAJOR:
            raise Damaged(
                f"{self.data} was made by PostgreSQL {found or '(unknown)'} and this is {MAJOR}: "
                "move its contents by pg_dump, or set DATABASE_URL to a server of that version."
            )

    def part(self) -> Part:
        options = SERVER_SETTINGS | {"port": str(self.port)}
        if not self.durable:
            options |= {"fsync": "off", "full_page_writes": "off"}
        return Part(
            name="postgres",
            role="postgres",
            argv=(
                str(self.programs / "bin" / "postgres"),
                *("-D", str(self.data)),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ),
            environment=ENVIRONMENT,
            folder=self.data,
            account=self.account,
            # Fast, then immediate: the second leaves recovery to the next start and loses nothing.
            stop_signals=(signal.SIGINT, signal.SIGQUIT),
            orphan_signal=signal.SIGINT,
            before_start=self.clear_what_a_crash_left,
        )

    def readiness(self, pid: Callable[[], int | None]) -> Callable[[], bool]:
        """Whether the server with this id accepts connections, as it notes in its own lock file."""

        def is_ready() -> bool:
            lines = self._lock_file()
            return len(lines) > 7 and lines[0] == str(pid()) and lines[7].strip() == "ready"

        return is_ready

    def clear_what_a_crash_left(self) -> None:
        """No lock file and no lone server process of an earlier postmaster is in the way.

        PostgreSQL takes any living process with the noted id for itself, and refuses to start while
        a process of the dead postmaster still holds its shared memory.
        """
        lines = self._lock_file()
        if not lines:
            return
        owner = int(lines[0]) if lines[0].isdigit() else 0
        if owner and self._runs_here(owner):
            raise StartupError(
                f"A PostgreSQL that this run did not start (process {owner}) already runs on "
                f"{self.data}: stop it first."
            )
        lone = [remember(pid) for pid in everyone() if self._runs_here(pid)]
        if end(lone, ((signal.SIGQUIT, 2), (signal.SIGKILL, 2))):
            raise StartupError(f"Processes of an earlier PostgreSQL still hold {self.data}.")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _runs_here(self, pid: int) -> bool:
        return (
            program_of(pid) == "postgres"
            and working_folder_of(pid) == self.data.resolve()
            and started_of(pid) is not None
        )

    def _lock_file(self) -> list[str]:
        try:
            text = (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines() or [""]

    def _make_cluster(self) -> None:
        """Made beside the final place and renamed, so that an interrupted run leaves nothing."""
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        owned_folder(draft, self.account)
        password_file = draft.with_name(f"{draft.name}.password")
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.password, encoding="ascii")
        if self.account is not None:
            os.chown(password_file, self.account.uid, self.account.gid)
        try:
            self._run_initdb(draft, password_file)
        finally:
            password_file.unlink(missing_ok=True)
        self.data.rmdir()
        draft.rename(self.data)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        account = self.account
        done = subprocess.run(
            (
                str(self.programs / "bin" / "initdb"),
                *("-D", str(folder), "-U", SUPERUSER, "--pwfile", str(password_file)),
                *("-A", "scram-sha-256", "--locale=C", "-E", "UTF8"),
                *(() if self.durable else ("--no-sync",)),
            ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            cwd=folder,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            why = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
            raise StartupError(f"PostgreSQL could not make a cluster in {self.data}: {why}")
