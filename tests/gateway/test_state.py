"""/state: who answers, how far behind each group is, and nothing of a tenant."""

from pathlib import Path

import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.reply import Reply
from contracts.wire.streams import SUBSCRIBERS, commands_of, queries_of
from gateway.edge import state
from gateway.edge.state import VERSIONS
from handlers.app.preparing import SERVED
from handlers.app.subscribing import HEARERS
from tests.documented import check_answer
from tests.gateway.house import House, opened
from tests.gateway.server import ValkeyServer


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is never kept, but in the test about that."""
    monkeypatch.setattr(state, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr("gateway.edge.health.FRESH_SECONDS", 0.0)


def test_the_subscribers_are_those_of_the_process() -> None:
    """Who is asked is who serves."""
    assert set(SUBSCRIBERS) == set(HEARERS)
    assert {stream.partition(".")[0] for stream in state.STREAMS} == set(SERVED)


async def test_all_is_well(house: House) -> None:
    """Each context and subscriber says ok; versions and time are told, as documented."""
    answer = await house.client.get("/state")
    check_answer(answer)
    said = answer.json()
    assert said["status"] == "ready"
    assert said["parts"] == dict.fromkeys(("redis", *SERVED), "ok")
    assert said["versions"] == dict(VERSIONS)
    assert {envelope.actor.kind for _, envelope in house.peer.heard} == {"system"}


@pytest.mark.parametrize(("who", "status"), [("billing", "degraded"), ("user", "unready")])
async def test_who_does_not_do_well_is_named(house: House, who: str, status: str) -> None:
    """A subscriber makes it degraded, a context unready; the answer is 200 all the same."""

    def all_but_one(asked: Envelope) -> Reply:
        (stream,) = [name for name, one in house.peer.heard if one.id == asked.id]
        return Reply(503 if stream == queries_of(who) else 200, {})

    house.peer.script = all_but_one
    answer = await house.client.get("/state")
    assert answer.status_code == 200
    said = answer.json()
    assert said["status"] == status
    assert {name: word for name, word in said["parts"].items() if word != "ok"} == {
        who: "answered 503"
    }


async def test_how_far_behind_a_group_is(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """What a group was not given is its lag, what it was given and has not done is pending."""
    async with opened(own_valkey.url, tmp_path, instance_name="behind") as house:
        redis, stream = house.peer.redis, commands_of("report")
        for _ in range(3):
            await redis.xadd(stream, {"a": "1"}, "*")
        await redis.xgroup_create(stream, "report", "0")
        await redis.xreadgroup("report", "one", {stream: ">"}, count=1)
        answer = await house.client.get("/state")
        check_answer(answer)
        expected = {"stream": stream, "group": "report", "lag": 2, "pending": 1}
        assert answer.json()["streams"] == [expected]


async def test_a_lag_that_nobody_knows(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """After entries were deleted in between Redis does not know it, and so it is null."""
    async with opened(own_valkey.url, tmp_path, instance_name="unknown") as house:
        redis, stream = house.peer.redis, commands_of("report")
        ids = [await redis.xadd(stream, {"a": "1"}, "*") for _ in range(4)]
        await redis.xdel(stream, ids[2])
        await redis.xgroup_create(stream, "report", ids[1])
        answer = await house.client.get("/state")
        check_answer(answer)
        assert [one["lag"] for one in answer.json()["streams"]] == [None]


async def test_without_redis(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """It is told at once that Redis is away, and nothing is known of the rest."""
    async with opened(own_valkey.url, tmp_path, instance_name="alone") as house:
        house.parts.streams._pulse.alive = False
        answer = await house.client.get("/state")
        check_answer(answer)
        said = answer.json()
        assert (said["status"], said["parts"]) == ("unready", {"redis": "no answer"})
        assert said["streams"] == []


async def test_however_many_look_on_few_are_asked(
    own_valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within its time the same answer is given, and nobody is asked again."""
    monkeypatch.setattr(state, "FRESH_SECONDS", 3600.0)
    async with opened(own_valkey.url, tmp_path, instance_name="watched") as house:
        first = await house.client.get("/state")
        for _ in range(5):
            assert (await house.client.get("/state")).json() == first.json()
        assert len(house.peer.heard) == len(SERVED)


async def test_publishers_are_not_named(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Who publishes directly is between them and the operator: their streams are left out."""
    async with opened(own_valkey.url, tmp_path, instance_name="discreet") as house:
        await house.peer.redis.xgroup_create("ingress.salon", "ingress", "0", mkstream=True)
        assert "salon" not in (await house.client.get("/state")).text
