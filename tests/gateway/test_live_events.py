"""GET /reservations/events of a gateway: nothing lost, nothing twice, nothing of others'."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from gateway.edge.live.dealing import HAND
from tests.gateway.peer import Peer, echo
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, ALICE, GLOBEX, Signer
from tests.gateway.sse import EVENTS, STREAM, Listener, publish
from tests.gateway.test_process import Running, answering, started
from tests.waiting import eventually

EACH = 600
ANY, OWN = "booking:read:any", "booking:read:own"


@pytest.fixture
def gateway(own_valkey: ValkeyServer, tmp_path: Path) -> Iterator[Running]:
    """A gateway process of the test's own, with two seats for a caller."""
    signer = Signer(tmp_path / "jwks.json")
    with started(own_valkey.url, signer, CALLER_FOLLOWERS_MAX="2") as running:
        yield running


@pytest_asyncio.fixture
async def peer(own_valkey: ValkeyServer) -> AsyncIterator[Peer]:
    async with answering(own_valkey) as speaking:
        yield speaking


def listener(gateway: Running, *permissions: str, tenant: UUID = ACME, last: str = "") -> Listener:
    bearer = gateway.signer.bearer(*permissions, tenant=tenant)
    return Listener(gateway.address, bearer, last)


async def test_cut_off_at_random_nothing_is_lost_or_told_twice(
    gateway: Running, peer: Peer
) -> None:
    """Two tenants' events take turns, more than a thousand; each tenant's client is cut off after
    any number of bytes, again and again, while they happen, and has heard its own, in order."""
    order = [(ACME, GLOBEX)[one] for one in Random(20).choices((0, 1), k=2 * EACH)]
    sent = {
        tenant: [number for number, whose in enumerate(order, start=1) if whose == tenant]
        for tenant in (ACME, GLOBEX)
    }
    clients = {tenant: listener(gateway, ANY, tenant=tenant, last="0-0") for tenant in sent}
    begun = asyncio.Event()

    async def happen() -> None:
        for number, tenant in enumerate(order, start=1):
            await publish(peer.redis, number, tenant)
            if number == EACH // 2:
                begun.set()

    async def hear(tenant: UUID) -> int:
        client, rng, cuts = clients[tenant], Random(str(tenant)), 0
        await begun.wait()
        while len(client.heard) < len(sent[tenant]):
            await client.listen(rng.randint(1, 20_000), enough=len(sent[tenant]))
            cuts += 1
        return cuts

    async with asyncio.timeout(90):
        happening = asyncio.create_task(happen())
        cuts = await asyncio.gather(*(hear(tenant) for tenant in sent))
        await happening
    assert min(cuts) > 5
    for tenant, numbers in sent.items():
        heard = clients[tenant].heard
        assert [one.data["n"] for one in heard] == numbers
        assert [one.id for one in heard] == [f"{number}-0" for number in numbers]
        assert {one.data["tenant_id"] for one in heard} == {str(tenant)}


async def test_who_sees_their_own_hears_of_their_own(gateway: Running, peer: Peer) -> None:
    """Of a tenant's events those about what is the caller's; a later one shows that it is all."""
    client = listener(gateway, OWN, last="0-0")
    for number, user in enumerate((str(ALICE), str(uuid4()), None, str(ALICE)), start=1):
        await publish(peer.redis, number, ACME, user_id=user)
    hearing = asyncio.create_task(client.listen())
    await eventually(lambda: len(client.heard) == 2, within_seconds=10)
    await publish(peer.redis, 5, ACME, user_id=str(uuid4()))
    await publish(peer.redis, 6, ACME, user_id=str(ALICE))
    await eventually(lambda: len(client.heard) == 3, within_seconds=10)
    assert [one.id for one in client.heard] == ["1-0", "4-0", "6-0"]
    hearing.cancel()


async def test_without_an_id_it_begins_now(gateway: Running, peer: Peer) -> None:
    """What was before is not told; the opening has an id, so that who is cut off before anything
    happened hears it when they come back."""
    await publish(peer.redis, 1, ACME)
    client = listener(gateway, ANY)
    async with client.connected() as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        async for piece in answer.aiter_raw():
            client.feed(piece)
            if client.last:
                break
    assert (client.last, client.heard) == ("1-0", [])
    await publish(peer.redis, 2, ACME)
    hearing = asyncio.create_task(client.listen())
    await eventually(lambda: [one.id for one in client.heard] == ["2-0"], within_seconds=10)
    hearing.cancel()


async def test_what_is_gone_is_said_to_be_gone(gateway: Running, peer: Peer) -> None:
    """Behind what is kept, or ahead of what was given out: 410; what is no id: 400."""
    for number in range(1, 6):
        await publish(peer.redis, number, ACME)
    await peer.redis.xtrim(STREAM, minid="4-0", approximate=False)
    expected = {"1-0": 410, "2-0": 410, "3-0": 200, "5-0": 200, "6-0": 410}
    expected |= {"x": 400, "3": 400, "3-1": 400, "-": 400}
    found = {}
    for last in expected:
        async with listener(gateway, ANY, last=last).connected() as answer:
            found[last] = answer.status_code
            if answer.status_code == 410:
                await answer.aread()
                assert answer.json()["code"] == "events_gone"
    assert found == expected


