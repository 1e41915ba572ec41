"""The reservation context's handlers, and a tenant for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from handlers.delivery.redis_clients import writing_client
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.routes import reservation_routes
from storage.delivery.known import KnownObjects
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases
from tests.integration.reservation.salon import NoOwner, Salon


@pytest.fixture(scope="session")
def cache() -> Iterator[ValkeyServer]:
    """Where what reservation knows is kept."""
    server = ValkeyServer()
    server.start()
    yield server
    server.remove()


@pytest_asyncio.fixture(scope="session")
async def known(cache: ValkeyServer) -> AsyncIterator[KnownObjects]:
    client = writing_client(cache.url, connections=32)
    yield KnownObjects(client, 3600)
    await client.aclose()


@pytest_asyncio.fixture(scope="session")
async def desk(databases: Databases, known: KnownObjects) -> AsyncIterator[Desk]:
    found = Desk.at("reservation", databases.of("reservation"))
    found.serve(reservation_routes(Knowledge(known, NoOwner()), found.engine, SECRET))
    yield found
    await found.close()


@pytest_asyncio.fixture
async def salon(desk: Desk, known: KnownObjects) -> Salon:
    """A tenant that opens every day and night."""
    found = Salon(desk, known)
    await found.open()
    return found


@pytest_asyncio.fixture
async def clinic(desk: Desk, known: KnownObjects) -> Salon:
    """Another one."""
    found = Salon(desk, known)
    await found.open()
    return found
