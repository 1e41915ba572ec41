"""The rules in force, and what they find in a folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.rules import (
    catch_all,
    claims,
    names,
    no_sleep,
    no_waiting,
    one_edge,
    promises,
    sizes,
    tenant_filter,
)
from tests.rules.source import Finding, Source, sources

Rule = Callable[[Source], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    catch_all.check,
    claims.check,
    names.check,
    no_sleep.check,
    no_waiting.check,
    one_edge.check,
    promises.check,
    sizes.check,
    tenant_filter.check,
)


def breaches(source: Source) -> Iterator[Finding]:
    """All that the rules find in one file; a file that is not Python where it should be is one."""
    try:
        for rule in RULES:
            yield from rule(source)
    except SyntaxError as error:
        yield source.finding(error.lineno or 1, "syntax", error.msg)


def all_breaches(root: Path) -> list[Finding]:
    """What the rules find in every text of the repository, by path and line."""
    found = [finding for source in sources(root) for finding in breaches(source)]
    return sorted(found, key=lambda finding: (finding.path, finding.line, finding.rule))
