"""Tests wait for a condition with a deadline; they never sleep.

A sleep is too short on a busy machine and too long on every other. The way out is
`tests/waiting.py`: `eventually` and `wait_until`. `asyncio.sleep(0)` gives the loop a turn and is
allowed; what is to hang for ever awaits an `asyncio.Event` that nobody sets.
"""

import ast
from collections.abc import Iterator

from tests.rules.source import Finding, Scope, Source
from tests.rules.source import Function as FunctionNode

NAME = "no-sleep"
MODULES = {"anyio", "asyncio", "time", "trio"}
WAITERS = {"eventually", "wait_until"}


def _sleeps(call: ast.Call, imported: set[str]) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id=module), attr="sleep"):
            asleep = module in MODULES
        case ast.Name(id=name):
            asleep = name in imported
        case _:
            return False
    a_turn = [ast.unparse(arg) for arg in call.args] == ["0"] and ast.unparse(
        call.func
    ) != "time.sleep"
    return asleep and not a_turn


def _may(source: Source, scope: Scope) -> bool:
    in_waiting = source.path.as_posix() == "tests/waiting.py"
    return in_waiting and isinstance(scope, FunctionNode) and scope.name in WAITERS


def check(source: Source) -> Iterator[Finding]:
    if source.room != "tests":
        return
    imported = {
        alias.asname or alias.name
        for node, _ in source.nodes
        if isinstance(node, ast.ImportFrom) and node.module in MODULES
        for alias in node.names
        if alias.name == "sleep"
    }
    for call, scope in source.calls:
        if _sleeps(call, imported) and not _may(source, scope):
            yield source.finding(call.lineno, NAME, "wait with tests/waiting.py, not for a time")
