"""What domain/ruff.toml refuses: clocks, dice and the outside."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
RUFF = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "-"]
BANNED = [
    "from datetime import UTC, datetime\nNOW = datetime.now(UTC)",
    "import datetime\nNOW = datetime.datetime.utcnow()",
    "from datetime import date\nTODAY = date.today()",
    "import time\nNOW = time.time()",
    "from time import monotonic",
    "from uuid import uuid4",
    "import uuid\nID = uuid.uuid4()",
    "from uuid_utils.compat import uuid7",
    "import random",
    "import secrets",
    "from os import environ",
    "import asyncio",
]
ALLOWED = [
    "from datetime import UTC, datetime\nTHEN = datetime(2026, 3, 8, tzinfo=UTC)",
    "from uuid import UUID, uuid5",
    "from domain.time import zone",
]


def refused(path: str, code: str) -> bool:
    """Whether Ruff, run as it is in `make check`, refuses the code at that path."""
    run = subprocess.run(
        [*RUFF, "--stdin-filename", path],
        input=code + "\n",
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search("TID251|All checks passed", run.stdout), run.stdout + run.stderr
    return run.returncode == 1


@pytest.mark.parametrize("code", BANNED)
def test_the_domain_is_given_instants_and_ids(code: str) -> None:
    """Asking a clock, throwing dice or reaching outside is refused in domain/, and only there."""
    assert refused("domain/reservation/booking.py", code)
    assert not refused("handlers/reservation/commands.py", code)


@pytest.mark.parametrize("code", ALLOWED)
def test_the_domain_may_make_values(code: str) -> None:
    """An instant or id that follows from arguments is a value like any other."""
    assert not refused("domain/reservation/booking.py", code)
