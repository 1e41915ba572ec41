"""`python -m tests.hooks size|ending|parses FILE…`: what a commit's files are asked, one by one.

Prints each objection, and exits with 1 when there is one.
"""

import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

LARGEST_BYTES = 200 * 1024

Check = Callable[[Path], str | None]


def size(path: Path) -> str | None:
    """What is larger than this is data or a build's product, and stays in every clone for ever."""
    found = path.stat().st_size
    return (
        f"{found // 1024} KiB, {LARGEST_BYTES // 1024} at most" if found > LARGEST_BYTES else None
    )


def ending(path: Path) -> str | None:
    content = path.read_bytes()
    if not content or (content.endswith(b"\n") and not content.endswith((b"\n\n", b"\r\n"))):
        return None
    return "it does not end with one line feed"


def parses(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8")
        match path.suffix:
            case ".json":
                json.loads(text)
            case ".toml":
                tomllib.loads(text)
            case _:
                # Kubernetes and compose files hold several documents, and tags of their own.
                for _event in yaml.parse(text, Loader=yaml.SafeLoader):
                    pass
    except (ValueError, yaml.YAMLError) as wrong:
        return " ".join(str(wrong).split())
    return None


CHECKS: dict[str, Check] = {"size": size, "ending": ending, "parses": parses}


def main(words: Sequence[str]) -> int:
    check = CHECKS[words[0]]
    found = [(name, objection) for name in words[1:] if (objection := check(Path(name)))]
    for name, objection in found:
        print(f"{name}: {objection}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
