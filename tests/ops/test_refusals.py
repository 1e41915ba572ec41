"""What keeps an installation from starting is one sentence, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import ROOT, Installation
from tests.ops.commands.beside import START_SECONDS
from tests.ops.conftest import MakeInstallation
from tests.ops.processes import everyone_of, none_lives
from tests.waiting import wait_until

STRONG = "3f1c9a0d5b7e42688c1f"


def refusal(installation: Installation, within_seconds: float = START_SECONDS) -> str:
    """The one sentence of a start that fails; there is no traceback and no process left."""
    installation.launch()
    processes = everyone_of(installation.supervisor.pid)
    status = installation.supervisor.wait(within_seconds)
    log = installation.last_lines(500)
    assert status == 1, log
    assert "Traceback" not in log
    assert none_lives(processes)
    sentences = [line for line in log.splitlines() if line.startswith("slotstream: ")]
    assert len(sentences) == 1, log
    return sentences[0]


def test_taken_port(installations: MakeInstallation) -> None:
    """A taken gateway port is found out before anything is started."""
    installation = installations()
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.gateway_port))
        other.listen()
        sentence = refusal(installation)
    assert f"Port {installation.gateway_port} on 127.0.0.1 is taken" in sentence
    assert not (installation.data_dir / "postgres").exists()


def test_address_of_another_machine(installations: MakeInstallation) -> None:
    """An address that is not this machine's is not called a taken port."""
    sentence = refusal(installations({"GATEWAY_HOST": "192.0.2.1"}))
    assert "Nothing can listen on port" in sentence
    assert "GATEWAY_HOST 192.0.2.1" in sentence


def test_second_run_on_the_same_folder(running: Installation) -> None:
    """A second run on one DATA_DIR is refused, and the first goes on."""
    second = Installation(folder=running.folder, command=("-m", "ops", "run"))
    second.log = running.folder / "second.log"
    sentence = refusal(second)
    assert f"Another run (process {running.supervisor.pid}) uses the data folder" in sentence
    assert running.is_ready()
    assert running.pids("postgres")


def make_cluster(installation: Installation) -> Path:
    installation.start()
    assert installation.stop() == 0
    installation.log.unlink()
    return installation.data_dir / "postgres"


def test_lost_version_file(installations: MakeInstallation) -> None:
    """A data folder that is no cluster is named, and not overwritten."""
    installation = installations()
    (make_cluster(installation) / "PG_VERSION").unlink()
    assert "holds no PostgreSQL cluster" in refusal(installation)


def test_other_version(installations: MakeInstallation) -> None:
    """A cluster of another PostgreSQL is refused with both versions."""
    installation = installations()
    (make_cluster(installation) / "PG_VERSION").write_text("16\n", encoding="ascii")
    sentence = refusal(installation)
    assert "was made by PostgreSQL 16 and this is 18" in sentence


def test_damaged_cluster(installations: MakeInstallation) -> None:
    """What PostgreSQL says of a damaged cluster is in the sentence."""
    installation = installations()
    control = make_cluster(installation) / "global" / "pg_control"
    control.write_bytes(control.read_bytes()[:100])
    sentence = refusal(installation)
    assert "PostgreSQL does not start on" in sentence
    assert "pg_control" in sentence or "checksum" in sentence


def test_damaged_redis_file(installations: MakeInstallation) -> None:
    """What Redis says of a damaged append-only file is in the sentence."""
    installation = installations()
    make_cluster(installation)
    for file in (installation.data_dir / "valkey" / "appendonlydir").iterdir():
        file.write_bytes(b"nonsense\r\n" * 20)
    assert "Redis does not start on" in refusal(installation)


def test_file_for_a_data_folder(installations: MakeInstallation) -> None:
    """A DATA_DIR that is a file is refused."""
    installation = installations()
    installation.data_dir.write_text("not a folder", encoding="ascii")
    assert "cannot be made" in refusal(installation)


