"""One installation for all documents, and its documents as they are served."""

from collections.abc import Iterator

import pytest

from tests.e2e.house import Person, close_clients, sign_in
from tests.installation import Installation


@pytest.fixture(scope="package")
def installation() -> Iterator[Installation]:
    """What `make run` starts, without limits that would answer in place of the routes."""
    with Installation({"RATE_LIMIT_ENABLED": "false", "WORKERS": "1"}) as found:
        told = found.endpoints
        yield found
        publishers = [publisher["redis"] for publisher in told["publishers"].values()]
        close_clients(found.base_url, told["redis"], *publishers)


@pytest.fixture(scope="package")
def platform(installation: Installation) -> Person:
    """The first platform administrator."""
    return sign_in(
        installation.base_url, None, installation.admin_email, installation.admin_password
    )
