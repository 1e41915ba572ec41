"""Billing at a desk, and the books of one tenant."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from handlers.subscribers.billing.questions import billing_routes
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases
from tests.integration.subscribers.billing.books import Books


@pytest_asyncio.fixture
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    found = Desk.at("billing", databases.of("subscriber"))
    found.serve(billing_routes(SECRET))
    yield found
    await found.close()


@pytest.fixture
def books(desk: Desk) -> Books:
    """A tenant's that has nothing in them yet."""
    return Books(desk)
