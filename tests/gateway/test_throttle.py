"""Guessing passwords: who is slowed down by it, and who is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from contracts.wire.sealing import Keyring, open_fields
from domain.user.email import normalise_email
from gateway.edge import throttle
from tests.gateway.house import SECRET, House, opened
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME

RIGHT = "correct horse battery"
ADA, EVE = "ada@acme.test", "eve@acme.test"
HOME, AWAY = "203.0.113.1", "198.51.100.1"


def door(asked: Envelope) -> Reply:
    """As the user context answers: one password is right, for everybody."""
    sealed = ("password", "email", "current_password", "new_password")
    said = orjson.loads(open_fields(asked.data, sealed, Keyring(SECRET)))
    if RIGHT in (said.get("password"), said.get("current_password")):
        return Reply(200, {"access_token": "a"})
    return refusal(Problem(code="invalid_credentials", detail="Wrong."), asked.trace_id)


@asynccontextmanager
async def guarded(server: ValkeyServer, folder: Path, **quotas: Any) -> AsyncIterator[House]:
    """A gateway behind a proxy, so that a test can come from any address."""
    async with opened(server.url, folder, trusted_proxies="127.0.0.1", **quotas) as house:
        house.peer.script = door
        yield house


@asynccontextmanager
async def hasty(
    server: ValkeyServer, folder: Path, seconds: float, **quotas: Any
) -> AsyncIterator[House]:
    """Another gateway on the same Redis, that waits only so long; its own peer never answers."""
    changed = {"instance_name": "hasty", "request_timeout_seconds": seconds, **quotas}
    async with guarded(server, folder, **changed) as house:
        house.peer.script = lambda _: None
        yield house


async def knock(
    house: House,
    address: str,
    password: str = "wrong",
    email: str = ADA,
    tenant: str | None = "acme",
) -> httpx.Response:
    body = {"tenant": tenant, "email": email, "password": password}
    return await house.client.post("/auth/token", json=body, headers={"x-forwarded-for": address})


async def statuses(house: House, address: str, count: int, **said: Any) -> list[int]:
    return [(await knock(house, address, **said)).status_code for _ in range(count)]


async def test_guessing_at_one_address_ends(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """After so many failures an account is not asked for from there any more, the right password
    included; from elsewhere it is."""
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in="3/900") as house:
        assert await statuses(house, AWAY, 3) == [401] * 3
        refused = await knock(house, AWAY, RIGHT)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert 800 < int(refused.headers["retry-after"]) <= 975
        assert len(house.peer.heard) == 3
        assert (await knock(house, AWAY, email="Ada@ACME.test ")).status_code == 429
        assert (await knock(house, HOME, RIGHT)).status_code == 200
        assert (await knock(house, AWAY, RIGHT, email=EVE)).status_code == 200


async def test_a_stranger_locks_nobody_out(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Guesses from ever new addresses end for the account, at every address but those that it has
    signed in from: its owner comes in from there, and may mistype, too."""
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in_account="5/3600") as house:
        assert (await knock(house, HOME, RIGHT)).status_code == 200
        guesses = [await knock(house, f"198.51.100.{number}") for number in range(1, 9)]
        assert [guess.status_code for guess in guesses] == [401] * 5 + [429] * 3
        assert (await knock(house, "192.0.2.9", RIGHT)).status_code == 429
        assert await statuses(house, HOME, 2) == [401, 401]
        assert (await knock(house, HOME, RIGHT)).status_code == 200
        # Another account is no concern of theirs, nor is the same name in another tenant.
        assert (await knock(house, "192.0.2.9", RIGHT, email=EVE)).status_code == 200
        assert (await knock(house, "192.0.2.9", RIGHT, tenant="globex")).status_code == 200
        assert (await knock(house, "192.0.2.9", RIGHT, tenant=None)).status_code == 200


