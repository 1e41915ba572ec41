"""An installation put together from single processes, as containers do it: servers that are given,
`prepare`, and one command for each process."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest

from ops import demo
from ops.command_line import main
from ops.doctor import machine
from ops.running_servers import RunningServers
from tests.installation import ADMIN_PASSWORD, ROOT, Installation, free_port, new_folder
from tests.ops.commands.beside import Beside
from tests.waiting import wait_until

SECRET_KEY = "b1946ac92492d2347c6235b4d2611184-only-for-tests"
EMAIL = "second@installation.example"
READY = {
    "gateway": "the gateway serves",
    "worker": "reading",
    "relay": "relaying",
    "subscriber": "reading",
}


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """Servers without processes of ours, and what everybody is told."""

    told: Mapping[str, str]
    administrators_url: str

    def run(self, *words: str, given: str = "", **more: str) -> Done:
        """A command to its end, in this process: most of its time would be its start."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.object(os, "environ", {**self.told, **more}),
            mock.patch.object(sys, "stdin", io.StringIO(given)),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            status = main(words)
        return Done(status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def place(running: Installation) -> Iterator[Place]:
    """On the servers of a run whose own parts are stand-ins: they use neither."""
    servers = RunningServers.of(running.data_dir)
    assert servers is not None
    folder = new_folder()
    url = servers.databases["tenant"].rpartition("/")[0]
    host = urlsplit(url).netloc.rpartition("@")[2]
    told = {
        **running.told(),
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": SECRET_KEY,
        "REDIS_URL": servers.own_redis,
        # Nobody but `prepare` is told who administers the databases.
        "DATABASE_URL": f"postgresql://{host}",
        "GATEWAY_PORT": str(free_port()),
        "KAFKA_BOOTSTRAP_SERVERS": "",
    }
    yield Place(told, url)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def prepared(place: Place) -> str:
    """What `prepare` said on standard error when it ran for the first time."""
    done = place.run("prepare", DATABASE_URL=place.administrators_url)
    assert done.status == 0, done.err
    return done.err


@pytest.fixture(scope="module")
def processes(
    place: Place, prepared: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Beside]]:
    """Each kind of process once, all of them up."""
    folder = tmp_path_factory.mktemp("logs")
    with ExitStack() as stack:
        found = {
            name: stack.enter_context(
                Beside(("-m", "ops", name), place.told, folder / f"{name}.log")
            )
            for name in READY
        }
        for name, process in found.items():
            process.wait_for(READY[name])
        yield found
        for process in found.values():
            process.send(signal.SIGTERM)
        # Each ends by its signal like the run's own.
        assert {name: process.ended() for name, process in found.items()} == dict.fromkeys(READY, 0)


def test_prepare_says_each_step(prepared: str) -> None:
    """Where standard error is no terminal, a step is a line."""
    steps = [line for line in prepared.splitlines() if "/4] " in line]
    assert [line.rpartition("] ")[2] for line in steps] == [
        "keys",
        "roles and databases",
        "tables",
        "streams and groups",
    ]


def test_prepare_again_changes_nothing(place: Place, prepared: str) -> None:
    """Keys that are there stay, and so does the rest."""
    keys = Path(place.told["DATA_DIR"]) / "keys"
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    done = place.run("prepare", DATABASE_URL=place.administrators_url)
    assert done.status == 0, done.err
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before


def test_prepare_needs_the_administrator(place: Place, prepared: str) -> None:
    """Without the administrator's name and password it ends with one sentence."""
    done = place.run("prepare")
    assert done.status == 1
    assert "refuses the user" in done.err
    assert "Traceback" not in done.err


def test_an_administrator_is_made(place: Place, processes: dict[str, Beside]) -> None:
    """Once, by whoever knows the secret key; the second time says that there is one."""
    words = ("admin", "create", "--email", EMAIL, "--password-file", "-")
    done = place.run(*words, given="short\n")
    assert (done.status, done.out) == (1, "")
    assert "was not made an administrator: Use at least 12 characters." in done.err
    done = place.run(*words, given=f"{ADMIN_PASSWORD}\n")
    assert (done.status, done.out) == (0, f"{EMAIL} administers the platform from now on\n")
    done = place.run(*words, given=f"{ADMIN_PASSWORD} too\n")
    assert done.status == 1
    assert f"{EMAIL} administers the platform already: nothing was changed." in done.err
    done = place.run(*words, "--if-missing", given=f"{ADMIN_PASSWORD} too\n")
    assert done.status == 0
    assert ADMIN_PASSWORD not in "".join(process.said for process in processes.values())


