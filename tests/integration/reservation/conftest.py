"""The reservation context's handlers, and a tenant for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from storage.delivery.known import KnownObjects
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk
from tests.integration.patience import patient_client
from tests.integration.reservation.ripples import Ripples
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


@pytest_asyncio.fixture
async def ripples(salon: Salon, cache: ValkeyServer) -> AsyncIterator[Ripples]:
    """What follows from the salon's events, once it is asked for."""
    client = patient_client(cache.url)
    found = Ripples(salon.desk, client)
    await found.begin()
    yield found
    await client.aclose()
