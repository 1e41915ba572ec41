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
