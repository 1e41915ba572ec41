"""The reservation context's handlers, and a tenant for each test."""

import pytest_asyncio

from storage.delivery.known import KnownObjects
from tests.integration.desk import Desk
from tests.integration.reservation.salon import Salon


@pytest_asyncio.fixture(scope="session")
async def desk(reservations: Desk) -> Desk:
    return reservations


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
