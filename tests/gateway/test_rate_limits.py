"""Limits by address, tenant and caller: what is let through, what is refused, what headers say."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import pytest
from pydantic import SecretStr

from contracts.wire.reply import Reply
from gateway.edge.settings import GatewaySettings
from tests.gateway.house import House, opened, settings_for
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, ALICE, GLOBEX, NAMES
from tests.waiting import eventually

PATH = "/resources/"
READ = "resource:read"
BOB = uuid5(NAMES, "bob")
ITEM = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')
SIGN_IN = {"tenant": "acme", "email": "ada@acme.test", "password": "correct horse battery"}


def left(answer: httpx.Response) -> dict[str, int]:
    """What the RateLimit field says is left, by policy."""
    return {name: int(count) for name, count, _ in ITEM.findall(answer.headers["ratelimit"])}


async def as_user(house: House, user: UUID, tenant: UUID = ACME) -> httpx.Response:
    token = house.signer.token(READ, tenant=tenant, sub=str(user))
    return await house.client.get(PATH, headers={"authorization": f"Bearer {token}"})


async def test_the_fields_say_what_is_left(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Each answer names the policies and what is left of each; one that is used up is 429 with
    Retry-After, and uses up nothing of the tenant's share."""
    changed: dict[str, Any] = {"rate_limit_user": "3/600", "rate_limit_tenant": "100/60"}
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        for count in (2, 1, 0):
            answer = await as_user(house, ALICE)
            assert answer.status_code == 200
            assert answer.headers["ratelimit-policy"] == '"tenant";q=100;w=60, "user";q=3;w=600'
            assert left(answer) == {"tenant": 97 + count, "user": count}
        refused = await as_user(house, ALICE)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["content-type"] == "application/problem+json"
        assert left(refused) == {"tenant": 97, "user": 0}
        seconds = int(ITEM.findall(refused.headers["ratelimit"])[1][2])
        assert 540 <= seconds <= 651
        assert refused.headers["retry-after"] == str(seconds)
        assert refused.json()["retry_after"] == seconds
        assert refused.json()["trace_id"]
        assert left(await as_user(house, BOB)) == {"tenant": 96, "user": 2}


