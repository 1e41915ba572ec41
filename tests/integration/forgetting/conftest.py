"""Every database as the timers see it, and the contexts that write there."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.delivery.settings import ProcessSettings
from handlers.resource.routes import resource_routes
from handlers.user.routes import user_routes
from handlers.user.tools import UserTools
from storage.delivery.engine import make_engine
from storage.delivery.known import KnownObjects
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases
from tests.integration.reservation.salon import Salon

CONTEXTS = ("tenant", "resource", "user", "reservation", "subscriber")


@pytest_asyncio.fixture
async def timers(databases: Databases) -> AsyncIterator[dict[str, AsyncEngine]]:
    """Every database, as the timers' role."""
    engines = {
        name: make_engine(databases.of(name).timer, connections=1, name="timers")
        for name in CONTEXTS
    }
    yield engines
    for engine in engines.values():
        await engine.dispose()


@pytest_asyncio.fixture
async def desks(
    databases: Databases, settings: ProcessSettings, reservations: Desk
) -> AsyncIterator[dict[str, Desk]]:
    """The contexts in which something is deleted."""
    found = {name: Desk.at(name, databases.of(name)) for name in ("tenant", "resource", "user")}
    found["resource"].serve(resource_routes(SECRET))
    found["user"].serve(user_routes(UserTools.of(settings, found["user"].engine)))
    yield {**found, "reservation": reservations}
    for desk in found.values():
        await desk.close()


@pytest_asyncio.fixture
async def salon(reservations: Desk, known: KnownObjects) -> Salon:
    """A tenant that opens every day and night."""
    found = Salon(reservations, known)
    await found.open()
    return found


@pytest_asyncio.fixture
async def clinic(reservations: Desk, known: KnownObjects) -> Salon:
    """Another one."""
    found = Salon(reservations, known)
    await found.open()
    return found
