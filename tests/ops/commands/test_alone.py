"""What a process is told that is started beside a run."""

import socket
from pathlib import Path

import pytest

from ops.alone import Alone
from ops.command_line import main
from ops.running_servers import RunningServers
from ops.settings import Settings
from tests.installation import free_port

RUN = RunningServers("http://127.0.0.1:8000", "redis://a", "redis://own", {}, {})


def port_of(said: dict[str, str], folder: Path) -> str:
    programs = {"handler": ("-m", "handlers", "handler")}
    alone = Alone(Settings.read({"SECRET_KEY": "x" * 32, **said}), {}, programs, folder)
    return alone.lineup().handler("worker").environment["METRICS_PORT"]


def test_metrics_beside_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run's processes have METRICS_PORT and those after it: the process takes the next free
    one, and none where there are no metrics."""
    monkeypatch.setattr(RunningServers, "of", lambda _: RUN)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert int(port_of({"METRICS_PORT": str(taken)}, tmp_path)) > taken
    assert port_of({}, tmp_path) == "0"


def test_metrics_of_its_own_machine(tmp_path: Path) -> None:
    """Where no run is beside it, as in a container, the port is the one that was asked for."""
    port = str(free_port())
    assert port_of({"METRICS_PORT": port, "REDIS_URL": "redis://r:6379/0"}, tmp_path) == port


def test_only_a_gateway_is_asked_for_its_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In production no gateway starts without the names that it is spoken to by; the others are not
    spoken to, and end here for want of a server."""
    given = {"ENVIRONMENT": "production", "ENV_FILE": "", "DATA_DIR": str(tmp_path)}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    for name in ("REDIS_URL", "DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    for command in ("gateway", "worker", "relay", "subscriber"):
        assert main([command]) == 1
        said = capsys.readouterr().err
        assert ("ALLOWED_HOSTS is not set" in said) == (command == "gateway"), said
