"""Whether a text of a tenant's can be used: before it is kept, not when it is to be sent.

A text is words, the variables that its message has, and conditions on them. There are no loops, no
calls and no arithmetic, and nothing is compared but like with like: what comes of a text is as long
as what is in it, and always comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes

from handlers.subscribers.notifications.values import NEEDED, NUMBERS, VARIABLES

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
_ORDERED = frozenset({"gt", "gteq", "lt", "lteq"})
# What a person writes has a few dozen; the parser and Python's own are recursive.
MOST_NODES = 1_000
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


def _faults(event: str, field: str, text: str) -> list[Fault]:
    try:
        tree = _GRAMMAR.parse(text)
        if sum(1 for _ in _all(tree)) <= MOST_NODES:
            found = list(_faults_in(event, field, tree))
            if not found:
                # Not before: it works out whatever is the same each time.
                _GRAMMAR.from_string(text)
            return found
    except TemplateSyntaxError as wrong:
        return [Fault(field, "invalid_syntax", f"Line {wrong.lineno}: {wrong.message}")]
    except (ArithmeticError, MemoryError, RecursionError, SyntaxError, ValueError):
        # It is nested too deeply for the parser, or has a number of thousands of digits.
        pass
    return [Fault(field, "too_complex", "Write it with fewer conditions, and less nested.")]


def _faults_in(event: str, field: str, tree: nodes.Template) -> Iterator[Fault]:
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
    if isinstance(node, nodes.Compare) and not _compares_like_with_like(node):
        return "Compare a number with a number, and words with words."
    if isinstance(node, nodes.Getattr) and _path(node) is None:
        return "Name a variable, such as booking.when."
    if isinstance(node, _NODES):
        return None
    return "A text has variables, and conditions on them, and nothing else."


def _compares_like_with_like(node: nodes.Compare) -> bool:
    left = _kind(node.expr)
    for operand in node.ops:
        right = _kind(operand.expr)
        if operand.op in _ORDERED and (left is None or left is not right):
            return False
        if operand.op in ("in", "notin") and not (left is right is str):
            return False
        left = right
    return True


def _kind(node: nodes.Expr) -> type[str] | type[int] | None:
    """Words or a number; None for what is neither, or may be either."""
    if isinstance(node, nodes.Const):
        if isinstance(node.value, str):
            return str
        return int if type(node.value) in (int, float) else None
    if isinstance(node, nodes.Filter):
        return str
    path = _path(node)
    if path is None:
        return None
    return int if path in NUMBERS else str


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