def test_an_administrator_is_kept_out(place: Place, processes: dict[str, Beside]) -> None:
    """Disabled and enabled by their address; the list says how they stand."""
    for email in ("gone@example.org", "stays@example.org"):
        words = ("admin", "create", "--email", email, "--password-file", "-")
        assert place.run(*words, given=f"{ADMIN_PASSWORD}\n").status == 0
    done = place.run("admin", "disable", "--email", "gone@example.org")
    assert (done.status, done.out) == (0, "gone@example.org is kept out from now on\n")
    rows = [line.split() for line in place.run("admin", "list").out.splitlines()]
    shown = {row[-1]: row[0] for row in rows}
    assert (shown["gone@example.org"], shown["stays@example.org"]) == ("disabled", "active")
    done = place.run("admin", "enable", "--email", "gone@example.org")
    assert (done.status, done.out) == (0, "gone@example.org administers the platform from now on\n")
    done = place.run("admin", "disable", "--email", "nobody@example.org")
    assert (done.status, done.out) == (1, "")
    assert "was not kept out: There is no such platform administrator." in done.err


def test_a_password_is_asked_for(place: Place, processes: dict[str, Beside]) -> None:
    """At a terminal it is typed twice, and does not stand on the screen."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    screen = bytearray()

    def shows(text: bytes) -> bool:
        with suppress(BlockingIOError):
            screen.extend(os.read(ours, 4096))
        return text in screen

    words = (sys.executable, "-m", "ops", "admin", "create", "--email", "third@example.org")
    with subprocess.Popen(
        words, cwd=ROOT, env=dict(place.told), stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    ) as asking:  # fmt: skip
        try:
            for prompt in (b"Password: ", b"Repeat for confirmation: "):
                wait_until(partial(shows, prompt), 60)
                os.write(ours, f"{ADMIN_PASSWORD}\n".encode())
            wait_until(partial(shows, b"third@example.org administers the platform"), 60)
            assert asking.wait(20) == 0
        finally:
            asking.kill()
            os.close(theirs)
            os.close(ours)
    assert ADMIN_PASSWORD.encode() not in screen


def test_the_demonstration_is_made(place: Place, processes: dict[str, Beside]) -> None:
    """Over HTTP, by the administrator whom the settings name; twice is the same."""
    words = ("admin", "create", "--if-missing", "--password-file", "-", "--email")
    given = place.told["PLATFORM_ADMIN_PASSWORD"]
    made = place.run(*words, place.told["PLATFORM_ADMIN_EMAIL"], given=given)
    assert made.status == 0, made.err
    for _ in range(2):
        done = place.run("demo")
        assert done.status == 0, done.err
        assert done.out.startswith(f"tenant {demo.SLUG}  {demo.OWNER_EMAIL}")


def test_the_doctor_finds_it_well(
    place: Place, processes: dict[str, Beside], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line about a prepared installation whose processes run is ok, or is about what is not
    configured."""
    room = SimpleNamespace(free=4000 * machine.MEBI)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    said: dict[str, Any] = {}

    def wrong() -> list[dict[str, Any]]:
        return [one for one in said["findings"] if one["state"] in ("warn", "fail")]

    def is_well() -> bool:
        done = place.run("doctor", "--json")
        said.update(json.loads(done.out), status=done.status)
        return not wrong()

    # A process that others keep from running looks for a moment as if it did not read.
    with suppress(AssertionError):
        wait_until(is_well, 60)
    assert wrong() == []
    found = {one["about"]: one["state"] for one in said["findings"]}
    skipped = {name for name, state in found.items() if state == "skip"}
    assert skipped == {"mail", "sms", "kafka", "traces"}
    for name in (
        "redis rights",
        "postgres roles",
        "database user",
        "clocks",
        "readers",
        "relay",
        "port",
    ):
        assert found[name] == "ok", name
    assert said["status"] == 0


def test_nobody_answers(place: Place) -> None:
    """Who asks where no gateway is gets one sentence."""
    done = place.run("demo", "--url", f"http://127.0.0.1:{free_port()}")
    assert done.status == 1
    assert "does not answer as it should" in done.err
    assert "Traceback" not in done.err
