"""Whether a caller still stands: what became of their roles since their token was signed."""

from uuid import UUID

import orjson
import pytest

from contracts.wire.access import ACCESS_TOKEN_SECONDS
from contracts.wire.envelope import KEY_ROLE, Actor, ActorKind, Envelope
from contracts.wire.identity import NIL, new_id
from contracts.wire.problems import Problem
from contracts.wire.streams import known_key
from handlers.delivery.standing import CHANGED, NO_KEY, NO_TENANT, Standing
from storage.delivery.known import Fact, KnownObjects
from tests.gateway.server import ValkeyServer
from tests.integration.patience import patient_client

BUILT_IN = {"customer": frozenset({"booking:create:own"})}


def caller(*permissions: str, roles: tuple[str, ...] = ("customer", "clerk")) -> Actor:
    return Actor("user", str(new_id()), roles, frozenset(permissions))


async def problem(known: KnownObjects, tenant_id: UUID, actor: Actor) -> Problem | None:
    """What a process that sees this caller for the first time finds."""
    standing = Standing(known, None, BUILT_IN)
    envelope = Envelope(new_id(), "booking.list", "tests", b"{}", tenant_id=tenant_id, actor=actor)
    return await standing.problem(envelope, "reservation")


async def know(known: KnownObjects, tenant_id: UUID, version: int, **roles: list[str]) -> None:
    body = orjson.dumps({"version": version, "roles": roles})
    await known.remember(Fact(tenant_id, "roles", tenant_id, version, body))


@pytest.mark.parametrize(
    ("roles", "stands"),
    [
        ({"clerk": ["report:read"]}, True),
        ({"clerk": ["report:read", "booking:create:own"]}, True),
        ({"clerk": ["report:read"], "other": ["audit:read"]}, True),
        ({"clerk": ["report:read", "audit:read"]}, False),
        ({"clerk": []}, False),
        ({}, False),
    ],
)
async def test_a_token_stands_while_its_roles_allow_what_it_says(
    known: KnownObjects, roles: dict[str, list[str]], stands: bool
) -> None:
    """A role that was widened, narrowed or deleted ends the tokens of those who hold it."""
    tenant_id = new_id()
    await know(known, tenant_id, 1, **roles)
    found = await problem(known, tenant_id, caller("booking:create:own", "report:read"))
    assert found == (None if stands else CHANGED)


async def test_where_no_role_has_changed_the_token_is_believed(known: KnownObjects) -> None:
    """Without a fact about the tenant's roles, and for those who hold built-in roles alone."""
    tenant_id = new_id()
    assert await problem(known, tenant_id, caller("report:read")) is None
    await know(known, tenant_id, 1, clerk=["audit:read"])
    odd = caller("whatever", roles=("customer",))
    assert await problem(known, tenant_id, odd) is None


async def test_the_next_token_is_not_taken_for_the_last_one(known: KnownObjects) -> None:
    """What was found of one token is not said of another one of the same user."""
    tenant_id, user_id = new_id(), str(new_id())
    standing = Standing(known, None, BUILT_IN)
    await know(known, tenant_id, 1, clerk=["audit:read"])
    for permission, expected in (("report:read", CHANGED), ("audit:read", None)):
        actor = Actor("user", user_id, ("clerk",), frozenset({permission}))
        envelope = Envelope(new_id(), "x", "tests", b"{}", tenant_id=tenant_id, actor=actor)
        assert await standing.problem(envelope, "reservation") == expected


async def test_a_deleted_key_is_out(known: KnownObjects) -> None:
    """The tombstone of a key ends it; a publisher of the same name is no key."""
    tenant_id, key_id = new_id(), new_id()
    key = Actor("service", str(key_id), (KEY_ROLE,), frozenset())
    publisher = Actor("service", str(key_id), ("service",), frozenset())
    assert await problem(known, tenant_id, key) is None
    await known.remember(Fact(tenant_id, "apikey", key_id, 2, None))
    assert await problem(known, tenant_id, key) == NO_KEY
    assert await problem(known, tenant_id, publisher) is None


@pytest.mark.parametrize("kind", ["user", "session", "roles", "apikey"])
async def test_what_ends_a_token_is_known_as_long_as_it_lives(
    cache: ValkeyServer, kind: str
) -> None:
    """However short a time other facts are kept for: who is not in the cache is let in."""
    tenant_id, object_id = new_id(), new_id()
    async with patient_client(cache.url) as client:
        brief = KnownObjects(client, 1)
        await brief.remember(Fact(tenant_id, kind, object_id, 1, None))
        await brief.remember(Fact(tenant_id, "settings", tenant_id, 1, b"{}"))
        kept = await client.pttl(known_key(tenant_id, kind, object_id))
        other = await client.pttl(known_key(tenant_id, "settings", tenant_id))
    assert kept > ACCESS_TOKEN_SECONDS * 1000
    assert other <= 1000


@pytest.mark.parametrize(
    ("kind", "of_deleted", "stands"),
    [("platform", True, True), ("platform", False, False), ("user", True, False)],
)
async def test_of_a_deleted_tenant_the_platform_reads_some_things(
    known: KnownObjects, kind: ActorKind, of_deleted: bool, stands: bool
) -> None:
    """What is left to be read of one, and by nobody of its own; who is out themselves stays out."""
    tenant_id, person = new_id(), str(new_id())
    await known.remember(Fact(tenant_id, "settings", tenant_id, 2, None))
    actor = Actor(kind, person, ("owner",), frozenset())
    envelope = Envelope(new_id(), "x", "tests", b"{}", tenant_id=tenant_id, actor=actor)
    found = await Standing(known, None).problem(envelope, "billing", of_deleted=of_deleted)
    assert found == (None if stands else NO_TENANT)
    home = NIL if kind == "platform" else tenant_id
    await known.remember(Fact(home, "user", UUID(person), 2, None))
    found = await Standing(known, None).problem(envelope, "billing", of_deleted=of_deleted)
    assert found == (CHANGED if stands else NO_TENANT)
