"""How far a long piece of work is, at a terminal and elsewhere."""

import io
import sys

import pytest

from ops.commands.progress import steps


class Terminal(io.StringIO):
    """Standard error of somebody who watches."""

    def isatty(self) -> bool:
        return True


def work() -> None:
    with steps(2) as under_way:
        with under_way.step("keys"):
            pass
        with under_way.step("tables"):
            raise ValueError("no tables")


def test_a_line_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody watches, each step is a line as it begins."""
    with pytest.raises(ValueError, match="no tables"):
        work()
    assert capsys.readouterr().err == "slotstream: [1/2] keys\nslotstream: [2/2] tables\n"


def test_a_bar_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets a bar, which a step that fails does not move."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(ValueError, match="no tables"):
        work()
    shown = terminal.getvalue()
    assert "tables" in shown
    assert "1/2" in shown
    assert "2/2" not in shown


def test_a_share_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that knows how far it is moves the bar within its own part of it."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    seen = []
    with steps(2) as under_way:
        assert under_way.bar is not None
        for what in ("image", "cluster"):
            with under_way.step(what) as reached:
                reached(0.5)
                seen.append(under_way.bar.tasks[0].completed)
        seen.append(under_way.bar.tasks[0].completed)
    assert seen == [0.5, 1.5, 2.0]
