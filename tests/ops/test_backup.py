"""What a backup refuses, and what it leaves behind when it does."""

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ops.backup.contents import Contents
from ops.backup.following import followed
from ops.backup.restoring import _verify
from ops.backup.taking import _copy_cluster
from tests.installation import ROOT, Installation

NOTHING = "redis://127.0.0.1:1/0"
STEP = re.compile(r"slotstream: \[(\d/\d)\] [A-Za-z ]+")


def backup(
    installation: Installation, act: str, folder: Path, **told: str
) -> "subprocess.CompletedProcess[str]":
    """`slotstream backup`, told what the installation is told."""
    return subprocess.run(
        (sys.executable, "-m", "ops", "backup", act, str(folder)),
        cwd=ROOT,
        env={**installation.told(), **told},
        capture_output=True,
        text=True,
        check=False,
    )


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    """The one sentence after the steps that were begun; there is no traceback to read."""
    assert done.returncode == 1, done.stdout + done.stderr
    *begun, sentence = done.stderr.splitlines()
    assert all(STEP.fullmatch(line) for line in begun)
    assert sentence.startswith("slotstream: ")
    return sentence


@pytest.fixture(scope="module")
def taken(running: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a running installation."""
    folder = tmp_path_factory.mktemp("backups") / "one"
    done = backup(running, "take", folder)
    assert done.returncode == 0, done.stderr
    assert STEP.findall(done.stderr) == ["1/3", "2/3", "3/3"]
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Installation:
    """A place where nothing is."""
    return Installation(folder=tmp_path / "elsewhere")


def test_it_is_its_owners_alone(taken: Path, running: Installation) -> None:
    """Every secret of the installation is in it, and nobody else may read any of it."""
    assert stat.S_IMODE(taken.stat().st_mode) == 0o700
    kept = {path.name: path.read_bytes() for path in (taken / "secrets").iterdir()}
    given = running.data_dir / "secrets"
    assert kept == {path.name: path.read_bytes() for path in given.iterdir()}
    assert {"secret_key", "postgres_password"} <= kept.keys()
    open_to_all = [
        path for path in taken.rglob("*") if path.is_file() and path.name != "jwks.json"
        and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]  # fmt: skip
    assert open_to_all == []


def test_one_is_never_overwritten(taken: Path, running: Installation) -> None:
    """A second backup into the same folder is refused, and the first stays whole."""
    before = (taken / "backup.json").read_bytes()
    assert "is there already" in refused(backup(running, "take", taken))
    assert (taken / "backup.json").read_bytes() == before


def test_nothing_runs(elsewhere: Installation, tmp_path: Path) -> None:
    """Without an installation that runs there is nothing to take, and no folder is made."""
    folder = tmp_path / "backup"
    assert "No installation runs on" in refused(backup(elsewhere, "take", folder))
    assert not folder.exists()


def test_a_server_that_does_not_answer(elsewhere: Installation, tmp_path: Path) -> None:
    """What was begun is taken away again."""
    folder = tmp_path / "backup"
    own = {"DATABASE_URL": "postgresql://root:8d0fkw2m1q@127.0.0.1:1/", "REDIS_URL": NOTHING}
    assert "Redis gave no whole image" in refused(backup(elsewhere, "take", folder, **own))
    assert not folder.exists()


def test_a_user_who_may_not(running: Installation, elsewhere: Installation, tmp_path: Path) -> None:
    """A publisher's user of Redis gets no image of it."""
    folder = tmp_path / "backup"
    own = {
        "DATABASE_URL": running.endpoints["databases"]["tenant"],
        "REDIS_URL": running.endpoints["publishers"]["demo"]["redis"],
    }
    assert "does not give its image" in refused(backup(elsewhere, "take", folder, **own))
    assert not folder.exists()


def test_a_wrong_password_is_said_and_not_shown(
    running: Installation, elsewhere: Installation, tmp_path: Path
) -> None:
    """PostgreSQL's refusal is told without the password that it refused."""
    url = running.endpoints["databases"]["tenant"]
    wrong = url.replace(url.split(":")[2].partition("@")[0], "not-the-password")
    own = {"DATABASE_URL": wrong, "REDIS_URL": running.endpoints["redis"]}
    sentence = refused(backup(elsewhere, "take", tmp_path / "backup", **own))
    assert "PostgreSQL could not be copied" in sentence
    assert "not-the-password" not in sentence
    assert not (tmp_path / "backup").exists()


def test_databases_on_several_servers(elsewhere: Installation, tmp_path: Path) -> None:
    """They have no instant in common, and it says where to read on."""
    own = {
        "DATABASE_URL": "postgresql://root:8d0fkw2m1q@one.example/",
        "DATABASE_URL_USER": "postgresql://root:8d0fkw2m1q@two.example/",
        "REDIS_URL": NOTHING,
    }
    assert "on several servers" in refused(backup(elsewhere, "take", tmp_path / "x", **own))


def test_it_goes_into_an_empty_place_alone(taken: Path, running: Installation) -> None:
    """Where an installation is, nothing is restored over it."""
    before = sorted(path.name for path in running.data_dir.iterdir())
    sentence = refused(backup(running, "restore", taken))
    assert "uses the data folder" in sentence or "holds an installation" in sentence
    assert sorted(path.name for path in running.data_dir.iterdir()) == before
    assert running.is_ready()


def test_servers_of_ones_own(taken: Path, elsewhere: Installation) -> None:
    """Their data folders are not ours to fill."""
    sentence = refused(backup(elsewhere, "restore", taken, REDIS_URL=NOTHING))
    assert "servers of your own" in sentence
    assert not elsewhere.data_dir.exists()


@pytest.mark.parametrize("lacks", ["backup.json", "redis.rdb", "postgres"])
def test_what_is_not_whole(
    taken: Path, elsewhere: Installation, tmp_path: Path, lacks: str
) -> None:
    """A backup that was cut short is not restored."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in taken.iterdir():
        if path.name != lacks:
            (copy / path.name).symlink_to(path)
    assert f"it lacks {lacks}" in refused(backup(elsewhere, "restore", copy))
    assert not elsewhere.data_dir.exists()


def test_what_was_changed_since(taken: Path, elsewhere: Installation, tmp_path: Path) -> None:
    """A file of the cluster with another byte in it is found before anything is placed."""
    copy = tmp_path / "copy"
    shutil.copytree(taken, copy)
    file = next(path for path in (copy / "postgres" / "base").rglob("2619") if path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(bytes(content))
    assert "is not as it was taken" in refused(backup(elsewhere, "restore", copy))
    assert not (elsewhere.data_dir / "secrets").exists()


def test_it_says_of_when_it_is(taken: Path, elsewhere: Installation) -> None:
    """Restored, it names the instant that everything is as of."""
    done = backup(elsewhere, "restore", taken)
    try:
        assert done.returncode == 0, done.stderr
        assert json.loads((taken / "backup.json").read_text())["made_at"] in done.stdout
        assert STEP.findall(done.stderr) == ["1/2", "2/2"]
    finally:
        elsewhere.close()


def test_how_far_it_is(taken: Path, running: Installation, tmp_path: Path) -> None:
    """While PostgreSQL is copied, and while the copy is compared, the share done is known."""
    parts: dict[str, list[float]] = {"copied": [], "compared": []}
    (url, *_) = running.endpoints["databases"].values()
    _copy_cluster(url, tmp_path / "copy", parts["copied"].append)
    _verify(Contents(taken), parts["compared"].append)
    for shares in parts.values():
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_a_program_that_fails_says_why() -> None:
    """What it said last is the reason, and how far it was is not."""
    shares: list[float] = []
    words = "echo '5/10 kB (50%), 0/1'; echo 'error: no room' >&2; echo '10/10 kB (100%)'; exit 3"
    assert followed(("/bin/sh", "-c", words), {}, shares.append) == "error: no room"
    assert shares == [0.5, 1.0]
    assert followed(("/bin/true",), {}, shares.append) is None
