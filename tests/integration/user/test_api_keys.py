"""Keys of machines: made once, told to nobody again, and good until they are not."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import orjson

from contracts.user.api_keys import (
    ApiKeyCreate,
    ApiKeyDelete,
    ApiKeyEventState,
    ApiKeyList,
    ApiKeyMarkUsed,
    ApiKeyVerified,
    ApiKeyVerify,
    ApiKeyView,
    NewApiKeyView,
)
from contracts.user.commands import UserDelete
from contracts.wire.envelope import SYSTEM, Actor
from contracts.wire.identity import NIL, new_id
from contracts.wire.strict import rfc3339
from handlers.user import api_keys
from handlers.user.key_text import KeyText, parse
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.user.accounts import made
from tests.integration.user.conftest import Tenant
from tests.integration.user.machines import SCOPES, new_key, verified
from tests.integration.user.people import OWNER, PLATFORM
from tests.integration.user.test_founders import hear


async def test_a_key_is_shown_once(desk: Desk, salon: Tenant) -> None:
    """It stands in its creation's answer alone: sealed in the inbox, hashed in its row, and in no
    event and no list."""
    reply = await new_key(desk, salon)
    view = NewApiKeyView.model_validate_json(orjson.dumps(reply.body))
    listed = await desk.ask(ApiKeyList, salon.id, OWNER)
    (event,) = await desk.events(reply.body["id"])
    rows = await desk.rows("SELECT key_hash FROM api_key WHERE key_id = :id", id=view.id)

    assert reply.status == 201
    assert view.key.startswith("sk_")
    assert len(view.key) == 89
    assert view.prefix == view.key[:15]
    assert view.scopes == tuple(SCOPES)
    assert view.created_by == OWNER.label
    ApiKeyView.model_validate_json(orjson.dumps(listed.body["items"][0]))
    state = {name: value for name, value in event.data.items() if name != "changes"}
    ApiKeyEventState.model_validate_json(orjson.dumps(state))
    secret = view.key[45:]
    for told in (listed.body, event.data, event.fields):
        assert secret not in str(told)
    assert secret not in str(await desk.rows("SELECT reply, effects FROM inbox"))
    parsed = parse(view.key)
    assert parsed is not None
    assert len(parsed.secret) == 32
    raw = view.id.bytes + salon.id.bytes + parsed.secret
    assert bytes(rows[0][0]) == hashlib.sha256(raw).digest()


async def test_a_repetition_gets_the_same_key(desk: Desk, salon: Tenant) -> None:
    """Whoever lost the answer asks again with the same command, and it is the same key."""
    command_id = new_id()
    first, again = [
        await desk.ask(
            ApiKeyCreate, salon.id, OWNER, command_id=command_id, name="till", scopes=SCOPES
        )
        for _ in range(2)
    ]
    assert again.body == first.body
    assert again.replayed


async def test_whose_a_key_is(desk: Desk, salon: Tenant) -> None:
    """Tenant, id, scopes, networks and end, as they were said."""
    ends = rfc3339(datetime(2090, 1, 1, tzinfo=UTC))
    given = ["192.0.2.0/24", "2001:db8::/32", "203.0.113.7"]
    made_key = await new_key(desk, salon, cidrs=given, expires_at=ends)
    reply = await verified(desk, made_key.body["key"])
    found = ApiKeyVerified.model_validate_json(orjson.dumps(reply.body))

    assert (found.tenant_id, str(found.apikey_id)) == (salon.id, made_key.body["id"])
    assert found.scopes == tuple(SCOPES)
    assert found.cidrs == ("192.0.2.0/24", "2001:db8::/32", "203.0.113.7/32")
    assert reply.body["expires_at"] == ends


async def test_only_the_system_asks_about_keys(desk: Desk, salon: Tenant) -> None:
    """Neither an owner nor the platform gets to know, or to mark, by these messages."""
    key = (await new_key(desk, salon)).body
    for actor in (OWNER, PLATFORM):
        asked = await desk.ask(ApiKeyVerify, salon.id, actor, key=key["key"])
        marked = await desk.ask(ApiKeyMarkUsed, salon.id, actor, apikey_id=key["id"])
        assert code_of(asked) == code_of(marked) == (403, "forbidden")


async def test_a_wrong_key_is_unknown(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """Another secret, another tenant, another id, another spelling: the same 401."""
    text = (await new_key(desk, salon)).body["key"]
    key = parse(text)
    assert key is not None
    wrong = [
        KeyText(key.key_id, key.tenant_id, bytes(32)).text,
        KeyText(key.key_id, clinic.id, key.secret).text,
        KeyText(key.key_id, NIL, key.secret).text,
        KeyText(new_id(), key.tenant_id, key.secret).text,
        text[3:],
        text + "A",
        text[:-1] + chr(ord(text[-1]) ^ 1),
        "sk_" + "!" * 86,
        "",
    ]
    found = [code_of(await verified(desk, one)) for one in wrong]
    assert set(found) == {(401, "invalid_token")}
    assert (await verified(desk, text)).status == 200


async def test_a_deleted_key_is_over(desk: Desk, salon: Tenant) -> None:
    """Unknown from then on, hidden, with a tombstone for whoever still believes in it."""
    key = (await new_key(desk, salon)).body
    it = {"apikey_id": key["id"]}
    stale = await desk.ask(ApiKeyDelete, salon.id, OWNER, expected_version=3, **it)
    gone = await desk.ask(ApiKeyDelete, salon.id, OWNER, **it)
    (fact,) = desk.facts
    again = await desk.ask(ApiKeyDelete, salon.id, OWNER, **it)
    shown = await desk.ask(ApiKeyList, salon.id, OWNER)
    history = await desk.ask(ApiKeyList, salon.id, OWNER, include_deleted=True)
    hidden = await desk.ask(ApiKeyList, salon.id, _manager(), include_deleted=True)

    assert code_of(stale) == (412, "stale_version")
    assert (gone.status, gone.body) == (204, None)
    assert (fact.kind, str(fact.object_id), fact.body) == ("apikey", key["id"], None)
    assert code_of(await verified(desk, key["key"])) == (401, "invalid_token")
    assert code_of(again) == (404, "not_found")
    assert shown.body["items"] == []
    assert [item["id"] for item in history.body["items"]] == [key["id"]]
    assert code_of(hidden) == (403, "forbidden")
    types = [(event.type, event.sequence) for event in await desk.events(key["id"])]
    assert types == [("apikey.created", 1), ("apikey.deleted", 2)]


async def test_a_key_runs_out(desk: Desk, salon: Tenant) -> None:
    """At its end it is unknown; one that would have ended already is not made."""
    key = (await new_key(desk, salon, expires_at="2090-01-01T00:00:00Z")).body
    past = await new_key(desk, salon, expires_at="2020-01-01T00:00:00Z")
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE api_key SET expires_at = clock_timestamp() WHERE key_id = '{key['id']}'"
        )
    assert code_of(await verified(desk, key["key"])) == (401, "invalid_token")
    assert code_of(past) == (400, "validation_failed")
    assert errors_of(past) == {("expires_at", "in_the_past")}


async def test_keys_of_a_tenant_that_is_out_are_out(desk: Desk, salon: Tenant) -> None:
    """Suspended or deleted, until the tenant is back."""
    key = (await new_key(desk, salon)).body["key"]
    await hear(desk, salon.id, 2, slug=salon.slug, status="suspended")
    suspended = await verified(desk, key)
    await hear(desk, salon.id, 3, slug=salon.slug, status="active", deleted_at="2026-01-01")
    deleted = await verified(desk, key)
    await hear(desk, salon.id, 4, slug=salon.slug, status="active")
    assert code_of(suspended) == code_of(deleted) == (401, "invalid_token")
    assert (await verified(desk, key)).status == 200


async def test_a_key_outlives_its_maker(desk: Desk, salon: Tenant) -> None:
    """It is the tenant's: a machine goes on when somebody leaves, and says who had made its key."""
    eva = await made(desk, salon, "Eva", roles=["owner"])
    maker = Actor("user", eva["id"], ("owner",), OWNER.permissions)
    key = (await new_key(desk, salon, maker)).body
    await desk.ask(UserDelete, salon.id, OWNER, user_id=eva["id"])
    assert (await verified(desk, key["key"])).status == 200
    assert key["created_by"] == f"user:{eva['id']}"


