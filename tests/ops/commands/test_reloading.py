"""`--reload`: a process that starts again when the source changes."""

import os
import signal
from pathlib import Path

import pytest

from ops.process_table import children_of, is_alive, remember
from tests.ops.commands.beside import Beside
from tests.waiting import wait_until

COMMAND = ("-m", "tests.ops.standin_reloading")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    room = tmp_path / "room"
    room.mkdir()
    (room / "__init__.py").touch()
    return room / "module.py"


def reloading(source: Path, **told: str) -> Beside:
    folder = source.parent.parent
    return Beside((*COMMAND, str(folder)), {**os.environ, **told}, folder / "log")


def change(source: Path) -> None:
    """Put there whole: a file that is made and then written to is two changes on a busy machine."""
    written = source.parent.parent / source.name
    written.write_text("changed = True\n", encoding="ascii")
    written.replace(source)


def test_a_change_starts_it_again(source: Path) -> None:
    """The process ends and another begins, without the fail point that was for the first."""
    with reloading(source) as process:
        process.wait_for("handler fail_point=once")
        (before,) = map(remember, children_of(process.pid))
        change(source)
        process.wait_for("handler fail_point=none")
        assert "room/module.py changed: worker-1 starts again" in process.said
        assert not is_alive(before)
        (after,) = map(remember, children_of(process.pid))
        assert process.stop(signal.SIGINT) == 0
        assert not is_alive(after)


def test_one_that_ends_waits_for_a_change(source: Path) -> None:
    """What cannot start is not started again and again, but when it may have been mended."""
    with reloading(source, STANDIN_HANDLER="broken") as process:
        ended = "worker-1 ended with 1; a change starts it again"
        process.wait_for(ended)
        change(source)
        # Not until it said why: it would still run then, and end by the signal instead.
        wait_until(lambda: process.said.count(ended) == 2, 120)
        assert process.said.count("it is not meant to work") == 2
        assert process.stop() == 1
