"""The supervisor in this process, on parts that are one line of Python."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ops import part as part_module
from ops.errors import StartupError
from ops.leftovers import ProcessRegister
from ops.log_lines import LogPrinter
from ops.part import Part
from ops.process_table import children_of, is_alive, kill, remember, started_of
from ops.supervisor import Supervisor, pause_before_restart
from tests.ops.commands.beside import START_SECONDS
from tests.ops.processes import a_sleeper
from tests.waiting import eventually, wait_until

WAITS = "import signal; print('here', flush=True); signal.pause()"


def part(code: str, name: str = "one", role: str = "handler") -> Part:
    return Part(name, role, (sys.executable, "-c", code), {}, Path.cwd())


class Watched:
    """A supervisor and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.output = io.StringIO()
        self.log = LogPrinter("text", self.output)
        self.changes = 0
        register = ProcessRegister(folder / "processes.json")
        self.supervisor = Supervisor(self.log, register, self._changed)

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
def of_no_other_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The servers of other tests are children of this process, too, in sessions of their own, and
    would pass for orphans; afterwards it adopts none any more."""
    others = set(children_of(os.getpid()))
    monkeypatch.setattr(
        "ops.supervisor.children_of", lambda pid: [c for c in children_of(pid) if c not in others]
    )
    yield
    if part_module._LIBC is not None:
        part_module._LIBC.prctl(part_module.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture
async def watched(tmp_path: Path, of_no_other_test: None) -> AsyncIterator[Watched]:
    made = Watched(tmp_path)
    made.supervisor.take_over_signals()
    yield made
    await made.supervisor.stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        loop.remove_signal_handler(number)
    made.log.close()


def test_pauses() -> None:
    """The first death costs nothing; then 1, 2, 4, 8, 15 s, and never more."""
    assert [pause_before_restart(n) for n in range(8)] == [0, 0, 1, 2, 4, 8, 15, 15]
    assert pause_before_restart(10_000) == 15


async def test_dying_part_is_paused(watched: Watched) -> None:
    """A part that dies at once is restarted at once, then after a second, then after two."""
    await watched.supervisor.start(part("raise SystemExit(3)"))
    await eventually(lambda: "next one in 2 s" in watched.output.getvalue(), START_SECONDS)
    said = watched.output.getvalue()
    assert "one is gone (exit status 3); next one in 0 s" in said
    assert said.index("in 0 s") < said.index("in 1 s") < said.index("in 2 s")


async def test_part_that_cannot_be_started_again(watched: Watched) -> None:
    """A start that fails is said and tried again; nothing else is disturbed."""
    tries: list[int] = []

    def before() -> None:
        tries.append(1)
        if len(tries) == 2:
            raise StartupError("not now")

    await watched.supervisor.start(replace(part(WAITS), before_start=before))
    (pid,) = watched.supervisor.pids("handler")
    kill(pid)
    await eventually(lambda: len(tries) == 3 and watched.supervisor.pids("handler"), START_SECONDS)
    assert "one does not start: not now" in watched.output.getvalue()


async def test_run_to_end(watched: Watched) -> None:
    """A part with an end gives its status and its last words."""
    ended = await watched.supervisor.run_to_end(
        part("print('a', flush=True); raise SystemExit('why')"), START_SECONDS
    )
    assert (ended.process.returncode, ended.last_words) == (1, "why")
    assert watched.supervisor.pids("handler") == []


async def test_run_to_end_has_a_limit(watched: Watched) -> None:
    """One that takes too long is killed."""
    ended = await watched.supervisor.run_to_end(part(WAITS), 0.3)
    assert ended.status == "killed by SIGKILL"


async def test_part_that_never_gets_ready(watched: Watched) -> None:
    """The sentence says that it was not ready in time."""
    with pytest.raises(StartupError, match="no luck: it was not ready within"):
        await watched.supervisor.start_until(part(WAITS), lambda: False, 0.2, "no luck")


async def test_fatal_line_is_the_reason(watched: Watched) -> None:
    """Of a server's last lines, the fatal one is its reason."""
    code = "print('FATAL:  no such thing\\nLOG:  bye'); raise SystemExit(1)"
    with pytest.raises(StartupError, match="no luck: no such thing"):
        await watched.supervisor.start_until(part(code), lambda: False, START_SECONDS, "no luck")


async def test_stop_runs_in_order(watched: Watched) -> None:
    """Gateways stop before handlers, handlers before the relay, servers last."""
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('bye'))); "
        "print('here', flush=True); signal.pause()"
    )
    roles = ["postgres", "redis", "mirror", "subscriber", "relay", "handler", "gateway"]
    for role in roles:
        await watched.supervisor.start(part(code, role, role))
    await eventually(lambda: watched.output.getvalue().count("here") == len(roles), START_SECONDS)
    await watched.supervisor.stop()
    # It prints from a thread of its own.
    watched.log.close(START_SECONDS)
    lines = watched.output.getvalue().splitlines()
    assert [line.split()[0] for line in lines if "bye" in line] == roles[::-1]


async def test_orphan_of_a_part_ends(watched: Watched) -> None:
    """What a dead part left in a session of its own is ended with the rest."""
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', "
        "'import signal; signal.pause()'], start_new_session=True); print(child.pid, flush=True)"
    )
    ended = await watched.supervisor.run_to_end(part(code), START_SECONDS)
    orphan = remember(int(ended.last_words))
    assert is_alive(orphan)
    await watched.supervisor.stop()
    assert not is_alive(orphan)


async def test_children_of_others_are_left_alone(watched: Watched) -> None:
    """A child of this process that the supervisor did not start is neither reaped nor ended."""
    other = a_sleeper()
    try:
        await watched.supervisor.start(part(WAITS))
        await watched.supervisor.stop()
        assert other.poll() is None
    finally:
        other.kill()
        assert other.wait() == -signal.SIGKILL


def test_process_table() -> None:
    """A living process has a beginning; a dead one and a zombie have none."""
    sleeper = a_sleeper()
    known = remember(sleeper.pid)
    assert is_alive(known)
    assert sleeper.pid in children_of(os.getpid())
    sleeper.kill()
    wait_until(lambda: started_of(sleeper.pid) is None, 5)
    assert not is_alive(known)
    sleeper.wait()
    assert started_of(sleeper.pid) is None
