"""Signing in: what a token says, who is let in, and that nobody learns why not."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.user import commands, queries
from contracts.user.views import MeView, TokenView
from contracts.wire.envelope import ANONYMOUS, SYSTEM, Actor
from contracts.wire.identity import NIL, new_id
from domain.user.roles import BUILT_IN_ROLES, PLATFORM_PERMISSIONS
from handlers.delivery.work import Unavailable
from handlers.user import passwords
from handlers.user.passwords import PasswordPool
from tests.integration.desk import Desk, code_of
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.door import refresh, sign_in
from tests.integration.user.people import OWNER, person

ADMIN: dict[str, Any] = {
    "email": "root@platform.example",
    "password": "a password for the platform",
}


# A deadline for threads to start and to end.
SOON = 60.0


async def test_an_access_token_says_who_and_what(
    desk: Desk, salon: Tenant, public_key: Ed25519PublicKey
) -> None:
    """Header and claims are those that verifiers know, signed by Ed25519, for ten minutes."""
    reply = await sign_in(desk, salon)
    view = TokenView.model_validate_json(orjson.dumps(reply.body))
    header = jwt.get_unverified_header(view.access_token)
    claims = jwt.decode(
        view.access_token,
        public_key,
        algorithms=["EdDSA"],
        audience="slotstream",
        issuer="slotstream",
    )

    assert set(header) == {"alg", "typ", "kid"}
    assert (header["alg"], header["typ"]) == ("EdDSA", "at+jwt")
    assert set(claims) == {
        *("iss", "aud", "sub", "tid", "sid", "scope", "roles", "iat", "nbf", "exp", "jti")
    }
    assert (claims["sub"], claims["tid"]) == (str(salon.owner_id), str(salon.id))
    assert claims["roles"] == ["owner"]
    assert set(claims["scope"].split()) == set(BUILT_IN_ROLES["owner"])
    assert claims["exp"] - claims["iat"] == view.expires_in == 600
    assert view.scope == claims["scope"]


async def test_wrong_anything_is_one_answer(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """Unknown or other tenant, unknown address, wrong or no password: the same refusal."""
    await desk.ask(
        commands.UserCreate, salon.id, OWNER, email="nopass@people.example", name="No password"
    )
    replies = [
        await sign_in(desk, salon, tenant="no-such-slug"),
        await sign_in(desk, salon, tenant=clinic.slug),
        await sign_in(desk, salon, tenant=None),
        await sign_in(desk, salon, tenant=""),
        await sign_in(desk, salon, email="nobody@people.example"),
        await sign_in(desk, salon, email="not an address"),
        await sign_in(desk, salon, email="nopass@people.example"),
        await sign_in(desk, salon, password="grapes on the window sills"),
        await sign_in(desk, salon, password=""),
    ]
    assert all(reply.problem == replies[0].problem for reply in replies)
    assert code_of(replies[0]) == (401, "invalid_credentials")


async def test_the_address_is_read_without_case(desk: Desk, salon: Tenant) -> None:
    """Signing in compares addresses as creation does."""
    assert (await sign_in(desk, salon, email=salon.owner_email.upper())).status == 200


async def test_no_reply_of_a_sign_in_is_kept(desk: Desk, salon: Tenant) -> None:
    """The inbox row of a sign-in has no reply, and nothing stored holds a token."""
    command = new_id()
    given = {"tenant": salon.slug, "email": salon.owner_email, "password": PASSWORD}
    reply = await desk.ask(commands.AuthToken, None, ANONYMOUS, command_id=command, **given)
    kept = await desk.rows("SELECT state, reply FROM inbox WHERE command_id = :id", id=command)

    assert [tuple(row) for row in kept] == [("done", '{"status":200,"wiped":true}')]
    raw = base64.urlsafe_b64decode(reply.body["refresh_token"] + "==")
    hashes = await desk.rows(
        "SELECT token_hash FROM refresh_token WHERE tenant_id = :t", t=salon.id
    )
    assert raw not in [bytes(row[0]) for row in hashes]


async def test_an_inactive_user_is_out(desk: Desk, salon: Tenant) -> None:
    """Deactivated or deleted, one can neither sign in nor refresh."""
    for command in ("deactivate", "delete"):
        bia = await desk.ask(
            commands.UserCreate,
            salon.id,
            OWNER,
            email=f"{command}@people.example",
            name="Bia",
            password=PASSWORD,
        )
        email = {"email": f"{command}@people.example"}
        tokens = (await sign_in(desk, salon, **email)).body
        it = {"user_id": bia.body["id"]}
        if command == "delete":
            await desk.ask(commands.UserDelete, salon.id, OWNER, **it)
        else:
            await desk.ask(commands.UserUpdate, salon.id, OWNER, active=False, **it)
        assert code_of(await refresh(desk, tokens["refresh_token"])) == (401, "invalid_token")
        assert code_of(await sign_in(desk, salon, **email)) == (401, "invalid_credentials")


async def test_the_caller_is_told_who_they_are(desk: Desk, salon: Tenant) -> None:
    """`auth.me` answers from the database; for nobody, a machine or one who is gone it is 401."""
    reply = await desk.ask(queries.AuthMe, salon.id, person("customer", salon.owner_id))
    me = MeView.model_validate_json(orjson.dumps(reply.body))

    assert (me.kind, me.tenant_id, me.email) == ("user", salon.id, salon.owner_email)
    assert set(me.permissions) == set(BUILT_IN_ROLES["owner"])
    for actor in (ANONYMOUS, Actor("service", "erp"), person("owner"), person("owner", "me")):
        assert code_of(await desk.ask(queries.AuthMe, salon.id, actor)) == (401, "unauthorized")


async def test_the_platform_signs_in_without_a_tenant(
    desk: Desk, salon: Tenant, public_key: Ed25519PublicKey
) -> None:
    """Made once however often it is asked for; its token has every permission and no `tid`."""
    for status in (201, 200):
        made = await desk.ask(commands.UserEnsurePlatformAdmin, None, SYSTEM, **ADMIN)
        assert (made.status, made.body) == (status, {})
    weak = await desk.ask(
        commands.UserEnsurePlatformAdmin, None, email="other@platform.example", password="short"
    )
    reply = await sign_in(desk, salon, tenant=None, **ADMIN)
    claims = jwt.decode(
        reply.body["access_token"], public_key, algorithms=["EdDSA"], audience="slotstream"
    )
    admin = Actor("platform", claims["sub"], ("platform_admin",), PLATFORM_PERMISSIONS)
    me = await desk.ask(queries.AuthMe, salon.id, admin)
    found = await desk.rows(
        "SELECT count(*) FROM account WHERE tenant_id = :nil AND email = :it",
        nil=NIL,
        it=ADMIN["email"],
    )

    assert code_of(weak) == (400, "invalid_password")
    assert found[0][0] == 1
    assert "tid" not in claims
    assert set(claims["scope"].split()) == PLATFORM_PERMISSIONS
    assert (me.body["kind"], me.body["tenant_id"]) == ("platform", None)
    assert (await refresh(desk, reply.body["refresh_token"])).status == 200
    assert (await sign_in(desk, salon, **ADMIN)).status == 401


async def test_more_sign_ins_than_the_queue_holds_are_put_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond the queue the answer is Unavailable at once, and the pool goes on afterwards."""
    monkeypatch.setattr(passwords, "LONGEST_QUEUE", 0)
    pool = PasswordPool()
    opened = threading.Event()
    started = threading.Barrier(passwords.THREADS + 1)

    def occupy() -> None:
        started.wait(SOON)
        opened.wait(SOON)

    with ThreadPoolExecutor(1) as waiter:
        busy = [pool._threads.submit(occupy) for _ in range(passwords.THREADS)]
        waiter.submit(started.wait, SOON).result()
        pool._waiting = passwords.THREADS
        with pytest.raises(Unavailable):
            await pool.verify(PASSWORD, None)
        opened.set()
        for one in busy:
            one.result(SOON)
    pool._waiting = 0
    assert await pool.verify(PASSWORD, await pool.hash(PASSWORD))


async def test_new_passwords_leave_room_for_sign_ins() -> None:
    """Whoever sets one waits in half of the queue; the other half is kept for those who sign in."""
    pool = PasswordPool()
    pool._waiting = passwords.LONGEST_FOR_NEW + passwords.THREADS
    with pytest.raises(Unavailable):
        await pool.hash(PASSWORD)
    assert not await pool.verify(PASSWORD, None)
    pool._waiting -= 1
    assert await pool.verify(PASSWORD, await pool.hash(PASSWORD))
