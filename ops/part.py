"""A part of an installation: how it is started, told to stop, and bound to its supervisor."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a server runs as when we are root, which PostgreSQL refuses to be."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Part:
    """What to start, under which name, and which signals it understands.

    `stop_signals` are sent one after the other as the time it has runs out; SIGKILL comes last
    anyway. `orphan_signal` is what it gets from the kernel when its supervisor is killed.
    """

    name: str
    role: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    account: Account | None = None
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    orphan_signal: signal.Signals = signal.SIGKILL
    first_environment: Mapping[str, str] = field(default_factory=dict)
    before_start: Callable[[], None] | None = None


def spawn(part: Part, environment: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    """The part's process, in a session of its own, writing to `output`.

    Called in the supervisor's main thread: the kernel's death signal follows the thread that forks.
    """
    account = part.account
    return subprocess.Popen(
        part.argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=dict(environment),
        cwd=part.folder,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=end_with_parent(part.orphan_signal),  # noqa: PLW1509 - forks in the main thread and only calls prctl
    )


def end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child this signal when the thread that forked ends.

    Linux only; elsewhere the next run on the same DATA_DIR ends what was left. It has to run after
    the change of user, which clears the setting, as a `preexec_fn` does.
    """
    parent = os.getpid()

    def bind() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return bind


def adopt_orphans() -> bool:
    """From now on what outlives a child of ours becomes our own child, so that we can end it."""
    if _LIBC is None:
        return False
    return bool(_LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
