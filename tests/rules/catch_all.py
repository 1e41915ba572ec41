"""Nothing catches every exception, but the listed places that record it.

Around a handler one place records what nobody foresaw and lets redelivery work; anywhere else a
broad `except` turns a bug into a wrong answer. One with a bare `raise` cleans up, or hands on what
it did not mean, and is free. The way out: name the exceptions; or, in a listed file, say `# the one
place: <why>` on the `except` line. A new place is added here, with its reason, in the change that
needs it.
"""

import ast
from collections.abc import Iterator

from tests.rules.source import Finding, Source

NAME = "catch-all"
BROAD = {"BaseException", "BaseExceptionGroup", "Exception", "ExceptionGroup"}
PLACES = {
    # Around every message: logged with its traceback, left pending, counted.
    "handlers/delivery/intake.py",
    # Around every event that a subscriber or another context consumes: the same.
    "handlers/delivery/events.py",
    # Around every delivery of a webhook: logged, and sent again when its lease has run out.
    "handlers/subscribers/webhooks/sender.py",
    # Around every request: a problem with a trace id, and nothing of the inside.
    "gateway/edge/problems.py",
}


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(kind, ast.Name) and kind.id in BROAD for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))


def _suppresses(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called in {"suppress", "contextlib.suppress"} and any(map(_is_broad, node.args))


def check(source: Source) -> Iterator[Finding]:
    for node, _ in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            broad = _is_broad(node.type) and not _raises_again(node)
        else:
            broad = _suppresses(node)
        if not broad:
            continue
        line = getattr(node, "lineno", 1)
        listed = source.path.as_posix() in PLACES
        if not (listed and source.says("the one place", line, line)):
            message = "name the exceptions; a listed place says `# the one place: <why>`"
            yield source.finding(line, NAME, message)
