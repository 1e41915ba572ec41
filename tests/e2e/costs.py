"""What work costs, however long it has to wait on a machine that does something else, too."""

import os
from pathlib import Path

from ops.process_table import children_of
from tests.installation import Installation

# Of the process that asks, and that of the server that it asks.
ROLES = ("gateway", "handler", "postgres")


def processor_seconds(installation: Installation) -> float:
    """What those who answer requests have used of processors until now."""
    pids = [pid for role in ROLES for pid in installation.pids(role)]
    return sum(map(_used_by, (*pids, *children_of(installation.pids("postgres")[0]))))


def _used_by(pid: int) -> float:
    """In user and in system mode (proc(5)); 0 of a process that has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0.0
    # The name of the program, in parentheses, may hold anything.
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
