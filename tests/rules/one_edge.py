"""Nothing commits or begins a transaction but `storage/delivery/`.

State, inbox, outbox and reply are one transaction. A commit inside a repository or a handler cuts
it in two, and the event or the reply of what was already written is lost with the next crash. The
way out: take the session that the edge hands in; a migration's `env.py` runs under Alembic.
"""

import ast
from collections.abc import Iterator

from tests.rules.source import Finding, Source

NAME = "one-edge"
ROOMS = ("contracts", "domain", "gateway", "handlers", "ops", "storage")
CALLS = {"begin", "begin_nested", "commit"}


def check(source: Source) -> Iterator[Finding]:
    at_the_edge = source.path.parts[:2] == ("storage", "delivery")
    if source.room not in ROOMS or at_the_edge or "migrations" in source.path.parts:
        return
    for call, _ in source.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in CALLS:
            message = (
                f"`.{call.func.attr}()` belongs to storage/delivery; take the session it hands in"
            )
            yield source.finding(call.lineno, NAME, message)
