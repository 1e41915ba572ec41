"""The doctor where nothing runs, and how it ends."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ops.command_line import main
from tests.installation import NOT_INHERITED, free_port


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith((*NOT_INHERITED, "KAFKA_", "SMTP_URL", "SMS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ENV_FILE", "")
    # Not that of whoever develops here, whose own installation may be up.
    monkeypatch.setenv("GATEWAY_PORT", str(free_port()))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_what_it_could_not_look_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It works, says what it skipped and why, and leaves no folder."""
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    skipped = {line.split()[1] for line in lines if line.startswith("skip")}
    assert {"signing", "redis", "postgres", "gateway", "mail", "sms", "kafka", "traces"} == skipped
    assert "REDIS_URL is not set, and no installation is up" in "\n".join(lines)
    assert lines[-1].endswith("0 fail, 8 skip")
    assert not (tmp_path / "data").exists()


def test_a_failure_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that begins with fail makes it 1; in JSON it is the same findings."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9")
    assert main(["doctor", "--json"]) == 1
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert document["well"] is False
    (failed,) = [one for one in document["findings"] if one["state"] == "fail"]
    assert failed["about"] == "redis"
    assert set(failed) == {"about", "state", "said", "advice"}
    monkeypatch.setenv("WORKERS", "none")
    assert main(["doctor"]) == 1
    assert "the settings have to be right first" in capsys.readouterr().out


def test_a_gateway_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """One that is named has to answer, and no port of this machine is looked at; what is no address
    of one is refused."""
    assert main(["doctor", "--gateway", "http://127.0.0.1:9"]) == 1
    lines = capsys.readouterr().out.splitlines()
    (failed,) = [line for line in lines if line.startswith("fail")]
    assert "http://127.0.0.1:9 does not answer" in failed
    assert not [line for line in lines if line.split()[1] == "port"]
    for wrong in ("https://gateway", "gateway:8000", "http://"):
        assert main(["doctor", "--gateway", wrong]) == 2
        assert "http://gateway:8000" in capsys.readouterr().err
