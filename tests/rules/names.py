"""A file is named for its subject, never utils, helpers, common, misc, base, manager, and so on.

Such a name says nothing about what belongs there, so everything does. The last word counts, which
says what the thing is: `common_passwords` are passwords. The way out: name it for the one thing it
is about; if there are two, make two files.
"""

from collections.abc import Iterator

from tests.rules.source import Finding, Source

NAME = "names"
EMPTY = {
    "base",
    "common",
    "helper",
    "helpers",
    "info",
    "manager",
    "managers",
    "misc",
    "processor",
    "processors",
    "service",
    "services",
    "util",
    "utils",
}


def check(source: Source) -> Iterator[Finding]:
    for part in source.path.with_suffix("").parts:
        word = part.lower().replace("-", "_").rsplit("_", 1)[-1]
        if word in EMPTY:
            yield source.finding(
                1, NAME, f"`{word}` in `{part}`: name it for the one thing it is about"
            )
