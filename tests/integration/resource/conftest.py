"""The resource context's handlers, and two tenants."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.wire.identity import new_id
from handlers.resource.routes import resource_routes
from storage.delivery.known import KnownObjects
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases
from tests.integration.reservation.salon import Salon


@pytest_asyncio.fixture(scope="session")
async def desk(databases: Databases, reservations: Desk) -> AsyncIterator[Desk]:
    found = Desk.at("resource", databases.of("resource"))
    found.serve(resource_routes(SECRET))
    found.neighbours = [reservations]
    yield found
    await found.close()


@pytest_asyncio.fixture
async def house(reservations: Desk, known: KnownObjects) -> Salon:
    """A tenant that reservation knows, with the people who book there."""
    found = Salon(reservations, known)
    await found.open()
    return found


@pytest.fixture
def salon() -> UUID:
    """A tenant that no other test knows."""
    return new_id()


@pytest.fixture
def clinic() -> UUID:
    """Another one."""
    return new_id()
