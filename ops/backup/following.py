"""A program of PostgreSQL that says how far it is, and is followed."""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence

# What --progress says, on a line of its own where nobody watches: `1234/5678 kB (21%), …`.
SHARE = re.compile(r"\b\d+/\d+ kB \((\d+)%\)")


def followed(
    words: Sequence[str], environment: Mapping[str, str], reached: Callable[[float], None]
) -> str | None:
    """It has run to its end: None, or the last line that it said where it failed.

    `reached` is told of each share of the work, 0 to 1, as it is said.
    """
    said = "no reason given"
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(environment),
    ) as process:
        try:
            for line in process.stdout or ():
                share = SHARE.search(line)
                if share is not None:
                    reached(int(share[1]) / 100)
                elif line.strip():
                    said = line.strip()
        except BaseException:
            process.kill()
            raise
    return None if process.returncode == 0 else said
