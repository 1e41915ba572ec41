"""`migrate` and `migration`: on the servers that run, or on ones started for this alone."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from ops import migrations
from tests.installation import ROOT, Installation
from tests.ops.conftest import MakeInstallation


def command(installation: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    """The command on the installation's DATA_DIR."""
    return subprocess.run(
        (sys.executable, "-m", "tests.ops.standin_installation", *words),
        cwd=ROOT,
        env=installation.told(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


MIGRATION = ("migration", "--context", "reservation", "--message", "add a note")


def test_on_the_running_servers(running: Installation) -> None:
    """While an installation runs, its databases are changed and nothing of it is disturbed."""
    before = running.endpoints
    done = command(running, "migrate")
    assert (done.returncode, done.stdout) == (0, "migrate fail_point=none upgrade --progress\n")
    done = command(running, *MIGRATION)
    assert done.stdout == "migrate fail_point=none revision reservation add a note\n"
    assert running.endpoints == before
    assert running.is_ready()


def test_on_servers_of_its_own(installations: MakeInstallation) -> None:
    """Without one, PostgreSQL is started for the command and stopped again; Redis is not needed."""
    installation = installations()
    done = command(installation, *MIGRATION)
    assert done.returncode == 0
    assert "revision reservation add a note" in done.stdout
    assert "database system is shut down" in done.stdout
    assert not (installation.data_dir / "valkey").exists()
    assert not (installation.data_dir / "postgres" / "postmaster.pid").exists()


def test_failure_is_said(running: Installation) -> None:
    """A migration that fails ends the command with 1."""
    running.environment["STANDIN_MIGRATE"] = "broken"
    try:
        done = command(running, "migrate")
    finally:
        del running.environment["STANDIN_MIGRATE"]
    assert done.returncode == 1
    assert "slotstream: The databases could not be changed." in done.stderr


def test_unknown_context(installations: MakeInstallation) -> None:
    """A context that there is none of is refused with the list of those there are."""
    done = command(installations(), "migration", "--context", "x", "--message", "y")
    assert done.returncode == 2
    assert "reservation" in done.stderr


def test_every_context_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A revision is compared with databases that are at their newest revision; an upgrade that is
    watched says which database it is at."""
    calls: list[tuple[str, ...]] = []
    schema = SimpleNamespace(
        CONTEXTS=("tenant", "user"),
        upgrade=lambda *words: calls.append(("upgrade", *words)),
        revision=lambda *words: calls.append(("revision", *words)),
    )
    monkeypatch.setattr(migrations, "schema", schema)
    urls = {"MIGRATION_URL_TENANT": "t", "MIGRATION_URL_USER": "u"}
    migrations.change(["upgrade"], urls)
    migrations.change(["revision", "user", "why"], urls)
    upgrades = [("upgrade", "tenant", "t"), ("upgrade", "user", "u")]
    assert calls == [*upgrades, *upgrades, ("revision", "user", "why", "u")]
    assert capsys.readouterr().err == ""
    migrations.change(["upgrade", "--progress"], urls)
    assert calls[-2:] == upgrades
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["slotstream: [1/2] database tenant", "slotstream: [2/2] database user"]
