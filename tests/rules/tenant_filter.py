"""Every query on a tenant's table filters by tenant, or says `# all tenants: <why>`.

Row-level security is the second net. Without the filter a query is right only as long as nobody
runs it under a role or a connection that sees more, and it cannot use an index that the tenant
leads. The way out is for what really looks at every tenant (the relay, the timers, the janitor):
the comment, in the function or on the line above it.
"""

import ast
import re
from collections.abc import Iterator

from tests.rules.source import Finding, Scope, Source, documentation, span
from tests.rules.source import Function as FunctionNode

NAME = "tenant-filter"
ROOMS = ("handlers", "storage")
BUILDERS = {"delete", "select", "update"}
SQL = re.compile(
    r"^\s*(with|select|update|delete)\b.*\b(from|set)\b"
    r"|\bSELECT\b.+\bFROM\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE\s+FROM\b",
    re.DOTALL,
)
READ_FROM = re.compile(r"\b(?:from|join|update)\s+([\w.]+\b)(\s*\()?", re.IGNORECASE)
# The catalogue of the server, and the one row that Alembic and the relay each keep.
OF_NO_TENANT = ("pg_", "information_schema", "alembic_version", "relay_state")


def _is_sql(text: str) -> bool:
    if not SQL.search(text):
        return False
    read = READ_FROM.findall(text)
    # A function filters for itself, or the migration that made it answers for it.
    return not read or not all(called or table.startswith(OF_NO_TENANT) for table, called in read)


def _builds(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _is_sql(node.value)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id in BUILDERS
    # table.update() takes no argument, dict.update(...) and hash.update(...) do.
    return isinstance(node.func, ast.Attribute) and node.func.attr in BUILDERS and not node.args


def _mentions_tenant(scope: Scope) -> bool:
    docstring = documentation(scope) if isinstance(scope, FunctionNode) else None
    left_out = docstring.value if docstring else None
    for node in ast.walk(scope):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word):
                pass
            case ast.keyword(arg=str(word)):
                pass
            case ast.Constant(value=str(word)) if node is not left_out:
                pass
            case _:
                continue
        if "tenant_id" in word:
            return True
    return False


def check(source: Source) -> Iterator[Finding]:
    if source.room not in ROOMS or "migrations" in source.path.parts:
        return
    docstrings = {id(node.value) for node, _ in source.nodes if isinstance(node, ast.Expr)}
    lines: dict[int, Scope] = {}
    for node, scope in source.nodes:
        if id(node) not in docstrings and _builds(node):
            lines.setdefault(getattr(node, "lineno", scope.lineno), scope)
    for line, scope in sorted(lines.items(), key=lambda pair: pair[0]):
        if not _mentions_tenant(scope) and not source.says("all tenants", *span(scope)):
            message = "filter by tenant_id, or say `# all tenants: <why>`"
            yield source.finding(line, NAME, message)
