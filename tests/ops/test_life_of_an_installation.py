"""Starting, dying, coming back and stopping, with real servers and stand-ins for our own parts."""

import os
import signal
import stat
import time

import asyncpg
import pytest

from ops.process_table import Known, is_alive, remember
from ops.supervisor import ECHO_SECONDS, STOPPING
from tests.installation import SINGLE, Installation
from tests.ops.commands.beside import START_SECONDS, STOP_SECONDS
from tests.ops.conftest import MakeInstallation
from tests.ops.processes import a_sleeper, everyone_of, none_lives
from tests.smoke.booking import Stream
from tests.waiting import eventually, wait_until

ROLES = [role for role, _ in STOPPING]


async def run_sql(url: str, statement: str) -> object:
    """The statement's one value, asked for until the server has recovered."""

    async def connection() -> asyncpg.Connection | None:
        try:
            found: asyncpg.Connection = await asyncpg.connect(url)
        except (OSError, asyncpg.CannotConnectNowError):
            return None
        return found

    connected = await eventually(connection, 10)
    assert connected is not None
    try:
        return await connected.fetchval(statement)
    finally:
        await connected.close()


def test_endpoints_name_every_part(running: Installation) -> None:
    """`endpoints.json` is its owner's alone and names living processes, URLs and publishers."""
    path = running.data_dir / "endpoints.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = running.endpoints
    assert found["gateway"] == running.base_url
    assert list(found["databases"]) == ["tenant", "resource", "user", "reservation", "subscriber"]
    assert found["publishers"]["demo"]["stream"] == "ingress.demo"
    assert found["publishers"]["demo"]["redis"].startswith("redis://publisher-demo:")
    for role in ROLES:
        (pid,) = running.pids(role)
        assert is_alive(remember(pid))
        assert os.getsid(pid) == pid


@pytest.mark.parametrize("role", ROLES)
def test_dead_part_is_replaced(running: Installation, role: str) -> None:
    """A killed part is back without a pause, and `endpoints.json` says who it is now."""
    killed = running.kill(role)
    successor = running.wait_for_role(role, killed, START_SECONDS)
    assert is_alive(remember(successor))
    name = role if role in SINGLE else f"{role}-1"
    wait_until(lambda: f"{name} is gone (" in running.last_lines(), START_SECONDS)
    assert f"{name} is gone (killed by SIGKILL); next one in 0 s" in running.last_lines()


async def test_killed_servers_keep_what_they_were_given(running: Installation) -> None:
    """What PostgreSQL committed and Redis acknowledged is there after both were killed."""
    url = running.endpoints["databases"]["tenant"]
    await run_sql(url, "CREATE TABLE kept AS SELECT 'before the crash' AS line")
    stream = Stream(running.endpoints["redis"])
    stream.ask("XADD", "kept", "*", "line", "before the crash")
    stream.close()

    running.wait_for_role("redis", running.kill("redis"))
    running.wait_for_role("postgres", running.kill("postgres"))

    def answers() -> bool:
        try:
            again = Stream(running.endpoints["redis"])
            entries = again.entries("kept")
            again.close()
        except (OSError, SystemExit):
            return False
        return entries == [{"line": "before the crash"}]

    wait_until(answers, 10)
    found = await run_sql(url, "SELECT line FROM kept")
    assert found == "before the crash"
    await run_sql(url, "DROP TABLE kept")