async def test_an_address_that_tries_many_accounts(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """It is stopped for all accounts but those that are known there."""
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in_address="4/900") as house:
        assert (await knock(house, AWAY, RIGHT)).status_code == 200
        tried = [await knock(house, AWAY, email=f"user{n}@acme.test") for n in range(6)]
        assert [one.status_code for one in tried] == [401] * 4 + [429] * 2
        assert (await knock(house, AWAY, RIGHT, tenant="globex")).status_code == 429
        assert (await knock(house, HOME, RIGHT, email=EVE)).status_code == 200
        assert (await knock(house, AWAY, RIGHT)).status_code == 200


async def test_a_tenant_that_is_tried_from_everywhere(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Addresses that an account is not known at wait; the known ones and other tenants do not."""
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in_tenant="4/900") as house:
        assert (await knock(house, HOME, RIGHT)).status_code == 200
        tried = [
            await knock(house, f"198.51.100.{n}", email=f"user{n}@acme.test") for n in range(1, 7)
        ]
        assert [one.status_code for one in tried] == [401] * 4 + [429] * 2
        assert (await knock(house, "192.0.2.9", RIGHT, email=EVE)).status_code == 429
        assert (await knock(house, "192.0.2.9", RIGHT, tenant="globex")).status_code == 200
        assert (await knock(house, HOME, RIGHT)).status_code == 200


async def test_guesses_at_once_are_counted_before_they_are_made(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Of 60 guesses at once no more are made than of 60 in turn."""
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in="7/900") as house:
        answers = await asyncio.gather(*(knock(house, AWAY) for _ in range(60)))
        assert sorted(answer.status_code for answer in answers) == [401] * 7 + [429] * 53
        assert len(house.peer.heard) == 7


