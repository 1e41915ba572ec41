"""Marks each test with the contexts its path names, and chooses the Hypothesis profile."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.marks import marks_of

TESTS = Path(__file__).parent

# No deadline per example: the machine is shared with the servers that the other tests started.
settings.register_profile("default", deadline=None, max_examples=60)
# The same examples in every build, so that a red build stays red until it is mended.
settings.register_profile(
    "ci200", deadline=None, max_examples=200, derandomize=True, print_blob=True
)
settings.register_profile("ci", deadline=None, max_examples=500, derandomize=True, print_blob=True)
# Few and the same, and nothing is made small: a mutant is dead at its first failure.
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=50,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test, so that `pytest -m reservation` runs all that concerns one context."""
    for item in items:
        if item.path.is_relative_to(TESTS):
            for mark in sorted(marks_of(item.path.relative_to(TESTS))):
                item.add_marker(mark)
