"""Waiting until nothing of a tenant is under way."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from contracts.wire.identity import new_id
from handlers.delivery.groups import ensure_group
from handlers.subscribers.kafka import mirroring
from ops.errors import Unreachable
from ops.tenants import settling
from ops.tenants.settling import settle
from tests.gateway.server import ValkeyServer
from tests.integration.moving.conftest import Removal
from tests.integration.patience import patient_client

STREAM = "tenant.events"


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    found = ValkeyServer()
    found.start()
    yield found
    found.remove()


@pytest_asyncio.fixture
async def client(server: ValkeyServer) -> AsyncIterator[Redis]:
    """A stream with one event, and two groups that have not read it."""
    found = patient_client(server.url)
    await found.xadd(STREAM, {"id": "1"}, id="1-0")
    for group in ("audit", mirroring.GROUP):
        await ensure_group(found, STREAM, group)
    yield found
    await found.aclose()


async def test_whoever_is_behind_is_waited_for(removal: Removal, client: Redis) -> None:
    """First it has not read the event, then it has not acknowledged it; who it is, is said. Nobody
    waits for the mirror."""
    assert mirroring.GROUP == settling.MIRROR
    engines = removal.there.engines
    for _ in ("unread", "unacknowledged"):
        with pytest.raises(Unreachable, match=f"audit on {STREAM} does not come to an end"):
            await settle(engines, client, new_id(), within_seconds=0)
        await client.xreadgroup("audit", "one", {STREAM: ">"})
    await client.xack(STREAM, "audit", "1-0")
    await settle(engines, client, new_id(), within_seconds=0)


async def test_what_is_still_to_be_said_is_waited_for(removal: Removal, client: Redis) -> None:
    """As long as an outbox holds something of the tenant, and only of that one."""
    await client.xgroup_destroy(STREAM, "audit")
    engines = removal.here.engines
    with pytest.raises(Unreachable, match="outboxes do not empty"):
        await settle(engines, client, removal.twin.id, within_seconds=0)
    await settle(engines, client, new_id(), within_seconds=0)
