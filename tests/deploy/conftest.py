"""One installation behind one nginx for all tests here."""

from collections.abc import Iterator

import pytest

from tests.deploy.nginx import Nginx
from tests.e2e.house import House, Person, close_clients, new_house, sign_in
from tests.installation import Installation


@pytest.fixture(scope="session")
def fronted() -> Iterator[tuple[Installation, Nginx]]:
    """An installation that believes nginx about addresses; its clients come by nginx."""
    with Installation({"TRUSTED_PROXIES": "127.0.0.1"}) as installation:
        nginx = Nginx(f"127.0.0.1:{installation.gateway_port}")
        with nginx.running():
            installation.base_url = nginx.address
            told = installation.endpoints
            yield installation, nginx
            publishers = [publisher["redis"] for publisher in told["publishers"].values()]
            close_clients(nginx.address, told["redis"], *publishers)


@pytest.fixture(scope="session")
def nginx(fronted: tuple[Installation, Nginx]) -> Nginx:
    """Its limits are far away."""
    return fronted[1]


@pytest.fixture(scope="session")
def gateway(fronted: tuple[Installation, Nginx]) -> str:
    """Where the gateway itself listens."""
    return f"127.0.0.1:{fronted[0].gateway_port}"


@pytest.fixture(scope="session")
def platform(fronted: tuple[Installation, Nginx]) -> Person:
    """The first platform administrator."""
    installation, _ = fronted
    return sign_in(
        installation.base_url, None, installation.admin_email, installation.admin_password
    )


@pytest.fixture(scope="session")
def house(fronted: tuple[Installation, Nginx], platform: Person) -> House:
    """A tenant, whose people come by nginx."""
    return new_house(fronted[0], platform)
