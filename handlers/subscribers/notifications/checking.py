"""Whether a text of a tenant's can be used: before it is kept, not when it is to be sent.

A text is words, the variables that its message has, and conditions on them. There are no loops, no
calls and no arithmetic: what comes of a text is as long as what is in it, and always comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes

from handlers.subscribers.notifications.values import NEEDED, VARIABLES

FILTERS = frozenset({"upper", "lower", "capitalize", "title", "trim"})
_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.Name,
    nodes.Getattr,
    nodes.Filter,
)
# `in` looks through words; nothing else is needed of comparisons than these.
_OPERATORS = frozenset({"eq", "ne", "gt", "gteq", "lt", "lteq", "in", "notin"})
_GRAMMAR = Environment(autoescape=True)  # nothing is rendered by it


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text, for whoever writes it."""

    field: str
    code: str
    message: str


def faults_of(event: str, subject: str | None, body: str) -> list[Fault]:
    """Everything that is wrong with the texts of one message."""
    found: list[Fault] = []
    if subject is not None:
        found += _faults(event, "subject", subject)
    found += _faults(event, "body", body)
    if not found:
        named = _named(_GRAMMAR.parse(body))
        found += [
            Fault("body", "variable_missing", f"The text needs {{{{ {name} }}}}.")
            for name in sorted(NEEDED.get(event, frozenset()) - named)
        ]
    return found


def _faults(event: str, field: str, text: str) -> Iterator[Fault]:
    try:
        tree = _GRAMMAR.parse(text)
    except TemplateSyntaxError as wrong:
        yield Fault(field, "invalid_syntax", f"Line {wrong.lineno}: {wrong.message}")
        return
    for name in sorted(_named(tree) - VARIABLES[event]):
        yield Fault(field, "unknown_variable", f"There is no {{{{ {name} }}}} in this message.")
    for node in _all(tree):
        wrong_part = _not_allowed(node)
        if wrong_part is not None:
            yield Fault(field, "not_allowed", f"Line {node.lineno}: {wrong_part}")


def _not_allowed(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Filter):
        if node.name not in FILTERS or node.args or node.kwargs or node.dyn_args:
            return f"Filters are {', '.join(sorted(FILTERS))}, without arguments."
        return None
    if isinstance(node, nodes.Operand) and node.op not in _OPERATORS:
        return "This comparison is not accepted."
    if isinstance(node, nodes.Getattr) and _path(node) is None:
        return "Name a variable, such as booking.when."
    if isinstance(node, _NODES):
        return None
    return "A text has variables, and conditions on them, and nothing else."


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Every node below, each variable's path as one."""
    for child in tree.iter_child_nodes():
        yield child
        if not (isinstance(child, nodes.Getattr) and _path(child) is not None):
            yield from _all(child)


def _named(tree: nodes.Node) -> set[str]:
    paths = (_path(node) for node in _all(tree) if isinstance(node, nodes.Name | nodes.Getattr))
    return {path for path in paths if path is not None}


def _path(node: nodes.Expr) -> str | None:
    """`booking.when`, where that is all it says."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return None if before is None else f"{before}.{node.attr}"
    return None
