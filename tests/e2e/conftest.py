"""One installation for all of these tests, and a tenant for each test."""

from collections.abc import Iterator

import pytest

from tests.e2e.house import House, Person, close_clients, new_house, one_day, sign_in
from tests.installation import Installation, free_ports


@pytest.fixture(scope="package")
def installation() -> Iterator[Installation]:
    """What `make run` starts, with an address of its own."""
    told = {"RATE_LIMIT_ENABLED": "false", "WORKERS": "1", "METRICS_PORT": str(free_ports(4))}
    with Installation(told) as found:
        urls = found.endpoints
        yield found
        publishers = [publisher["redis"] for publisher in urls["publishers"].values()]
        close_clients(found.base_url, urls["redis"], *publishers)


@pytest.fixture(scope="package")
def platform(installation: Installation) -> Person:
    """The first platform administrator."""
    return sign_in(
        installation.base_url, None, installation.admin_email, installation.admin_password
    )


@pytest.fixture(scope="module", autouse=True)
def today() -> Iterator[None]:
    """The same one for all that a module's tests are about."""
    with one_day():
        yield


@pytest.fixture
def house(installation: Installation, platform: Person) -> House:
    """A tenant of the test's own."""
    return new_house(installation, platform)


@pytest.fixture
def other(installation: Installation, platform: Person) -> House:
    """Another tenant."""
    return new_house(installation, platform)
