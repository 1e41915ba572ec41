"""A backup under load and what comes out of it, by the commands of docs/operations.md."""

import asyncio
import re
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.house import redis_client
from tests.faults.ledger import Ledger
from tests.installation import ROOT, Installation
from tests.waiting import eventually

PAGE = ROOT / "docs" / "operations.md"
SECONDS = 120


@dataclass
class Rehearsal:
    """What was booked when, and the installation that was brought back."""

    ledger: Ledger
    # By key, as the ledger has them: those that were answered before the backup began.
    before: dict[str, str]
    installation: Installation


def commands(name: str) -> str:
    """The block of the page that is marked with this name."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n```bash\n(.*?)```", text, re.DOTALL)
    assert found is not None, name
    return found[1]


def run(name: str, installation: Installation, backup: Path) -> None:
    """The block has been run, word for word, by somebody who operates this installation."""
    done = subprocess.run(
        ("/bin/bash", "-euo", "pipefail", "-c", commands(name)),
        cwd=ROOT,
        env={**installation.told(), "BACKUP": str(backup)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def backed_up_under_load(
    ledger: Ledger, installation: Installation, backup: Path
) -> dict[str, str]:
    """The backup was taken while two clients booked; what they had booked before it."""
    loading = asyncio.create_task(ledger.load(clients=2))
    try:
        await eventually(lambda: len(ledger.made) >= 30, 30)
        before = dict(ledger.made)
        await asyncio.to_thread(run, "backup", installation, backup)
        assert stat.S_IMODE(backup.with_suffix(".tar.gz").stat().st_mode) == 0o600
        goal = len(ledger.made) + 5
        await eventually(lambda: len(ledger.made) >= goal, 60)
    finally:
        ledger.stopping = True
        await loading
    await ledger.settle()
    return before


async def brought_back(ledger: Ledger, lost: Installation, backup: Path) -> Installation:
    """Everything is gone but the backup; what comes out of it runs at the same address, and the
    ledger's house is asked there."""
    ledger.house.redis.close()
    await asyncio.to_thread(lost.close)
    found = Installation(lost.environment)
    found.gateway_port, found.base_url = lost.gateway_port, lost.base_url
    try:
        await asyncio.to_thread(run, "restore", found, backup)
        await asyncio.to_thread(found.start)
    except BaseException:
        found.close()
        raise
    ledger.house.redis = redis_client(found.endpoints["redis"])
    return found
