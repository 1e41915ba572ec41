"""One installation for all tests here, put together as compose.yaml says, behind one nginx."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.composed_installation import (
    SECRETS,
    ComposedInstallation,
    composed_installation,
)
from tests.deploy.nginx import Nginx
from tests.e2e.house import House, Person, close_clients, new_house, sign_in


@pytest.fixture(scope="package")
def composed() -> Iterator[ComposedInstallation]:
    """Everything but nginx."""
    with composed_installation() as found:
        yield found


@pytest.fixture(scope="package")
def nginx(composed: ComposedInstallation) -> Iterator[Nginx]:
    """In front of the gateway; its limits are far away."""
    with Nginx(f"127.0.0.1:{composed.gateway_port}").running() as nginx:
        composed.base_url = nginx.address
        yield nginx
        close_clients(nginx.address, composed.redis_url)


@pytest.fixture(scope="package")
def house(composed: ComposedInstallation, nginx: Nginx) -> House:
    """A tenant, whose people come by nginx."""
    email, password = SECRETS["PLATFORM_ADMIN_EMAIL"], SECRETS["PLATFORM_ADMIN_PASSWORD"]
    platform: Person = sign_in(nginx.address, None, email, password)
    # A tenant is made of its address and its Redis, and this has both.
    installation: Any = composed
    return new_house(installation, platform)
