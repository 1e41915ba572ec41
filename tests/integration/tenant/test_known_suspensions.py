"""That a tenant is suspended is known for as long as it is."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.identity import new_id
from handlers.tenant.known_suspensions import KnownSuspensions
from storage.delivery.engine import make_engine
from storage.delivery.known import Fact, KnownObjects
from tests.integration.postgres import Databases

INSERT = text("""
    INSERT INTO tenant (tenant_id, name, slug, status, version, created_at, updated_at)
    VALUES (:it, 'N', :slug, :status, 3, now(), now())
""")


@pytest_asyncio.fixture
async def timer(databases: Databases) -> AsyncIterator[AsyncEngine]:
    """The tenants' database as the timers' role."""
    engine = make_engine(databases.of("tenant").timer, connections=1, name="timer")
    yield engine
    await engine.dispose()


async def tenant(databases: Databases, status: str) -> UUID:
    """One that nobody was told of."""
    engine = make_engine(databases.of("tenant").administrator, connections=1, name="test")
    tenant_id = new_id()
    async with engine.begin() as connection:
        told = {"it": tenant_id, "slug": f"slug-{tenant_id}", "status": status}
        await connection.execute(INSERT, told)
    await engine.dispose()
    return tenant_id


async def said(known: KnownObjects, tenant_id: UUID) -> bool | None:
    """Whether it is known to be suspended; None where nothing is known."""
    (fact,) = await known.recall(tenant_id, [("suspension", tenant_id)])
    return None if fact is None or fact.body is None else orjson.loads(fact.body)["suspended"]


async def test_who_is_suspended_stays_known(
    databases: Databases, timer: AsyncEngine, known: KnownObjects
) -> None:
    """Also when nobody said so before, or what was said has run out; of those that are not nothing
    is said."""
    suspended, active = [await tenant(databases, one) for one in ("suspended", "active")]
    assert await said(known, suspended) is None
    await KnownSuspensions(timer, known).say()
    assert await said(known, suspended) is True
    assert await said(known, active) is None


async def test_a_tenant_that_goes_on_is_not_stopped_again(
    databases: Databases, timer: AsyncEngine, known: KnownObjects
) -> None:
    """What was read before it was resumed comes after that was said."""
    resumed = await tenant(databases, "suspended")
    body = orjson.dumps({"suspended": False})
    await known.remember(Fact(resumed, "suspension", resumed, 4, body))
    await KnownSuspensions(timer, known).say()
    assert await said(known, resumed) is False
