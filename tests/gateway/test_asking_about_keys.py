"""Whose a key of a machine is is asked once, and believed for a moment."""

import asyncio
from pathlib import Path
from uuid import uuid4

import orjson
import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from contracts.wire.sealing import PREFIX
from gateway.edge import api_keys
from tests.gateway.house import House, opened
from tests.gateway.machines import Registry, called, new_key, questions
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME
from tests.waiting import eventually


async def test_a_question_keeps_the_key_secret(house: House, registry: Registry) -> None:
    """It is asked by the system, for no tenant, and the key in it is sealed."""
    key = new_key()
    await called(house, key)
    (asked,) = questions(house)
    assert (asked.actor.kind, asked.tenant_id, asked.reply_to) == ("system", None, "gateway-1")
    assert orjson.loads(asked.data)["key"].startswith(PREFIX)
    assert key.encode() not in asked.data


async def test_the_answer_is_believed_for_a_moment(
    house: House, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many requests, one question; a key that is unknown is not asked about again either."""
    for name in ("BELIEVED_SECONDS", "UNKNOWN_SECONDS"):
        monkeypatch.setattr(api_keys, name, 3600.0)
    for said, expected in (
        (registry.known(), (200, None)),
        (registry.unknown(), (401, "invalid_token")),
    ):
        registry.said = said
        key = new_key()
        before = len(questions(house))
        found = await asyncio.gather(*(called(house, key) for _ in range(10)))
        found += [await called(house, key) for _ in range(3)]
        assert set(found) == {expected}
        assert len(questions(house)) == before + 1


async def test_a_revoked_key_is_out_within_seconds(
    house: House, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the moment has passed it is asked about again, and what is said then counts."""
    monkeypatch.setattr(api_keys, "BELIEVED_SECONDS", 0.0)
    key = new_key()
    assert await called(house, key) == (200, None)
    registry.said = registry.unknown()
    assert await called(house, key) == (401, "invalid_token")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "sk_",
        "sk_short",
        new_key() + "A",
        new_key().replace("sk_", "pk_"),
        new_key()[:-1] + "=",
        "Bearer " + new_key(),
        f"{new_key()}, {new_key()}",
    ],
)
async def test_what_is_no_key_is_not_asked_about(
    house: House, registry: Registry, key: str
) -> None:
    """401 without a question."""
    assert await called(house, key) == (401, "invalid_token")
    assert house.peer.heard == []


@pytest.mark.parametrize("said", [Reply(503), Reply(500), refusal(Problem(code="forbidden"), "")])
async def test_where_nobody_can_say_there_is_503(
    house: House, registry: Registry, said: Reply
) -> None:
    """And nothing is remembered: the next request asks again."""
    registry.said = said
    key = new_key()
    assert await called(house, key) == (503, "unavailable")
    registry.said = registry.known()
    assert await called(house, key) == (200, None)


async def test_a_use_is_written_down_and_not_waited_for(house: House, registry: Registry) -> None:
    """Once a minute at most, by a command of the system that nobody answers."""
    key_id = str(uuid4())
    registry.said = registry.known(apikey_id=key_id, marks_use=True)
    key = new_key()
    for _ in range(3):
        assert await called(house, key) == (200, None)

    def marks() -> list[Envelope]:
        return [one for one in house.peer.asked if one.type == "apikey.mark_used"]

    await eventually(lambda: len(marks()) >= 1, within_seconds=5)
    # A minute may have turned while this ran.
    assert len(marks()) <= 2
    mark = marks()[0]
    assert (mark.actor.kind, mark.tenant_id, mark.reply_to) == ("system", ACME, "")
    assert orjson.loads(mark.data) == {"apikey_id": key_id}


async def test_a_use_from_elsewhere_is_no_use(house: House, registry: Registry) -> None:
    """A request that its network forbids marks nothing."""
    registry.said = registry.known(cidrs=["192.0.2.0/24"], marks_use=True)
    await called(house, new_key())
    registry.said = registry.known()
    await called(house, new_key())
    assert {one.type for one in house.peer.asked} == {"apikey.verify", "resource.list"}


async def test_guessing_fills_neither_memory_nor_streams(
    house: House, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few unknown keys are remembered; beyond some questions under way strangers get 503, while a
    key that was good a moment ago is still asked about."""
    monkeypatch.setattr(api_keys, "KEPT", 4)
    monkeypatch.setattr(api_keys, "BELIEVED_SECONDS", 0.0)
    keys = house.parts.proofs.keys
    good = new_key()
    assert await called(house, good) == (200, None)
    registry.said = registry.unknown()
    for _ in range(10):
        assert await called(house, new_key()) == (401, "invalid_token")
    assert len(keys._unknown) <= 4

    monkeypatch.setattr(api_keys, "MOST_STRANGERS", 0)
    assert await called(house, new_key()) == (503, "overloaded")
    registry.said = registry.known()
    assert await called(house, good) == (200, None)
    assert len(keys._good) <= 4


async def test_who_gives_up_takes_the_answer_from_nobody(house: House, registry: Registry) -> None:
    """Two ask about one key and the first goes away: the second is answered."""
    registry.said = None
    key = new_key()
    first = asyncio.create_task(called(house, key))
    await eventually(lambda: len(questions(house)) == 1, within_seconds=5)
    second = asyncio.create_task(called(house, key))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await house.peer.answer(questions(house)[0], registry.known())
    assert await second == (200, None)
    assert len(questions(house)) == 1


async def test_without_an_answer_there_is_503(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """A user context that says nothing in time keeps nobody waiting longer."""
    async with opened(own_valkey.url, tmp_path, request_timeout_seconds=0.2) as found:
        found.peer.script = lambda _: None
        assert await called(found, new_key()) == (503, "timeout")


async def test_without_redis_there_is_503(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """A key that nobody can be asked about is not refused as unknown."""
    async with opened(own_valkey.url, tmp_path) as found:
        own_valkey.stop()
        await eventually(lambda: not found.parts.streams.alive, within_seconds=5)
        assert await called(found, new_key()) == (503, "unavailable")
