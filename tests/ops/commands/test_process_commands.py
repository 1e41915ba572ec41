"""One process by itself, beside a run whose parts are stand-ins."""

from pathlib import Path

import pytest

from handlers.app import rebuilding as handlers_rebuilding
from handlers.delivery import ingress
from handlers.subscribers.kafka import mirroring
from ops.commands import processes, rebuilding
from tests.installation import Installation, free_port
from tests.ops.commands.beside import Beside
from tests.ops.conftest import MakeInstallation

COMMAND = ("-m", "tests.ops.standin_installation")
# The shell's, Python's and pytest's own.
PLACES = {"PWD", "OLDPWD", "LC_CTYPE", "PYTEST_CURRENT_TEST"}


def environment_of(pid: int) -> dict[str, str]:
    """What a process was told when it began."""
    path = Path(f"/proc/{pid}/environ")
    if not path.exists():
        pytest.skip("only Linux shows what a process was told")
    pairs = [pair.partition("=") for pair in path.read_text(encoding="utf-8").split("\0") if pair]
    return {name: value for name, _, value in pairs if name not in PLACES}


def beside(running: Installation, log: Path, *words: str, **more: str) -> Beside:
    return Beside((*COMMAND, *words), {**running.told(), **more}, log)


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (("worker",), "handler"),
        (("subscriber",), "subscriber"),
        (("relay",), "relay"),
        (("mirror",), "mirror"),
        (("gateway",), "gateway"),
    ],
)
def test_told_as_the_run_tells(
    running: Installation, tmp_path: Path, words: tuple[str, ...], role: str
) -> None:
    """Beside a run a process is told what the run's own is told, but for its name; it keeps the id
    of the command, and ends by its signal."""
    port = {"GATEWAY_PORT": str(free_port())} if role == "gateway" else {}
    own = {"INSTANCE_NAME", *(port or ["CONSUMER_NAME"])}
    with beside(running, tmp_path / "log", *words, **port) as process:
        process.wait_for(f"{role} fail_point=none")
        told = environment_of(process.pid)
        runs = environment_of(running.pids(role)[0])
        assert {name for name in told | runs if told.get(name) != runs.get(name)} == own
        assert process.stop() == 0


def test_the_names_of_the_processes() -> None:
    """Groups and what can be rebuilt are called here as the processes call them."""
    assert (processes.INGRESS, processes.MIRROR) == (ingress.GROUP, mirroring.GROUP)
    assert rebuilding.REBUILT == handlers_rebuilding.REBUILT


def test_chosen_parts(running: Installation, tmp_path: Path) -> None:
    """What is chosen is passed on, each once, and stands in the name."""
    words = ("worker", *("--context", "reservation") * 2, "--context", "ingress")
    with beside(running, tmp_path / "log", *words) as process:
        process.wait_for("handler fail_point=none --context reservation --context ingress")
        told = environment_of(process.pid)
        assert told["CONSUMER_NAME"].startswith("worker-reservation-ingress-")
        # Nor does it know another context's database, or the key that tokens are signed with.
        assert {name for name in told if name.startswith(("DATABASE_URL", "JWT_PRIVATE"))} == {
            "DATABASE_URL_RESERVATION"
        }


def test_rebuilding(running: Installation, tmp_path: Path) -> None:
    """What is to be made again is passed on to the process that does it."""
    with beside(running, tmp_path / "log", "rebuild", "report", "audit", "report") as process:
        assert process.ended() == 0
        assert "rebuild fail_point=none report audit" in process.said


def test_two_of_a_kind(running: Installation, tmp_path: Path) -> None:
    """The second takes another name, and one that is asked for by name is refused."""
    with beside(running, tmp_path / "1", "worker") as one:
        one.wait_for("handler fail_point")
        first = environment_of(one.pid)["CONSUMER_NAME"]
        with beside(running, tmp_path / "2", "worker") as two:
            two.wait_for("handler fail_point")
            assert environment_of(two.pid)["CONSUMER_NAME"] == f"{first}-2"
        with beside(running, tmp_path / "3", "worker", CONSUMER_NAME=first) as three:
            assert three.ended() == 1
            assert f"reads under the name {first} already" in three.said


@pytest.mark.parametrize(
    ("words", "told", "sentence"),
    [
        (("worker",), {}, "REDIS_URL is not set, and no installation is up"),
        (("worker",), {"REDIS_URL": "redis://127.0.0.1:9"}, "DATABASE_URL is not set"),
        (
            ("relay",),
            {"REDIS_URL": "redis://127.0.0.1:9", "DATABASE_URL": "postgresql://127.0.0.1:9"},
            "SECRET_KEY is not set and",
        ),
        (("gateway",), {"REDIS_URL": "redis://127.0.0.1:9"}, "run `slotstream prepare`"),
        (("mirror",), {}, "KAFKA_BOOTSTRAP_SERVERS is not set"),
        (("worker",), {"CONSUMER_NAME": "Two Words"}, "CONSUMER_NAME takes lower-case letters"),
    ],
)
def test_what_is_missing(
    installations: MakeInstallation, words: tuple[str, ...], told: dict[str, str], sentence: str
) -> None:
    """Without a run, what was not given is one sentence, and nothing is made in its place."""
    installation = installations(told)
    log = installation.log
    with Beside((*COMMAND, *words), installation.told(), log) as process:
        assert process.ended() == 1
        assert sentence in process.said
        assert len(process.said.splitlines()) == 1
    assert not installation.data_dir.exists()