async def test_a_tenant_uses_up_its_own_share_alone(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Where a tenant's share is used up, all of its users wait, and nobody of another tenant."""
    async with opened(own_valkey.url, tmp_path, rate_limit_tenant="2/600") as house:
        assert (await as_user(house, ALICE)).status_code == 200
        assert (await as_user(house, BOB)).status_code == 200
        assert (await as_user(house, ALICE)).status_code == 429
        assert (await as_user(house, BOB)).status_code == 429
        other = await as_user(house, ALICE, GLOBEX)
        assert (other.status_code, left(other)["tenant"]) == (200, 1)
        # Who operates the installation uses up no tenant's share.
        named = {"x-tenant-id": str(ACME)}
        operator = await house.call("GET", PATH, READ, tenant=None, headers=named)
        assert (operator.status_code, set(left(operator))) == (200, {"platform"})


async def test_an_address_counts_before_sign_in(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Without sign-in, and with a token that is none, the address counts; whoever has signed in
    is not held up by it, and a repetition with an Idempotency-Key counts as well."""
    changed: dict[str, Any] = {"rate_limit_address": "3/600", "rate_limit_user": "2/600"}
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        assert left(await house.client.post("/auth/token", json=SIGN_IN)) == {"address": 2}
        forged = await house.client.get(PATH, headers={"authorization": "Bearer a.b.c"})
        assert (forged.status_code, left(forged)) == (401, {"address": 1})
        assert (await house.client.get(PATH)).status_code == 401
        for answer in (
            await house.client.get(PATH),
            await house.client.post("/auth/token", json=SIGN_IN),
        ):
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        sent: dict[str, Any] = {"json": {"name": "Rooms"}, "headers": {"idempotency-key": "one"}}
        path = "/resources/categories/"
        assert (await house.call("POST", path, "category:manage", **sent)).status_code == 200
        assert (await house.call("POST", path, "category:manage", **sent)).status_code == 200
        assert (await house.call("POST", path, "category:manage", **sent)).status_code == 429


async def test_mails_to_others_are_few(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Registering, a forgotten password and another address of one's own count together on the
    client's address; signing in does not, and neither do mails that somebody else has sent."""
    changed: dict[str, Any] = {"rate_limit_mail": "3/600", "trusted_proxies": "127.0.0.1"}
    ways = ("/auth/register", "/auth/password/forgot")
    async with opened(own_valkey.url, tmp_path, **changed) as house:

        async def mailed(address: str, path: str) -> httpx.Response:
            body = {"tenant": "acme", "email": f"{uuid4()}@people.test"}
            return await house.client.post(path, json=body, headers={"x-forwarded-for": address})

        house.peer.script = lambda _: Reply(202, {})
        for path in (*ways, ways[0]):
            assert (await mailed("203.0.113.1", path)).status_code == 202
        heard = len(house.peer.heard)
        for path in ways:
            answer = await mailed("203.0.113.1", path)
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
            assert left(answer)["mail"] == 0
        at_home = {"x-forwarded-for": "203.0.113.1"}
        another = {"email": "ada@people.test", "current_password": "correct horse battery"}
        asked = await house.call("POST", "/auth/email/change", json=another, headers=at_home)
        assert (asked.status_code, left(asked)["mail"]) == (429, 0)
        assert len(house.peer.heard) == heard
        assert (await mailed("203.0.113.2", ways[0])).status_code == 202
        house.peer.script = lambda _: Reply(200, {"access_token": "a"})
        signed_in = await house.client.post("/auth/token", json=SIGN_IN, headers=at_home)
        assert (signed_in.status_code, "mail" in left(signed_in)) == (200, False)


async def test_probes_and_keys_are_never_refused(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """/health, /ready and the public keys have no limit, and say of none."""
    async with opened(own_valkey.url, tmp_path, rate_limit_address="1/600") as house:
        house.peer.script = lambda _: Reply(200, {"migrated": True})
        for path in ("/health", "/ready", "/.well-known/jwks.json") * 3:
            answer = await house.client.get(path)
            assert answer.status_code == 200
            assert "ratelimit" not in answer.headers


async def test_no_interval_has_more_than_the_quota(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Asked without a pause until three windows are full, no window's length of time has more than
    the quota; after each that is full there is room again."""
    async with opened(own_valkey.url, tmp_path, rate_limit_user="20/1") as house:
        passed: list[tuple[float, float]] = []
        async with asyncio.timeout(60):
            while len(passed) < 61:
                sent = time.monotonic()
                if (await as_user(house, ALICE)).status_code == 200:
                    passed.append((sent, time.monotonic()))
        for (first, _), (_, last) in zip(passed, passed[20:], strict=False):
            assert last - first >= 1


async def test_retry_after_is_true(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """At once the next request is refused too; after the seconds that it says one passes."""
    async with opened(own_valkey.url, tmp_path, rate_limit_user="5/2") as house:
        while (refused := await as_user(house, ALICE)).status_code == 200:
            pass
        over = time.monotonic() + int(refused.headers["retry-after"])
        assert (await as_user(house, ALICE)).status_code == 429
        await eventually(lambda: time.monotonic() >= over, within_seconds=5, every=0.02)
        assert (await as_user(house, ALICE)).status_code == 200


async def test_keys_expire_and_tell_nothing(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """A key leads with its tenant, names no address, has thirteen fields at most, and is gone
    soon after its window."""
    changed: dict[str, Any] = {"rate_limit_address": "100/60", "rate_limit_user": "1000/1"}
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        await house.client.get(PATH)
        ends = time.monotonic() + 2.5
        while time.monotonic() < ends:
            await as_user(house, ALICE)
        keys = sorted([key.decode() async for key in house.peer.redis.scan_iter("limit:*")])
        (by_address,) = (key for key in keys if key.startswith(f"limit:{UUID(int=0)}:address:"))
        assert "127.0.0.1" not in by_address
        assert keys[1:] == [f"limit:{ACME}:tenant", f"limit:{ACME}:user:{ALICE}"]
        for key, longest in zip(keys, (70, 70, 1.2), strict=True):
            assert 0 < await house.peer.redis.pttl(key) <= longest * 1000
            length: Any = house.peer.redis.hlen(key)
            assert await length <= 13


async def test_limits_can_be_switched_off(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """RATE_LIMIT_ENABLED=false: nothing is counted, refused or said."""
    changed: dict[str, Any] = {"rate_limit_enabled": False, "rate_limit_user": "1/600"}
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        for _ in range(3):
            answer = await as_user(house, ALICE)
            assert (answer.status_code, "ratelimit" in answer.headers) == (200, False)
        assert [key async for key in house.peer.redis.scan_iter("limit:*")] == []


async def test_a_script_that_redis_forgot_is_told_again(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """After SCRIPT FLUSH, or a restart, the next request is counted all the same."""
    async with opened(own_valkey.url, tmp_path, rate_limit_user="9/600") as house:
        assert left(await as_user(house, ALICE))["user"] == 8
        await house.peer.redis.script_flush()
        assert left(await as_user(house, ALICE))["user"] == 7


async def test_without_redis_nobody_is_let_through(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """What cannot be counted is 503 at once; who is refused by their token hears that as before."""
    async with opened(own_valkey.url, tmp_path) as house:
        own_valkey.stop()
        await eventually(lambda: not house.parts.streams.alive, within_seconds=3)
        began = time.monotonic()
        answer = await as_user(house, ALICE)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert (await house.client.get(PATH)).status_code == 401
        # Promised within two seconds; the limiter adds no time-out of its own.
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("text", ["", "0/60", "10", "10/0", "10/60/2", "ten/60", "-1/60", "1/1e3"])
def test_a_limit_is_a_number_and_seconds(tmp_path: Path, text: str) -> None:
    """Anything else keeps the gateway from starting."""
    with pytest.raises(ValueError, match="a limit is written"):
        settings_for("redis://nowhere", tmp_path, rate_limit_user=text)


def test_the_limits_that_nobody_set(tmp_path: Path) -> None:
    """They leave room for a person who tries the system out with hundreds of requests at once."""
    quotas = GatewaySettings(
        _env_file=None, redis_url="", secret_key=SecretStr(""), jwt_jwks_file=tmp_path
    ).quotas
    assert quotas is not None
    assert min(quotas.address.count, quotas.tenant.count, quotas.caller.count) >= 1_000
