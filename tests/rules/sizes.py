"""No file over 300 lines and no function over 40.

Beyond that there is usually a second subject, or a piece that belongs to another room. A
function's docstring does not count. The way out, for a list that is long and nothing else: a line
`# long: <reason>`, at the top of the file or in the function.
"""

from collections.abc import Iterator

from tests.rules.source import CODE, Finding, Function, Source, documentation

NAME = "sizes"
FILE_LINES = 300
FUNCTION_LINES = 40
# Where "the top" ends.
TOP = 12


def _length(function: Function) -> int:
    docstring = documentation(function)
    described = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - described


def check(source: Source) -> Iterator[Finding]:
    if source.path.suffix not in CODE:
        return
    length = len(source.lines)
    at_the_top = any("long: " in line for line in source.lines[:TOP])
    if length > FILE_LINES and not at_the_top:
        message = f"{length} lines; split it by subject, or say `# long: <reason>` at the top"
        yield source.finding(1, NAME, message)
    for function in source.functions:
        lines = _length(function)
        reason = source.says("long", function.lineno, function.end_lineno or function.lineno)
        if lines > FUNCTION_LINES and not reason:
            message = (
                f"`{function.name}` has {lines} lines; split it, or say `# long: <reason>` in it"
            )
            yield source.finding(function.lineno, NAME, message)