async def test_second_run_finds_the_data_of_the_first(installations: MakeInstallation) -> None:
    """Stopped and started again, an installation has its rows, its secrets and its ports."""
    installation = installations()
    installation.start()
    before = installation.endpoints
    await run_sql(before["databases"]["user"], "CREATE TABLE kept AS SELECT 1 AS one")
    assert installation.stop() == 0
    assert not (installation.data_dir / "endpoints.json").exists()
    installation.start()
    after = installation.endpoints
    assert await run_sql(after["databases"]["user"], "SELECT one FROM kept") == 1
    assert (after["databases"], after["redis"]) == (before["databases"], before["redis"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_everything(installations: MakeInstallation, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end every process, also what a part started in a session of its own."""
    installation = installations({"STANDIN_HANDLER": "parent"})
    installation.start()
    processes = everyone_of(installation.supervisor.pid)
    assert len(processes) > len(ROLES) + 1
    assert installation.stop(number) == 0
    assert none_lives(processes)


def test_killed_part_takes_its_children_along(installations: MakeInstallation) -> None:
    """What a part started in a session of its own does not outlive the installation."""
    installation = installations({"STANDIN_HANDLER": "parent"})
    installation.start()
    before = everyone_of(installation.supervisor.pid)
    installation.wait_for_role("handler", installation.kill("handler"))
    assert installation.stop() == 0
    assert none_lives(before)


def test_deaf_parts_are_killed_in_time(installations: MakeInstallation) -> None:
    """Parts that ignore SIGTERM are killed, and the whole still ends within 15 s."""
    installation = installations({"STANDIN_GATEWAY": "stubborn", "STANDIN_HANDLER": "stubborn"})
    installation.start()
    processes = everyone_of(installation.supervisor.pid)
    began = time.monotonic()
    assert installation.stop() == 0
    assert time.monotonic() - began < 15
    assert none_lives(processes)
    assert "gateway-1 did not stop in time and is killed" in installation.last_lines()


def test_second_signal_hurries(installations: MakeInstallation) -> None:
    """A second Ctrl-C does not wait for deaf parts, and leaves nothing behind either."""
    installation = installations({"STANDIN_GATEWAY": "stubborn", "STANDIN_HANDLER": "stubborn"})
    installation.start()
    processes = everyone_of(installation.supervisor.pid)
    began = time.monotonic()
    installation.supervisor.send_signal(signal.SIGINT)
    wait_until(lambda: "stopping" in installation.last_lines(), START_SECONDS)
    # It was heard before it was said: what comes so much later is no echo of it.
    heard = time.monotonic()
    wait_until(lambda: time.monotonic() - heard > ECHO_SECONDS + 0.2, START_SECONDS)
    assert installation.stop(signal.SIGINT) == 0
    shares = dict(STOPPING)
    assert time.monotonic() - began < shares["gateway"] + shares["handler"]
    assert none_lives(processes)


def test_echo_of_a_signal_does_not_hurry(installations: MakeInstallation) -> None:
    """Two signals at once (one to the process group, one handed on by make) are one signal."""
    installation = installations({"STANDIN_GATEWAY": "stubborn"})
    installation.start()
    began = time.monotonic()
    # Back to back, so that the second is no late one; of one number, the kernel might merge them.
    installation.supervisor.send_signal(signal.SIGTERM)
    assert installation.stop(signal.SIGINT) == 0
    assert time.monotonic() - began > dict(STOPPING)["gateway"]


def test_killed_supervisor_leaves_nothing(installations: MakeInstallation) -> None:
    """After `kill -9` of the supervisor its processes end, and the next run just works."""
    installation = installations()
    installation.start()
    processes = everyone_of(installation.supervisor.pid)
    installation.supervisor.kill()
    installation.supervisor.wait()
    wait_until(lambda: none_lives(processes), STOP_SECONDS)
    installation.start()
    assert installation.is_ready()


def test_next_run_ends_what_a_dead_one_left(installations: MakeInstallation) -> None:
    """A process that the register names is ended; one that only has its id is left alone."""
    installation = installations()
    ours = a_sleeper()
    foreign = a_sleeper()
    installation.data_dir.mkdir()
    rows = [remember(ours.pid), Known(foreign.pid, "another boot: another time")]
    text = ", ".join(f'{{"pid": {row.pid}, "started": "{row.started}"}}' for row in rows)
    (installation.data_dir / "processes.json").write_text(f"[{text}]", encoding="ascii")
    try:
        installation.start()
        assert ours.wait(STOP_SECONDS) == -signal.SIGTERM
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_fail_point_is_for_the_first_life_only(installations: MakeInstallation) -> None:
    """A part that was restarted has no fail point: the crash that was asked for happens once."""
    installation = installations({"FAIL_POINT": "after_commit:2@handler"})
    installation.start()

    def said(line: str) -> bool:
        return line in installation.last_lines()

    # Ready is the gateway, and not whoever else has just begun.
    wait_until(lambda: said("handler fail_point=after_commit:2@handler"), START_SECONDS)
    installation.wait_for_role("handler", installation.kill("handler"))
    wait_until(lambda: said("handler fail_point=none"), START_SECONDS)


def test_several_workers_have_names(installations: MakeInstallation) -> None:
    """WORKERS=3 gives three handler processes under three names."""
    installation = installations({"WORKERS": "3"})
    installation.start()
    assert len(set(installation.pids("handler"))) == 3
    wait_until(lambda: "handler-3    | handler" in installation.last_lines(), START_SECONDS)