async def test_a_reader_that_is_too_slow_is_cut_off_and_resumes(
    gateway: Running, peer: Peer
) -> None:
    """Who does not read while much happens is sent an end or cut off; what they had and what they
    come back for is everything, once."""
    client = listener(gateway, ANY, last="0-0")
    await publish(peer.redis, 1, ACME)
    count, filling = 30 * HAND, "x" * 2_000
    async with client.connected() as answer:
        pieces = answer.aiter_raw()
        while not client.heard:
            client.feed(await anext(pieces))
        for number in range(2, count + 1):
            await publish(peer.redis, number, ACME, filling=filling)
        try:
            async for piece in pieces:
                client.feed(piece)
        except httpx.RemoteProtocolError:
            pass
    assert len(client.heard) < count
    hearing = asyncio.create_task(client.listen())
    await eventually(lambda: len(client.heard) >= count, within_seconds=60)
    hearing.cancel()
    assert [one.data["n"] for one in client.heard] == list(range(1, count + 1))


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_it_ends_when_its_caller_no_longer_stands(
    gateway: Running, peer: Peer, status: int
) -> None:
    """Session over, user disabled, tenant suspended or deleted: asked again, the context says so,
    and the connection ends by itself; who comes back is told why."""
    codes = {401: "invalid_token", 403: "tenant_suspended", 404: "not_found"}
    client = listener(gateway, ANY)
    hearing = asyncio.create_task(client.listen())
    await eventually(lambda: client.last, within_seconds=10)

    def refuse(asked: Envelope) -> Reply | bytes | None:
        return refusal(Problem(code=codes[status]), asked.trace_id)

    peer.script = refuse
    async with asyncio.timeout(20):
        await hearing
    async with client.connected() as answer:
        assert answer.status_code == status


async def test_it_ends_with_its_token(gateway: Running, peer: Peer) -> None:
    """A token that runs out ends the connection, whatever the context says."""
    token = gateway.signer.token(ANY, exp=int(time.time()) + 4)
    client = Listener(gateway.address, {"authorization": f"Bearer {token}"})
    async with asyncio.timeout(20):
        await client.listen()
    assert peer.script is echo
    async with client.connected() as answer:
        assert answer.status_code == 401


async def test_seats_are_limited_and_given_back(gateway: Running, peer: Peer) -> None:
    """A third connection of a caller with two seats is 429; one that ended gives its seat back.
    HEAD takes none."""
    async with httpx.AsyncClient(base_url=gateway.address) as client:
        headers = gateway.signer.bearer(ANY)
        assert (await client.head(EVENTS, headers=headers)).status_code == 200
    async with AsyncExitStack() as stack:
        for _ in range(2):
            answer = await stack.enter_async_context(listener(gateway, ANY).connected())
            assert answer.status_code == 200
        async with listener(gateway, ANY).connected() as third:
            assert (third.status_code, third.headers["retry-after"]) == (429, "30")

    async def again() -> bool:
        async with listener(gateway, ANY).connected() as answer:
            return answer.status_code == 200

    assert await eventually(again, within_seconds=10)
    assert peer.asked


async def test_a_stop_ends_it(gateway: Running, peer: Peer) -> None:
    """SIGTERM: the connection is ended in good order, and the process with 0."""
    client = listener(gateway, ANY)
    hearing = asyncio.create_task(client.listen())
    await eventually(lambda: client.last, within_seconds=10)
    gateway.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        await hearing
    assert gateway.process.wait(timeout=20) == 0
    assert peer.asked


async def test_it_lives_through_an_outage(
    gateway: Running, peer: Peer, own_valkey: ValkeyServer
) -> None:
    """Redis stands still, and comes back: the same connection goes on without a gap."""
    client = listener(gateway, ANY, last="0-0")
    await publish(peer.redis, 1, ACME)
    hearing = asyncio.create_task(client.listen())
    await eventually(lambda: len(client.heard) == 1, within_seconds=10)
    own_valkey.freeze()

    async def is_away() -> bool:
        async with httpx.AsyncClient(base_url=gateway.address) as other:
            return (await other.get("/ready")).status_code == 503

    await eventually(is_away, within_seconds=10)
    own_valkey.thaw()
    await publish(peer.redis, 2, ACME)
    await publish(peer.redis, 3, ACME)
    await eventually(lambda: len(client.heard) == 3, within_seconds=20)
    assert [one.id for one in client.heard] == ["1-0", "2-0", "3-0"]
    assert not hearing.done()
    hearing.cancel()
