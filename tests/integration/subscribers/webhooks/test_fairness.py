"""One tenant's slow or dead endpoints delay no other tenant's deliveries."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from handlers.subscribers.webhooks import sender as sending
from handlers.subscribers.webhooks.schedule import Answer
from storage.delivery.engine import make_engine
from storage.subscriber.webhook_claims import Bounds, claim
from tests.integration.postgres import Databases
from tests.integration.subscribers.webhooks.conftest import Clockwork, Shop

FINE = Answer(200, None, "", None, 1)


class Post:
    """Answers at once, but where the host is `slow.example` only once it is let go."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.let_go = asyncio.Event()

    async def post(self, url: str, _headers: Mapping[str, str], _body: bytes) -> Answer:
        host = urlsplit(url).hostname or ""
        self.sent[host] += 1
        if host.startswith("slow"):
            await self.let_go.wait()
        return FINE


async def flooded(shop: Shop, count: int, *hosts: str) -> None:
    for host in hosts:
        await shop.hook(f"https://{host}/")
    for _ in range(count):
        await shop.hears()


async def test_a_dead_endpoint_delays_no_other_tenant(
    new_shop: Callable[[], Shop], new_sender: Callable[..., Clockwork]
) -> None:
    """While a tenant has hundreds waiting at endpoints that hang, another's single delivery goes
    out at the next look, and that tenant's hanging ones never take more than its bound."""
    loud, quiet = new_shop(), new_shop()
    await flooded(loud, 60, "slow1.example", "slow2.example", "slow3.example")
    post = Post()
    clockwork = new_sender(post)
    for _ in range(5):
        await clockwork.sender.take_up()
    await flooded(quiet, 1, "quick.example")
    begun = await clockwork.sender.take_up()
    assert [one.tenant_id for one in begun] == [quiet.id]
    post.let_go.set()
    await clockwork.sender.rest()
    hanging = {host: count for host, count in post.sent.items() if host.startswith("slow")}
    assert sum(hanging.values()) == Bounds().of_tenant
    assert max(hanging.values()) <= Bounds().of_endpoint
    assert post.sent["quick.example"] == 1


async def test_tenants_take_turns(
    new_shop: Callable[[], Shop],
    new_sender: Callable[..., Clockwork],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where there is room for a few only, each tenant's first comes before anybody's second, also
    where one has been waiting far longer."""
    monkeypatch.setattr(sending, "MOST_UNDER_WAY", 3)
    shops = [new_shop() for _ in range(3)]
    await flooded(shops[0], 20, "a.example")
    for place, shop in enumerate(shops[1:]):
        await flooded(shop, 2, f"b{place}.example")
    clockwork = new_sender(Post())
    begun = await clockwork.sender.take_up()
    await clockwork.sender.rest()
    assert {one.tenant_id for one in begun} == {shop.id for shop in shops}


async def test_an_endpoint_that_fails_is_tried_one_at_a_time(
    shop: Shop, new_sender: Callable[..., Clockwork]
) -> None:
    """Until it answers again it takes one place and no more."""

    class Down(Post):
        async def post(self, url: str, _headers: Mapping[str, str], _body: bytes) -> Answer:
            return Answer(500, None, "", None, 1)

    await flooded(shop, 8, "down.example")
    clockwork = new_sender(Down())
    assert await clockwork.send() == Bounds().of_endpoint
    assert await clockwork.send() == 1


async def test_two_senders_never_take_the_same(
    new_shop: Callable[[], Shop], databases: Databases
) -> None:
    """Whoever comes second skips what is locked; what was taken stays taken for the lease, and is
    anybody's again after it; and the timers' role sees every tenant."""
    shops = [new_shop() for _ in range(6)]
    for shop in shops:
        await flooded(shop, 8, "a.example", "b.example")
    engine = make_engine(databases.of("subscriber").timer, connections=6, name="senders")
    lease = timedelta(minutes=1)
    taken = await asyncio.gather(
        *(claim(engine, 10, lease, Bounds(of_endpoint=8, of_tenant=16)) for _ in range(6))
    )
    ids = [one.delivery_id for claims in taken for one in claims]
    assert len(ids) == len(set(ids)) > 0
    assert len({one.tenant_id for claims in taken for one in claims}) > 1
    first = taken[0][0] if taken[0] else next(one for claims in taken for one in claims)
    later = await claim(engine, 1000, lease, Bounds(96, 96), first.now + 2 * lease)
    assert set(ids) <= {one.delivery_id for one in later}
    await engine.dispose()
