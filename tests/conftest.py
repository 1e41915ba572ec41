"""Marks each test with the contexts its path names, and chooses the Hypothesis profile."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import settings

# A word of a path below tests/ (or its plural) → the mark it gives.
MARK_OF_WORD = {
    "tenant": "tenant",
    "organization": "tenant",
    "resource": "resource",
    "category": "resource",
    "user": "user",
    "reservation": "reservation",
    "booking": "reservation",
    "availability": "reservation",
    "subscriber": "subscriber",
    "audit": "subscriber",
    "domain": "domain",
    "ops": "ops",
    "faults": "faults",
}
PLURALS = {"categories": "category"} | {
    f"{word}s": word for word in MARK_OF_WORD if not word.endswith(("s", "y"))
}
TESTS = Path(__file__).parent

# No deadline per example: the machine is shared with the servers that the other tests started.
settings.register_profile("default", deadline=None, max_examples=60)
# The same examples in every build, so that a red build stays red until it is mended.
settings.register_profile("ci", deadline=None, max_examples=300, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def marks_of(path: Path) -> set[str]:
    """The marks for a test file, from the words of its path below tests/."""
    words = re.split(r"[^a-z0-9]+", str(path.with_suffix("")).lower())
    singular = (PLURALS.get(word, word) for word in words)
    return {MARK_OF_WORD[word] for word in singular if word in MARK_OF_WORD}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test, so that `pytest -m reservation` runs all that concerns one context."""
    for item in items:
        if item.path.is_relative_to(TESTS):
            for mark in sorted(marks_of(item.path.relative_to(TESTS))):
                item.add_marker(mark)
