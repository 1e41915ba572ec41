"""What README and docs/clients tell people to type, typed into shells beside a real installation.

Where this machine has no redis-cli or valkey-cli (or no curl), a small stand-in in this folder
takes its place on PATH: the script runs all the same, every command of it, and what is then left
untested is that program's own printing.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops import demo
from tests.e2e.house import House
from tests.installation import ROOT, Installation

SECONDS = 60
README = (ROOT / "README.md").read_text(encoding="utf-8")
REDIS_CLI = ROOT / "docs" / "clients" / "redis-cli" / "book.sh"
PYTHON = ROOT / "docs" / "clients" / "python" / "book.py"


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which everything that the examples call is found."""
    wanted = {"redis-cli": ("redis-cli", "valkey-cli"), "curl": ("curl",)}
    for name, any_of in wanted.items():
        if not any(map(shutil.which, any_of)):
            standin = Path(__file__).with_name(f"standin_{name.replace('-', '_')}.py")
            _program(tmp_path / name, f'exec "{sys.executable}" "{standin}" "$@"')
    if shutil.which("python3") is None:
        _program(tmp_path / "python3", f'exec "{sys.executable}" "$@"')
    return f"{tmp_path}{os.pathsep}{os.environ['PATH']}"


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


def typed(words: list[str], environment: Mapping[str, str]) -> str:
    """What the program printed; the test fails when it does."""
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(
    "words", [["sh", str(REDIS_CLI)], [sys.executable, str(PYTHON)]], ids=["redis-cli", "python"]
)
def test_client_books_over_a_stream(
    words: list[str], house: House, installation: Installation, path: str
) -> None:
    """The example books with the publisher's own Redis user and reads its event; a second run is
    told of the conflict and takes the place that the refusal proposes."""
    house.open_always()
    environment = {
        "PATH": path,
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(installation.data_dir),
        "TENANT_ID": house.id,
        "RESOURCE_ID": house.resource(),
    }
    first = typed(words, environment)
    second = typed(words, environment)
    assert "answered 409 booking_conflict" not in first
    assert "answered 409 booking_conflict" in second
    for said in (first, second):
        found = re.search(r"^answered 201: booking (\S+) is confirmed$", said, re.MULTILINE)
        assert found is not None, said
        kind, sequence, state = house.events(found[1])[0]
        assert (kind, sequence) == ("booking.created", 1)
        assert (state["created_by"], state["user_id"]) == ("service:demo", None)
        assert "event on reservation.events: " in said
        assert f'"id":"{found[1]}"' in said.partition("event on")[2]


def test_first_booking_of_the_readme(installation: Installation, path: str) -> None:
    """README's lines, pasted as they stand, book, are refused the second time, and cancel."""
    demo.make_demonstration(
        installation.base_url, installation.admin_email, installation.admin_password
    )
    lines = README.partition("<!-- first booking -->\n```bash\n")[2].partition("```")[0]
    environment = {"PATH": path, "GATEWAY_PORT": str(installation.gateway_port)}
    booked, refused, cancelled = typed(["bash", "-e", "-c", lines], environment).splitlines()
    assert '"status":"confirmed"' in booked
    assert '"code":"booking_conflict"' in refused
    assert '"status":"cancelled"' in cancelled
