"""What the operating system says about processes, asked of /proc or, where there is none, of ps."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

PROC = Path("/proc")
# The fields of /proc/<pid>/stat behind the command's closing bracket (proc_pid_stat(5)).
STATE, PARENT, START = 0, 1, 19


@dataclass(frozen=True, slots=True)
class Known:
    """A process that we started: an id alone would soon belong to somebody else."""

    pid: int
    started: str


def started_of(pid: int) -> str | None:
    """When this process began, as an opaque mark that no other process with its id shares.

    None for a process that is gone, a zombie included.
    """
    if not PROC.joinpath("self").exists():
        return _started_by_ps(pid)
    fields = _stat(pid)
    if fields is None or fields[STATE] in "ZX":
        return None
    return f"{_boot()}:{fields[START]}"


def remember(pid: int) -> Known:
    return Known(pid, started_of(pid) or "")


def is_alive(known: Known) -> bool:
    """Whether this very process still runs, not another one with its id."""
    return known.started != "" and started_of(known.pid) == known.started


def working_folder_of(pid: int) -> Path | None:
    """Where the process stands; None when the system does not tell."""
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def program_of(pid: int) -> str | None:
    """The name of the program's file; None when the system does not tell."""
    try:
        return (PROC / str(pid) / "exe").readlink().name.removesuffix(" (deleted)")
    except OSError:
        return None


def parent_of(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[PARENT]) if fields else None


def everyone() -> Iterator[int]:
    """All process ids; none where there is no /proc."""
    if PROC.is_dir():
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def children_of(pid: int) -> list[int]:
    return [other for other in everyone() if parent_of(other) == pid]


def session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def kill(pid: int) -> None:
    """The process is gone, or will be at once."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def end(processes: Iterable[Known], signals: Iterable[tuple[signal.Signals, float]]) -> list[Known]:
    """Send each signal to who is left and wait so many seconds; answers who survived them all."""
    left = [known for known in processes if is_alive(known)]
    for number, seconds in signals:
        for known in left:
            _send(known, number)
        wait_for(partial(_none_alive, left), seconds)
        left = [known for known in left if is_alive(known)]
    return left


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def _none_alive(processes: Iterable[Known]) -> bool:
    return not any(is_alive(known) for known in processes)


def _send(known: Known, number: signal.Signals) -> None:
    # Each part leads its own session, so its group is its own and holds nobody else's children.
    try:
        if os.getpgid(known.pid) == known.pid:
            os.killpg(known.pid, number)
        else:
            os.kill(known.pid, number)
    except ProcessLookupError:
        pass


def _stat(pid: int) -> list[str] | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _boot() -> str:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _started_by_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None
