"""A process that starts again whenever the source changes, for those who write it."""

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event
from types import FrameType

from watchfiles import Change, watch

from ops.part import Part, end_with_parent

# What no process of ours runs.
LEFT_OUT = {"bench", "ops", "tests"}
# Longer than any part takes to finish what it has in hand.
STOP_SECONDS = 20.0
LOOK_MILLISECONDS = 300


def keep_reloading(part: Part) -> int:
    """Until a signal asks it to stop; the exit status of the process that ran last.

    One that ends by itself stays away until something changes, which is when it may be mended.
    """
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    process = _start(part, first=True)
    ended = False
    for changes in watch(
        *_rooms(part.folder),
        stop_event=stop,
        rust_timeout=LOOK_MILLISECONDS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if changes:
            _say(f"{_named(part.folder, changes)} changed: {part.name} starts again")
            _end(process)
            process, ended = _start(part, first=False), False
        elif not ended and process.poll() is not None:
            ended = True
            _say(f"{part.name} ended with {process.returncode}; a change starts it again")
    status = _end(process)
    # Stopped before it could listen to signals.
    return 0 if status == -signal.SIGTERM else status


def _rooms(folder: Path) -> list[Path]:
    found = sorted(path.parent for path in folder.glob("*/__init__.py"))
    return [path for path in found if path.name not in LEFT_OUT]


def _start(part: Part, *, first: bool) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        part.argv,
        stdin=subprocess.DEVNULL,
        env={**part.environment, **(part.first_environment if first else {})},
        cwd=part.folder,
        # Ctrl-C reaches this process alone, which passes it on in its own way.
        process_group=0,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - forks in the main thread and only calls prctl
    )


def _end(process: "subprocess.Popen[bytes]") -> int:
    """It has finished what it had in hand, or ran out of time for that."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _named(folder: Path, changes: set[tuple[Change, str]]) -> str:
    paths = sorted(str(Path(path).relative_to(folder)) for _, path in changes)
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


def _say(line: str) -> None:
    print(f"slotstream: {line}", file=sys.stderr)