@pytest.mark.parametrize(
    ("variable", "scheme", "server"),
    [("DATABASE_URL", "postgresql", "PostgreSQL"), ("REDIS_URL", "redis", "Redis")],
)
def test_unreachable_server(
    installations: MakeInstallation, variable: str, scheme: str, server: str
) -> None:
    """An unreachable server is tried again with a line for each attempt, then given up."""
    url = f"{scheme}://nobody:none@127.0.0.1:9/0"
    installation = installations({variable: url, "START_TIMEOUT_SECONDS": "5"})
    sentence = refusal(installation)
    assert f"{server} at 127.0.0.1:9 cannot be reached" in sentence
    log = installation.last_lines(200)
    assert log.count(f"{server} at 127.0.0.1:9 does not answer (attempt ") >= 3
    assert ":none@" not in log


def test_wrong_database_password(running: Installation, installations: MakeInstallation) -> None:
    """A wrong password is said at once: trying again would not help."""
    url = running.endpoints["databases"]["tenant"]
    before, _, after = url.partition("://")[2].partition("@")
    wrong = f"postgresql://{before.partition(':')[0]}:wrong@{after}"
    installation = installations({"DATABASE_URL": wrong})
    assert "refuses the user" in refusal(installation)
    assert "does not answer (attempt " not in installation.last_lines(500)


def test_wrong_redis_password(running: Installation, installations: MakeInstallation) -> None:
    """The same for Redis."""
    address = running.endpoints["redis"].rpartition("@")[2]
    wrong = f"redis://slotstream:wrong@{address}"
    installation = installations({"REDIS_URL": wrong})
    assert "Redis refuses the user or the password" in refusal(installation)
    assert "does not answer (attempt " not in installation.last_lines(500)


@pytest.mark.parametrize("part", ["prepare", "migrate", "admin"])
def test_part_that_fails_while_starting(installations: MakeInstallation, part: str) -> None:
    """When start-up fails halfway, its reason is the sentence and everything is stopped again."""
    installation = installations({f"STANDIN_{part.upper()}": "broken"})
    assert "it is not meant to work" in refusal(installation)


def test_gateway_that_never_gets_ready(installations: MakeInstallation) -> None:
    """Start-up gives up on a gateway that keeps dying."""
    # The servers have to start within as much.
    installation = installations({"STANDIN_GATEWAY": "broken", "START_TIMEOUT_SECONDS": "8"})
    sentence = f"The gateway at {installation.base_url} was not ready within 8 s"
    assert sentence in refusal(installation)


def test_stop_while_starting(installations: MakeInstallation) -> None:
    """SIGTERM in the middle of start-up ends it cleanly."""
    installation = installations({"STANDIN_GATEWAY": "broken"})
    installation.launch()
    wait_until(lambda: "gateway-1 is gone" in installation.last_lines(), START_SECONDS)
    processes = everyone_of(installation.supervisor.pid)
    assert installation.stop(signal.SIGTERM) == 0
    assert none_lives(processes)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"GATEWAY_PORT": "eighty"}, "GATEWAY_PORT cannot be used"),
        ({"INGRESS_PUBLISHERS": "[{]"}, "INGRESS_PUBLISHERS cannot be used: is not JSON"),
        ({"ENVIRONMENT": "production"}, "PLATFORM_ADMIN_PASSWORD still is the development"),
        (
            {"ENVIRONMENT": "production", "PLATFORM_ADMIN_PASSWORD": STRONG, "SECRET_KEY": "x"},
            "SECRET_KEY is too weak",
        ),
        (
            {
                "ENVIRONMENT": "production",
                "PLATFORM_ADMIN_PASSWORD": STRONG,
                "RATE_LIMIT_ENABLED": "false",
            },
            "RATE_LIMIT_ENABLED=false is for tests",
        ),
        (
            {"ENVIRONMENT": "production", "PLATFORM_ADMIN_PASSWORD": STRONG},
            "ALLOWED_HOSTS is not set",
        ),
    ],
)
def test_settings_in_one_sentence(tmp_path: Path, said: dict[str, str], expected: str) -> None:
    """Wrong settings end the command with their sentence, before DATA_DIR is touched."""
    data_dir = tmp_path / "data"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        (sys.executable, "-m", "ops", "run"),
        cwd=ROOT,
        env={**inherited, "ENV_FILE": "", "DATA_DIR": str(data_dir), **said},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"slotstream: {expected}")
    assert len(done.stderr.splitlines()) == 1
    assert not data_dir.exists()
