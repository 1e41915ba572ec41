"""The tenant context's handlers."""

from collections.abc import AsyncIterator

import pytest_asyncio

from handlers.tenant.routes import tenant_routes
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases


@pytest_asyncio.fixture(scope="session")
async def desk(databases: Databases, reservations: Desk) -> AsyncIterator[Desk]:
    found = Desk.at("tenant", databases.of("tenant"))
    found.serve(tenant_routes(found.engine, SECRET))
    found.neighbours = [reservations]
    yield found
    await found.close()
