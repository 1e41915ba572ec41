"""A connection that follows while nothing of its own happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from redis.asyncio import Redis

from gateway.edge.live import following
from gateway.edge.live.dealing import Dealer
from gateway.edge.live.events import TOLD
from gateway.edge.live.stream import EventStream
from gateway.edge.stream_client import ended
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, GLOBEX
from tests.gateway.sse import Listener, publish
from tests.waiting import eventually


@asynccontextmanager
async def followed(valkey: ValkeyServer, put: following.Put) -> AsyncIterator[None]:
    """ACME's events, from the first one on, without a gateway around them."""
    streams = [EventStream(valkey.url, "reservation", TOLD) for _ in range(2)]
    dealer = Dealer(streams[0])
    interest = following.Interest(str(ACME), everything=True, user_id=None)
    one = following.Following(streams[1], dealer, interest, 0, put)
    running = [asyncio.create_task(part.run()) for part in (dealer, one)]
    yield
    await ended(running)
    for stream in streams:
        await stream.close()


async def test_a_quiet_connection_is_kept_alive(
    own_valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing happens there are comments, which no client takes for an event."""
    monkeypatch.setattr(following, "HEART_BEAT_SECONDS", 0.02)
    client = Listener("", {})

    async def put(frame: bytes) -> None:
        client.feed(frame)

    async with followed(own_valkey, put):
        await eventually(lambda: client.comments >= 3, within_seconds=10)
    assert (client.last, client.heard) == ("0-0", [])


async def test_a_quiet_connection_keeps_up(
    own_valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id moves past what happens to others, so that who comes back late comes back to what is
    kept; it never is that of an event, or of a later one, that was not heard yet."""
    monkeypatch.setattr(following, "HEART_BEAT_SECONDS", 0.0)
    order = [(ACME, GLOBEX)[one] for one in Random(7).choices((0, 1), (1, 9), k=200)]
    own = [number for number, whose in enumerate(order, start=1) if whose == ACME]
    client = Listener("", {})

    async def put(frame: bytes) -> None:
        client.feed(frame)
        last = int(client.last.partition("-")[0])
        heard = [one.data["n"] for one in client.heard]
        assert heard == [number for number in own if number <= last]
        # Others go on while this reader takes its time.
        for _ in range(len(heard) % 5):
            await asyncio.sleep(0)

    redis = Redis.from_url(own_valkey.url)
    async with redis, followed(own_valkey, put):
        await eventually(lambda: client.last == "0-0", within_seconds=10)
        for number, whose in enumerate([*order, GLOBEX], start=1):
            await publish(redis, number, whose)
        await eventually(lambda: client.last == "201-0", within_seconds=10)
    assert len(client.heard) == len(own)
