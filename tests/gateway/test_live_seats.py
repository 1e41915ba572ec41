"""Seats of those who follow are counted over all gateways, and none is lost with a gateway."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from gateway.edge.live.seats import LEASE_SECONDS
from tests.gateway.peer import Peer
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, GLOBEX, Signer
from tests.gateway.sse import Listener
from tests.gateway.test_process import Running, answering, started
from tests.waiting import eventually

QUICK = "tests.gateway.quick_gateway"
ANY = "booking:read:any"
TENANTS = f"followers:{ACME}"


@pytest.fixture
def gateways(own_valkey: ValkeyServer, tmp_path: Path) -> Iterator[list[Running]]:
    """Two gateway processes on one Redis; a caller has two seats, a tenant three."""
    signer = Signer(tmp_path / "jwks.json")
    told = {"CALLER_FOLLOWERS_MAX": "2", "TENANT_FOLLOWERS_MAX": "3"}
    with ExitStack() as stack:
        names = ("gateway-1", "gateway-2")
        yield [
            stack.enter_context(started(own_valkey.url, signer, QUICK, INSTANCE_NAME=name, **told))
            for name in names
        ]


@pytest_asyncio.fixture
async def peer(own_valkey: ValkeyServer) -> AsyncIterator[Peer]:
    async with answering(own_valkey) as speaking:
        yield speaking


def listener(gateway: Running, sub: str | None = None, tenant: UUID = ACME) -> Listener:
    token = gateway.signer.token(ANY, tenant=tenant, **({"sub": sub} if sub else {}))
    return Listener(gateway.address, {"authorization": f"Bearer {token}"})


async def status(client: Listener) -> int:
    async with client.connected() as answer:
        return answer.status_code


async def leases(redis: Redis) -> set[bytes]:
    return {lease for lease in await redis.zrange(TENANTS, 0, -1) if isinstance(lease, bytes)}


async def test_seats_are_counted_over_all_gateways(gateways: list[Running], peer: Peer) -> None:
    """A caller who has both seats, one at each gateway, gets a third at neither; another caller of
    the tenant gets the tenant's last one, a third caller none; another tenant has its own."""
    one, two = gateways
    others = [f"019342c0-0000-7000-8000-00000000000{n}" for n in (1, 2)]
    async with AsyncExitStack() as stack:
        for client in (listener(one), listener(two), listener(one, others[0])):
            answer = await stack.enter_async_context(client.connected())
            assert answer.status_code == 200
        assert [await status(listener(gateway)) for gateway in gateways] == [429, 429]
        assert [await status(listener(gateway, others[1])) for gateway in gateways] == [503, 503]
        assert await status(listener(two, tenant=GLOBEX)) == 200

    async def given_back() -> bool:
        return not await leases(peer.redis)

    assert await eventually(given_back, 10)
    assert await status(listener(two)) == 200


async def test_a_killed_gateways_seats_run_out(gateways: list[Running], peer: Peer) -> None:
    """`kill -9`: its leases stand until they are over, and are then anybody's; those of a gateway
    that lives are renewed. What the test changes is the time: it makes every lease as old as if
    nobody had renewed it for as long as it lasts."""
    killed, lives = gateways
    async with AsyncExitStack() as stack:
        kept = await stack.enter_async_context(listener(lives).connected())
        assert kept.status_code == 200
        (living,) = await leases(peer.redis)
        lost = await stack.enter_async_context(listener(killed).connected())
        assert lost.status_code == 200
        killed.process.kill()
        killed.process.wait(10)
        assert await status(listener(lives)) == 429
        for key in await peer.redis.keys(f"{TENANTS}*"):
            for lease in await leases(peer.redis):
                await peer.redis.zincrby(key, -1000 * LEASE_SECONDS, lease)

        async def renewed() -> bool:
            return await leases(peer.redis) == {living}

        assert await eventually(renewed, 40)
        async with listener(lives).connected() as again:
            assert again.status_code == 200
            assert await status(listener(lives)) == 429


async def test_seats_that_redis_lost_are_taken_again(gateways: list[Running], peer: Peer) -> None:
    """By those who have them, with their next renewal, whatever the limit says."""
    one, two = gateways
    async with listener(one).connected() as first, listener(two).connected() as second:
        assert (first.status_code, second.status_code) == (200, 200)
        before = await leases(peer.redis)
        assert len(before) == 2
        await peer.redis.delete(*await peer.redis.keys(f"{TENANTS}*"))

        async def back() -> bool:
            return await leases(peer.redis) == before

        assert await eventually(back, 40)
        assert await status(listener(two)) == 429
