"""Who belongs to an installation, and whether they are gone."""

import subprocess
import sys

from ops.process_table import Known, children_of, is_alive, remember


def everyone_of(supervisor: int) -> list[Known]:
    """The supervisor and all its descendants."""
    found = [remember(supervisor)]
    for child in children_of(supervisor):
        found += everyone_of(child)
    return found


def none_lives(processes: list[Known]) -> bool:
    return not any(is_alive(known) for known in processes)


def a_sleeper() -> subprocess.Popen[bytes]:
    """A process that lives until it gets a signal."""
    return subprocess.Popen((sys.executable, "-c", "import signal; signal.pause()"))