async def test_many_sign_in_at_once(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """More than may fail: one account many times, and many accounts at one new address."""
    changed = {"rate_limit_sign_in": "3/900", "rate_limit_sign_in_address": "20/900"}
    async with guarded(own_valkey, tmp_path, **changed) as house:
        same = (knock(house, HOME, RIGHT) for _ in range(40))
        others = (knock(house, AWAY, RIGHT, email=f"user{n}@acme.test") for n in range(60))
        answers = await asyncio.gather(*same, *others)
        assert {answer.status_code for answer in answers} == {200}
        assert house.parts.throttle._turns._turns == {}


async def test_who_waits_too_long_is_told(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """503 where no turn comes within the time-out; an attempt that is refused before it is made
    does not count."""
    changed: dict[str, Any] = {"rate_limit_sign_in": "1/900", "tenant_in_flight_max": 1}
    async with (
        guarded(own_valkey, tmp_path, **changed) as house,
        hasty(own_valkey, tmp_path, 0.3, **changed) as leaving,
    ):
        house.peer.script = lambda _: None
        answers = await asyncio.gather(*(knock(leaving, HOME, RIGHT) for _ in range(3)))
        codes = {answer.json()["code"] for answer in answers}
        assert codes <= {"timeout", "overloaded"}
        assert {answer.status_code for answer in answers} == {503}
        house.peer.script = door
        assert (await knock(house, HOME, RIGHT)).status_code == 200


async def change(house: House, user: str, current: str, **headers: str) -> int:
    """Somebody who is signed in changes their password."""
    body = {"current_password": current, "new_password": "a better one still"}
    token = house.signer.token(sub=user)
    answer = await house.client.post(
        "/auth/password/change", json=body, headers={"authorization": f"Bearer {token}", **headers}
    )
    return answer.status_code


async def test_a_session_is_no_place_to_guess(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Whoever holds one and not the password is stopped as at the door; the door itself, and
    others who are signed in, are no concern of theirs."""
    ada, eve = str(uuid4()), str(uuid4())
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in="3/900") as house:
        assert [await change(house, ada, "wrong") for _ in range(4)] == [401] * 3 + [429]
        assert await change(house, ada, RIGHT) == 429
        assert await change(house, eve, RIGHT) == 200
        assert (await knock(house, HOME, RIGHT)).status_code == 200


async def test_whatever_asks_for_the_password_is_counted_together(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Guesses at one call leave none for the other, whether it says later or not."""
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in="3/900") as house:
        ada = str(uuid4())
        token = house.signer.token(sub=ada)
        headers = {"authorization": f"Bearer {token}", "prefer": "respond-async"}
        body = {"email": EVE, "current_password": "wrong"}
        guesses = [
            await house.client.post("/auth/email/change", json=body, headers=headers)
            for _ in range(2)
        ]
        assert [guess.status_code for guess in guesses] == [401] * 2
        assert [await change(house, ada, "wrong") for _ in range(2)] == [401, 429]


async def test_a_guess_is_waited_for(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Whatever Prefer says: one whose outcome is had later, elsewhere, would count as none."""
    ada = str(uuid4())
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in="3/900") as house:
        guesses = [await change(house, ada, "wrong", prefer="respond-async") for _ in range(4)]
        assert guesses == [401] * 3 + [429]


async def test_nobody_at_the_door_uses_a_session_up(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Ids are no names: a stranger who gives them at the door counts there."""
    ada = str(uuid4())
    async with guarded(own_valkey, tmp_path, rate_limit_sign_in_account="3/900") as house:
        assert await statuses(house, AWAY, 4, email=ada, tenant=str(ACME)) == [401] * 3 + [429]
        assert await change(house, ada, RIGHT) == 200


async def test_only_failures_count(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Neither a sign-in counts, nor one whose outcome is not known, nor a body that is none."""
    changed: dict[str, Any] = {"rate_limit_sign_in": "2/900"}
    async with (
        guarded(own_valkey, tmp_path, **changed) as house,
        hasty(own_valkey, tmp_path, 0.2, **changed) as leaving,
    ):
        assert await statuses(house, HOME, 5, password=RIGHT) == [200] * 5
        house.peer.script = lambda _: None
        assert await statuses(leaving, HOME, 3) == [503] * 3
        house.peer.script = lambda asked: refusal(Problem(code="overloaded"), asked.trace_id)
        assert await statuses(house, AWAY, 3) == [503] * 3
        assert await statuses(house, HOME, 3, email="") == [503] * 3
        house.peer.script = door
        for address in (HOME, AWAY):
            assert await statuses(house, address, 3) == [401, 401, 429]


async def test_addresses_that_are_known_are_few(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """The newest are remembered, so that an account's list does not grow for ever."""
    async with guarded(own_valkey, tmp_path) as house:
        for number in range(throttle.ADDRESSES + 5):
            assert (await knock(house, f"203.0.113.{number}", RIGHT)).status_code == 200
        (key,) = [key async for key in house.peer.redis.scan_iter("limit:*:addresses:*")]
        assert await house.peer.redis.zcard(key) == throttle.ADDRESSES


async def test_nothing_in_clear(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Keys tell no address, account or tenant, and each of them expires."""
    async with guarded(own_valkey, tmp_path) as house:
        await knock(house, HOME)
        await knock(house, HOME, RIGHT)
        keys = [key.decode() async for key in house.peer.redis.scan_iter("limit:*")]
        # The attempt's four windows, the addresses, and the limit of every address.
        assert len(keys) == 6
        for key in keys:
            assert not any(word in key for word in ("acme", "ada", "203.0"))
            assert 0 < await house.peer.redis.pttl(key) <= throttle.REMEMBERED_MS
        for member in await house.peer.redis.zrange(
            next(key for key in keys if "addresses" in key), 0, -1
        ):
            assert b"203.0" not in member


async def test_without_redis_nobody_guesses(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """What cannot be counted is not tried."""
    async with guarded(own_valkey, tmp_path) as house:
        own_valkey.stop()
        answer = await knock(house, HOME)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_throttling_can_be_switched_off(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """RATE_LIMIT_ENABLED=false switches it off with all that answers 429."""
    changed: dict[str, Any] = {"rate_limit_enabled": False, "rate_limit_sign_in": "1/900"}
    async with guarded(own_valkey, tmp_path, **changed) as house:
        assert await statuses(house, HOME, 4) == [401] * 4


@pytest.mark.parametrize(
    "email",
    [" Ada@Acme.TEST", "STRASSE@x.test", "straße@x.test", "e\u0301@x.test", "\u0130@x.test"],
)
def test_one_account_is_one_account(email: str) -> None:
    """Addresses are folded as the user context folds them."""
    assert throttle.folded(email) == normalise_email(email)
