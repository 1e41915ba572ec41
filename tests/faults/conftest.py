"""An installation to be hurt, and a tenant with one resource that is always open."""

from collections.abc import Iterator

import pytest

from tests.e2e.house import House, at, close_clients, day_ahead, new_house, one_day, sign_in
from tests.faults.ledger import Ledger
from tests.installation import Installation


@pytest.fixture(scope="package")
def hurt() -> Iterator[Installation]:
    """An installation of the fault tests' own."""
    with Installation({"RATE_LIMIT_ENABLED": "false"}) as found:
        told = found.endpoints
        yield found
        close_clients(found.base_url, told["redis"])


@pytest.fixture(scope="module", autouse=True)
def today() -> Iterator[None]:
    """The same one for all that a module's tests are about."""
    with one_day():
        yield


@pytest.fixture
def ledger(hurt: Installation) -> Ledger:
    """A ledger on a new tenant."""
    platform = sign_in(hurt.base_url, None, hurt.admin_email, hurt.admin_password)
    house: House = new_house(hurt, platform)
    house.open_always(slot_interval_minutes=5)
    return Ledger(house, house.resource(), at(day_ahead(), 0))
