"""The servers that integration tests share, and the context that others ask before they change."""

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
from tests.integration.reservation.salon import NoOwner


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """An embedded PostgreSQL; it is gone when the run ends."""
    found = Databases()
    try:
        found.start()
        yield found
    finally:
        found.stop()


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
async def reservations(databases: Databases, known: KnownObjects) -> AsyncIterator[Desk]:
    """The reservation context's handlers."""
    found = Desk.at("reservation", databases.of("reservation"))
    found.serve(reservation_routes(Knowledge(known, NoOwner()), found.engine, SECRET))
    yield found
    await found.close()
