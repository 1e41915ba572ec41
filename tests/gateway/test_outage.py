"""Redis goes away, or hangs: the gateway says so within two seconds, and is back by itself."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.wire.reply import Reply
from gateway.edge.lanes import Lanes
from tests.gateway.house import House, opened
from tests.gateway.server import ValkeyServer
from tests.waiting import eventually

PATH = "/resources/categories/"
PERMISSIONS = ("category:manage", "resource:read")
# Redis may be away in either way, and comes back in another.
WAYS = {"stopped": ("stop", "start"), "frozen": ("freeze", "thaw")}


async def timed(house: House, method: str) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    sent: dict[str, Any] = {"json": {"name": "Rooms"}} if method == "POST" else {}
    answer = await house.call(method, PATH, *PERMISSIONS, **sent)
    return answer, time.monotonic() - began


async def works(house: House) -> bool:
    answer, _ = await timed(house, "GET")
    return answer.status_code == 200


def assert_says_so(answer: httpx.Response) -> None:
    """503, or 504 with a place to ask, where a change was under way."""
    code = answer.json()["code"]
    if answer.request.method == "GET":
        assert (answer.status_code, code) == (503, "unavailable")
    else:
        assert (answer.status_code, code) in ((503, "unavailable"), (504, "outcome_unknown"))
    if answer.status_code == 504:
        assert answer.headers["location"].startswith("/operations/resource/")
    else:
        assert answer.headers["retry-after"] == "1"


def handed_in(*_: object) -> None:
    raise AssertionError("something was handed to Redis")


@pytest.mark.parametrize(("away", "back"), WAYS.values(), ids=WAYS.keys())
async def test_an_outage_is_said_within_two_seconds(
    own_valkey: ValkeyServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    away: str,
    back: str,
) -> None:
    """A change and a question get their answer within two seconds; /ready turns false and /health
    stays true; nothing more is handed to Redis; after the return all is well."""
    async with opened(own_valkey.url, tmp_path) as house:
        await eventually(lambda: works(house), within_seconds=5)
        getattr(own_valkey, away)()
        for answer, seconds in await asyncio.gather(timed(house, "GET"), timed(house, "POST")):
            assert seconds < 2.5, answer.text
            assert_says_so(answer)
        await eventually(lambda: not house.parts.streams.alive, within_seconds=10)
        with monkeypatch.context() as patched:
            patched.setattr(Lanes, "hand_in", handed_in)
            assert (await timed(house, "POST"))[0].status_code == 503
        ready = await house.client.get("/ready")
        assert (ready.status_code, ready.json()["parts"]) == (503, {"redis": "no answer"})
        assert (await house.client.get("/health")).status_code == 200
        getattr(own_valkey, back)()
        await eventually(lambda: works(house), within_seconds=20)


@pytest.mark.parametrize("away", [away for away, _ in WAYS.values()], ids=WAYS.keys())
async def test_an_outage_is_said_to_everybody(
    own_valkey: ValkeyServer, tmp_path: Path, away: str
) -> None:
    """Of many changes and questions at once each is told of it."""
    async with opened(own_valkey.url, tmp_path) as house:
        await eventually(lambda: works(house), within_seconds=5)
        getattr(own_valkey, away)()
        many = [timed(house, method) for method in ("GET", "POST") for _ in range(40)]
        for answer, _ in await asyncio.gather(*many):
            assert_says_so(answer)


async def test_a_question_under_way_ends_with_redis(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """A question whose answer cannot come any more gets 503 at once, and not a time-out later."""
    async with opened(own_valkey.url, tmp_path, request_timeout_seconds=30) as house:
        house.peer.script = lambda _: None
        asking = asyncio.create_task(timed(house, "GET"))
        await house.peer.hears(1)
        own_valkey.stop()
        answer, seconds = await asking
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert seconds < 5


async def test_a_gateway_may_start_before_redis(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Without Redis it starts, says that it is not ready, and serves once Redis is there."""
    own_valkey.stop()
    house = opened(own_valkey.url, tmp_path, peer_first=False)
    async with house as opened_house:
        answer, _ = await timed(opened_house, "GET")
        assert answer.status_code == 503
        own_valkey.start()
        await opened_house.peer.start()
        await eventually(lambda: works(opened_house), within_seconds=6)


async def test_nothing_is_sent_twice(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Through outages every command stands on its stream once at most, and each that was answered
    with 200 stands there."""
    async with opened(own_valkey.url, tmp_path, request_timeout_seconds=2) as house:
        house.peer.script = lambda asked: Reply(200, {"id": str(asked.id)})
        await eventually(lambda: works(house), within_seconds=5)
        answers = []
        for _ in range(3):
            own_valkey.freeze()
            sending = [asyncio.create_task(timed(house, "POST")) for _ in range(20)]
            await eventually(lambda: not house.parts.streams.alive, within_seconds=3)
            own_valkey.thaw()
            answers += [answer for answer, _ in await asyncio.gather(*sending)]
            await eventually(lambda: works(house), within_seconds=6)
        answers += [(await timed(house, "POST"))[0]]
        done = [answer.json()["id"] for answer in answers if answer.status_code == 200]
        entries: Any = await house.peer.redis.xrange("resource.commands")
        ids = [fields[b"id"].decode() for _, fields in entries]
        assert len(ids) == len(set(ids))
        assert set(done) <= set(ids)


async def test_a_refused_command_is_not_on_its_stream(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Where Redis takes nothing more (its memory is full), the caller hears 503, not 504."""
    async with opened(own_valkey.url, tmp_path) as house:
        await eventually(lambda: works(house), within_seconds=5)
        await house.peer.redis.config_set("maxmemory", "1mb")
        answer, _ = await timed(house, "POST")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        await house.peer.redis.config_set("maxmemory", "0")
        assert await works(house)
