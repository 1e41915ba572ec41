"""No `async def` in `domain/` and `contracts/`.

What decides and what is said aloud need nothing that has to be waited for; a coroutine there means
that a driver has found its way in. The way out: fetch in the handler and pass the value.
"""

import ast
from collections.abc import Iterator

from tests.rules.source import Finding, Source

NAME = "no-waiting"
ROOMS = ("contracts", "domain")


def check(source: Source) -> Iterator[Finding]:
    if source.room not in ROOMS:
        return
    for function in source.functions:
        if isinstance(function, ast.AsyncFunctionDef):
            message = f"`async def {function.name}`: fetch in the handler and pass the value"
            yield source.finding(function.lineno, NAME, message)
