"""Tenants that were deleted long ago."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.user import commands as users
from contracts.wire.identity import new_id
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk
from tests.integration.forgetting.clock import LONG_AGO, aged, forget
from tests.integration.reservation.salon import Salon, morning
from tests.integration.user.people import OWNER


async def tenants(desks: dict[str, Desk], *, gone: UUID, there: UUID) -> None:
    """Two tenants with settings, one of which was deleted long ago."""
    for tenant_id in (gone, there):
        await aged(
            desks["tenant"],
            "INSERT INTO tenant (tenant_id, name, slug, status, version, created_at, updated_at,"
            " deleted_at) VALUES (:it, 'N', :slug, 'active', 1, now(), now(),"
            f" CASE WHEN :gone THEN clock_timestamp() - {LONG_AGO} END)",
            it=tenant_id,
            slug=f"slug-{tenant_id}",
            gone=tenant_id == gone,
        )
        await aged(
            desks["tenant"],
            "INSERT INTO settings (tenant_id, document, version, updated_at)"
            " VALUES (:it, '{}', 1, now())",
            it=tenant_id,
        )


async def said_something(desks: dict[str, Desk], one: Salon) -> None:
    """A booking with words, and a user."""
    ana = await one.customer()
    booked = await one.book(morning(), actor=one.staff, user_id=ana.id, notes="plums")
    assert booked.status == 201
    reply = await desks["user"].ask(
        users.UserCreate, one.tenant_id, OWNER, email="plum@x.example", name="Plum"
    )
    assert reply.status == 201


async def rows_of(desk: Desk, tenant_id: UUID) -> dict[str, int]:
    """How many rows of the tenant each table has, those that go by age left out."""
    tables = await desk.rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " AND a.attname = 'tenant_id' WHERE c.relkind = 'r'"
    )
    found = {
        table: len(await desk.rows(f"SELECT 1 FROM {table} WHERE tenant_id = :it", it=tenant_id))
        for (table,) in tables
        if table not in ("inbox", "outbox", "tenant_directory")
    }
    return {table: count for table, count in found.items() if count}


async def test_of_a_tenant_that_is_gone_a_slug_is_left(
    desks: dict[str, Desk],
    timers: dict[str, AsyncEngine],
    cache: ValkeyServer,
    salon: Salon,
    clinic: Salon,
) -> None:
    """Every row of theirs in every context is deleted, another's is not, and their own row says
    that nothing can be restored, and no name."""
    await tenants(desks, gone=salon.tenant_id, there=clinic.tenant_id)
    for one in (salon, clinic):
        await said_something(desks, one)
    await forget(timers, cache)
    await forget(timers, cache)

    gone = {name: await rows_of(desk, salon.tenant_id) for name, desk in desks.items()}
    assert gone == {"tenant": {"tenant": 1}, "resource": {}, "user": {}, "reservation": {}}
    there = {name: await rows_of(desk, clinic.tenant_id) for name, desk in desks.items()}
    assert there["tenant"] == {"tenant": 1, "settings": 1}
    assert there["user"] == {"account": 1}
    assert set(there["reservation"]) == {"booking", "booking_history", "allocation", "person_key"}
    said = "SELECT purged_at IS NOT NULL, name, slug FROM tenant WHERE tenant_id = :it"
    ((purged, name, slug),) = await desks["tenant"].rows(said, it=salon.tenant_id)
    assert (purged, name, slug) == (True, "", f"slug-{salon.tenant_id}")
    ((kept, name, _),) = await desks["tenant"].rows(said, it=clinic.tenant_id)
    assert (kept, name) == (False, "N")


async def test_a_name_that_was_kept_goes(
    desks: dict[str, Desk], timers: dict[str, AsyncEngine], cache: ValkeyServer
) -> None:
    """A tenant that was forgotten when names were kept loses its own, and stays forgotten since
    then."""
    gone, there = new_id(), new_id()
    await tenants(desks, gone=gone, there=there)
    before = "UPDATE tenant SET purged_at = deleted_at WHERE tenant_id = :it"
    await aged(desks["tenant"], before, it=gone)
    await forget(timers, cache)
    said = "SELECT purged_at = deleted_at, name FROM tenant WHERE tenant_id = :it"
    assert [tuple(row) for row in await desks["tenant"].rows(said, it=gone)] == [(True, "")]
