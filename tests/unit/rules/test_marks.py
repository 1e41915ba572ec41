"""The marks that a test has from its path."""

from pathlib import PurePosixPath

import pytest

from tests.marks import marks_of

EXPECTED = {
    "unit/domain/reservation/test_life_cycle.py": {"domain", "reservation"},
    "unit/domain/time/test_interval.py": {"domain"},
    "integration/test_bookings_of_a_user.py": {"reservation", "user"},
    "e2e/test_resource_categories.py": {"resource"},
    "contract/test_golden_files.py": set(),
    "e2e/test_audit.py": {"subscriber"},
    "faults/test_kill_a_handler.py": {"faults"},
    "unit/gateway/test_user_agent.py": {"user"},
    "unit/handlers/test_reused_name.py": set(),
}


@pytest.mark.parametrize(("path", "marks"), EXPECTED.items())
def test_the_path_gives_the_marks(path: str, marks: set[str]) -> None:
    """A test belongs to each context that a whole word of its path names, in either number."""
    assert marks_of(PurePosixPath(path)) == marks
