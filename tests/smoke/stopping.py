"""Stops the supervisor below a `make run` by SIGTERM: everything it started is gone in time."""

import json
import os
import signal
import sys
from pathlib import Path

from ops.process_table import Known, children_of, is_alive, remember
from tests.waiting import wait_until

STOP_SECONDS = 15.0


def everyone_below(pid: int) -> list[Known]:
    """The descendants of a process."""
    below = children_of(pid)
    return [remember(child) for child in below] + [
        known for child in below for known in everyone_below(child)
    ]


def main(make: int, data_dir: Path) -> None:
    endpoints = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
    (supervisor,) = children_of(make)
    processes = everyone_below(make)
    if endpoints["processes"]["postgres"] not in [known.pid for known in processes]:
        sys.exit("PostgreSQL is not below make")
    os.kill(supervisor, signal.SIGTERM)
    wait_until(lambda: not any(is_alive(known) for known in processes), STOP_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
