"""The server that integration tests share."""

from collections.abc import Iterator

import pytest

from tests.integration.postgres import Databases


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """An embedded PostgreSQL; it is gone when the run ends."""
    found = Databases()
    try:
        found.start()
        yield found
    finally:
        found.stop()