async def test_the_last_use_is_written_once_a_minute(desk: Desk, salon: Tenant) -> None:
    """A verification says whether it is time; marking again within the minute changes nothing."""
    key = (await new_key(desk, salon)).body
    it = {"apikey_id": key["id"]}

    async def last_use() -> str | None:
        reply = await desk.ask(ApiKeyList, salon.id, OWNER)
        found: str | None = reply.body["items"][0]["last_used_at"]
        return found

    async def is_time() -> bool:
        return bool((await verified(desk, key["key"])).body["marks_use"])

    assert (await last_use(), await is_time()) == (None, True)
    await desk.ask(ApiKeyMarkUsed, salon.id, SYSTEM, **it)
    first = await last_use()
    assert first is not None
    assert not await is_time()
    await asyncio.gather(*(desk.ask(ApiKeyMarkUsed, salon.id, SYSTEM, **it) for _ in range(3)))
    assert await last_use() == first
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE api_key SET last_used_at = last_used_at - interval '1 minute'"
            f" WHERE key_id = '{key['id']}'"
        )
    assert await is_time()
    await desk.ask(ApiKeyMarkUsed, salon.id, SYSTEM, **it)
    assert (await last_use() or "") >= first
    assert len(await desk.events(key["id"])) == 1


def _manager() -> Actor:
    """Who manages keys without being an administrator."""
    return Actor("user", str(new_id()), ("it",), frozenset({"apikey:manage"}))


def test_a_minute_is_the_least_between_two_marks() -> None:
    """So a busy key costs one row and one command a minute."""
    assert timedelta(minutes=1) == api_keys.MARKED_EVERY
