"""Reads a snippet as if it stood at a path."""

from pathlib import PurePosixPath
from textwrap import dedent

from tests.rules.book import breaches
from tests.rules.source import Source


def broken(path: str, text: str) -> list[str]:
    """The names of the rules that the snippet breaks there, one for each breach."""
    source = Source(PurePosixPath(path), dedent(text))
    return [finding.rule for finding in breaches(source)]
