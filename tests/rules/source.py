"""One file as a rule sees it: its path below the repository, its lines, its syntax tree."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

FOLDERS = (
    ".ci",
    "bench",
    "contracts",
    "docs",
    "domain",
    "gateway",
    "handlers",
    "journal",
    "ops",
    "storage",
    "tests",
)
CODE = {".js", ".lua", ".mjs", ".py", ".sh", ".sql"}
PROSE = {".conf", ".css", ".html", ".ini", ".md", ".toml", ".txt", ".yaml", ".yml"}
TOP_LEVEL = ("Makefile", ".env.example", "*.md", "*.toml", "*.yaml")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.stmt


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule, at one line."""

    path: PurePosixPath
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Source:
    """A file; what is derived from it is computed once and shared by the rules."""

    path: PurePosixPath
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def room(self) -> str:
        """The top-level folder, or nothing for a file that lies beside the folders."""
        return self.path.parts[0] if len(self.path.parts) > 1 else ""

    @cached_property
    def _tree(self) -> ast.Module:
        is_python = self.path.suffix == ".py"
        return ast.parse(self.text) if is_python else ast.Module(body=[], type_ignores=[])

    @cached_property
    def nodes(self) -> list[tuple[ast.AST, Scope]]:
        """Every node of a Python file (none otherwise) with what encloses it.

        That is the innermost function, or outside functions the innermost statement; a function
        is its own.
        """
        found: list[tuple[ast.AST, Scope]] = []
        stack: list[tuple[ast.AST, Scope]] = [(stmt, stmt) for stmt in reversed(self._tree.body)]
        while stack:
            node, scope = stack.pop()
            found.append((node, scope))
            for child in ast.iter_child_nodes(node):
                opens = isinstance(child, Function) or not isinstance(scope, Function)
                stack.append((child, child if opens and isinstance(child, ast.stmt) else scope))
        return found

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node, _ in self.nodes if isinstance(node, Function)]

    @cached_property
    def calls(self) -> list[tuple[ast.Call, Scope]]:
        return [(node, scope) for node, scope in self.nodes if isinstance(node, ast.Call)]

    @cached_property
    def comments(self) -> dict[int, str]:
        """The comment of each line that has one, without the sign in front of it."""
        if self.path.suffix != ".py":
            return {}
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return {
            token.start[0]: token.string.lstrip("# ")
            for token in tokens
            if token.type == tokenize.COMMENT
        }

    def says(self, word: str, first: int, last: int) -> bool:
        """Whether a comment `# <word>: <reason>` stands between two lines, both included."""
        said = re.compile(rf"(^|# ){re.escape(word)}: *\S")
        return any(first <= at <= last and said.search(c) for at, c in self.comments.items())

    def finding(self, line: int, rule: str, message: str) -> Finding:
        return Finding(self.path, line, rule, message)


def span(scope: Scope) -> tuple[int, int]:
    """First and last line of a scope: decorators and the line above it belong to it."""
    decorators = scope.decorator_list if isinstance(scope, Function | ast.ClassDef) else []
    first = min([scope.lineno, *(decorator.lineno for decorator in decorators)])
    return first - 1, scope.end_lineno or scope.lineno


def documentation(function: Function) -> ast.Expr | None:
    """The docstring's statement."""
    first = function.body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return first if is_text and isinstance(first, ast.Expr) else None


def sources(root: Path) -> Iterator[Source]:
    """Every text file of the repository that a person wrote, in the order of its path."""
    paths = [path for pattern in TOP_LEVEL for path in root.glob(pattern)]
    for folder in FOLDERS:
        paths += [
            p for p in (root / folder).rglob("*") if p.suffix in CODE | PROSE or folder == ".ci"
        ]
    for path in sorted(set(paths)):
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts):
            yield Source(PurePosixPath(path.relative_to(root)), path.read_text("utf-8"))
