"""A test's docstring is the claim that it proves.

A name cannot hold a sentence, and a test without a claim is kept for ever because nobody knows what
it was for. The way out: write the sentence.
"""

from collections.abc import Iterator

from tests.rules.source import Finding, Source, documentation

NAME = "claims"


def check(source: Source) -> Iterator[Finding]:
    if source.room != "tests" or not source.path.name.startswith("test_"):
        return
    for function in source.functions:
        if function.name.startswith("test_") and documentation(function) is None:
            yield source.finding(function.lineno, NAME, f"`{function.name}` states no claim")
