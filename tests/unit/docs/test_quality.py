"""docs/quality.md against the tests that it names."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
PAGE = (TESTS.parent / "docs" / "quality.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_is_there() -> None:
    """Whatever proves a rule can be opened by its name."""
    named = re.findall(r"`([\w/…]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 80
    for path, name in named:
        file = TESTS / path.replace("…", "unit/domain/reservation").removeprefix("tests/")
        if not path.startswith("domain/"):
            assert file.exists(), path
            assert not name or f"def {name}(" in file.read_text(encoding="utf-8"), name
