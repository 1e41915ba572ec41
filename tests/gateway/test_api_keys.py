"""Keys of machines at the gateway: whose they are is asked once, and believed for a moment."""

import asyncio
import base64
import os
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from contracts.wire.sealing import PREFIX
from contracts.wire.strict import rfc3339
from gateway.edge import api_keys
from gateway.edge.client_address import UNKNOWN
from tests.gateway.house import House, opened
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, GLOBEX
from tests.waiting import eventually

READ = "resource:read"
PATH = "/resources/"


def new_key() -> str:
    """Something in the shape of a key, a new one each time."""
    return "sk_" + base64.urlsafe_b64encode(os.urandom(64)).rstrip(b"=").decode()


class Registry:
    """What the user context says of keys; the rest is echoed."""

    def __init__(self) -> None:
        self.said: Reply | None = self.known()

    def known(self, **changed: Any) -> Reply:
        body = {
            "tenant_id": str(ACME),
            "apikey_id": str(uuid4()),
            "scopes": [READ],
            "cidrs": [],
            "expires_at": None,
            "marks_use": False,
        }
        return Reply(200, {**body, **changed})

    def unknown(self) -> Reply:
        return refusal(Problem(code="invalid_token"), "")

    def __call__(self, asked: Envelope) -> Reply | None:
        if asked.type == "apikey.verify":
            return self.said
        return Reply(200, {"type": asked.type})


@pytest.fixture
def registry(house: House) -> Registry:
    found = Registry()
    house.peer.script = found
    return found


def questions(house: House) -> list[Envelope]:
    return [envelope for envelope in house.peer.asked if envelope.type == "apikey.verify"]


async def called(house: House, key: str, **headers: str) -> tuple[int, str | None]:
    """Status and code of a request by this key."""
    sent = {"x-api-key": key, **{name.replace("_", "-"): text for name, text in headers.items()}}
    answer = await house.client.get(PATH, headers=sent)
    return answer.status_code, answer.json().get("code")


async def test_a_key_speaks_for_itself(house: House, registry: Registry) -> None:
    """The message's actor is a service of the key's id and scopes, in the key's tenant."""
    key_id = str(uuid4())
    registry.said = registry.known(apikey_id=key_id, scopes=[READ, "*"])
    assert await called(house, new_key()) == (200, None)
    actor = house.peer.last.actor
    assert (actor.kind, actor.id, actor.roles) == ("service", key_id, ("api_key",))
    assert actor.permissions == {READ}
    assert house.peer.last.tenant_id == ACME


async def test_a_question_keeps_the_key_secret(house: House, registry: Registry) -> None:
    """It is asked by the system, for no tenant, and the key in it is sealed."""
    key = new_key()
    await called(house, key)
    (asked,) = questions(house)
    assert (asked.actor.kind, asked.tenant_id, asked.reply_to) == ("system", None, "gateway-1")
    assert orjson.loads(asked.data)["key"].startswith(PREFIX)
    assert key.encode() not in asked.data


async def test_the_answer_is_believed_for_a_moment(house: House, registry: Registry) -> None:
    """Many requests, one question; a key that is unknown is not asked about again either."""
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


async def test_a_token_beside_a_key_is_refused(house: House, registry: Registry) -> None:
    """Both at once are 401, however good each is."""
    headers = house.signer.bearer(READ)
    assert await called(house, new_key(), **headers) == (401, "invalid_token")
    assert house.peer.heard == []


async def test_a_key_may_what_its_scopes_say(house: House, registry: Registry) -> None:
    """403 without the permission; another tenant's path is 404, and so is another X-Tenant-ID."""
    key = {"x-api-key": new_key()}
    statuses = [
        (await house.client.get(path, headers={**key, **more})).status_code
        for path, more in (
            ("/users/", {}),
            (f"/tenants/{GLOBEX}", {}),
            (PATH, {"x-tenant-id": str(GLOBEX)}),
            (PATH, {"x-tenant-id": str(ACME)}),
        )
    ]
    assert statuses == [403, 404, 404, 200]


async def test_a_key_is_never_the_platforms(house: House, registry: Registry) -> None:
    """What no tenant's caller may do, a key may not, whatever its scopes are said to be."""
    registry.said = registry.known(scopes=["*"])
    answer = await house.client.get("/tenants/", headers={"x-api-key": new_key()})
    assert answer.status_code == 403


@pytest.mark.parametrize(("ends_in", "expected"), [(60, (200, None)), (-1, (401, "invalid_token"))])
async def test_a_key_runs_out(
    house: House, registry: Registry, ends_in: int, expected: tuple[int, str | None]
) -> None:
    """Also while what was said of it is still believed."""
    ends_at = datetime.now(UTC) + timedelta(seconds=ends_in)
    registry.said = registry.known(expires_at=rfc3339(ends_at))
    assert await called(house, new_key()) == expected


@pytest.mark.parametrize(
    ("cidrs", "status"),
    [
        (["127.0.0.0/8"], 200),
        (["192.0.2.0/24", "127.0.0.1/32"], 200),
        (["192.0.2.0/24"], 401),
        (["::/0"], 401),
    ],
)
async def test_a_key_is_good_from_its_networks(
    house: House, registry: Registry, cidrs: list[str], status: int
) -> None:
    """Elsewhere it is 401 like one that is unknown; X-Forwarded-For is not believed."""
    registry.said = registry.known(cidrs=cidrs)
    key = new_key()
    assert (await called(house, key))[0] == status
    assert (await called(house, key, x_forwarded_for="192.0.2.7"))[0] == status


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


def test_an_address_that_nobody_knows_is_in_no_network() -> None:
    """A connection without one, a Unix socket's say, is not from where the key may be used."""
    everywhere = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not api_keys._is_within(UNKNOWN, everywhere)
    assert api_keys._is_within("2001:db8::1", everywhere)


async def test_forwarded_addresses_are_believed_from_trusted_proxies(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """With TRUSTED_PROXIES the client's own address counts."""
    async with opened(own_valkey.url, tmp_path, trusted_proxies="127.0.0.0/8") as found:
        registry = Registry()
        found.peer.script = registry
        registry.said = registry.known(cidrs=["192.0.2.0/24"])
        key = new_key()
        assert (await called(found, key, x_forwarded_for="192.0.2.7"))[0] == 200
        assert (await called(found, key, x_forwarded_for="198.51.100.7"))[0] == 401
