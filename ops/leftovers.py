"""What an earlier run left behind: its lock on DATA_DIR, and processes that outlived it."""

import fcntl
import json
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.errors import StartupError, Taken
from ops.keys import write_privately
from ops.process_table import Known, end, is_alive

# SIGTERM lets a server close its files; whoever does not listen is killed.
CLEARING = ((signal.SIGTERM, 3.0), (signal.SIGINT, 5.0), (signal.SIGKILL, 5.0))


@contextmanager
def exclusive(data_dir: Path) -> Iterator[None]:
    """One run at a time on this folder; the kernel gives the lock back however that run ends."""
    path = data_dir / "lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as wrong:
        raise StartupError(
            f"DATA_DIR {data_dir} cannot be written to: {wrong.strerror}."
        ) from wrong
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as wrong:
            owner = os.read(descriptor, 32).decode("ascii", errors="replace").strip()
            raise Taken(
                f"Another run (process {owner or 'unknown'}) uses the data folder {data_dir}: "
                "stop it, or set DATA_DIR to another folder."
            ) from wrong
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)


class ProcessRegister:
    """The file that tells the next run which processes this one started."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, processes: Iterable[Known]) -> None:
        rows = [{"pid": known.pid, "started": known.started} for known in processes]
        write_privately(self._path, json.dumps(rows).encode("ascii"), durable=False)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def end_leftovers(self) -> int:
        """No process of the run that wrote the file lives; answers how many there were.

        A process that merely has the id of one of them began at another time and is left alone.
        """
        left = [known for known in self._read() if is_alive(known)]
        stubborn = end(left, CLEARING)
        if stubborn:
            pids = ", ".join(str(known.pid) for known in stubborn)
            raise StartupError(
                f"Processes of an earlier run do not end ({pids}): end them by hand."
            )
        self.remove()
        return len(left)

    def _read(self) -> list[Known]:
        try:
            rows = json.loads(self._path.read_text(encoding="ascii"))
            return [Known(int(row["pid"]), str(row["started"])) for row in rows]
        except (OSError, ValueError, TypeError, KeyError):
            return []
