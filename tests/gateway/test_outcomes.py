"""Outcomes that come late, never, or are asked for later; repetitions and preconditions."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.identity import command_id_for_key, command_id_for_object
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal, sealed
from contracts.wire.sealing import Keyring
from contracts.wire.streams import OPERATION_KEPT_MS, operation_key
from tests.gateway.house import SECRET, House, opened
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, ALICE

PATH = "/resources/categories/"
MANAGE = "category:manage"
ROOMS = {"name": "Rooms"}
ID = "018f0000-0000-7000-8000-000000000001"


async def created(house: House, body: dict[str, Any] | None = None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await house.call("POST", PATH, MANAGE, json=body or ROOMS, headers=named)


async def test_equal_keys_make_equal_commands(house: House) -> None:
    """The command's id follows from tenant, principal, method, route and Idempotency-Key."""
    await created(house, idempotency_key="k-1")
    await created(house, idempotency_key="k-1")
    await created(house, idempotency_key="k-2")
    ids = [envelope.id for envelope in house.peer.asked]
    expected = command_id_for_key(ACME, f"user:{ALICE}", "POST", "/resources/categories", "k-1")
    assert ids[:2] == [expected, expected]
    assert ids[2] != expected


async def test_equal_object_ids_make_equal_commands(house: House) -> None:
    """Without a key, the id that the caller gave the object makes the command's."""
    await created(house, {"id": ID, **ROOMS})
    route = "/resources/categories"
    assert house.peer.last.id == command_id_for_object(
        ACME, f"user:{ALICE}", "POST", route, UUID(ID)
    )


@pytest.mark.parametrize(
    ("path", "body", "route"),
    [
        ("overrides", {"id": ID, "date": "2026-12-24", "closed": True}, "/resources/{}/overrides"),
    ],
)
async def test_wrapped_object_ids_count_too(
    house: House, path: str, body: dict[str, Any], route: str
) -> None:
    """The id of an override makes the id of the command that creates it."""
    await house.call("POST", f"/resources/{ID}/{path}/", "resource:update", json=body)
    template = route.format("{resource_id}")
    expected = command_id_for_object(ACME, f"user:{ALICE}", "POST", template, UUID(ID))
    assert house.peer.last.id == expected


async def test_commands_without_key_or_id_are_all_different(house: House) -> None:
    """Two equal requests without key or id are two commands."""
    await created(house)
    await created(house)
    assert len({envelope.id for envelope in house.peer.asked}) == 2


async def test_the_fingerprint_is_of_the_request_as_received(house: House) -> None:
    """Equal requests have equal fingerprints; body, If-Match, path and method each change it."""
    one, other = f"{PATH}{ID}", f"{PATH}018f0000-0000-7000-8000-000000000002"
    for method, path, body, headers in (
        ("PATCH", one, b'{"name":"a"}', {}),
        ("PATCH", f"{one}/", b'{"name":"a"}', {}),
        ("PATCH", one, b'{"name": "a"}', {}),
        ("PATCH", one, b'{"name":"a"}', {"if-match": '"1"'}),
        ("PATCH", other, b'{"name":"a"}', {}),
        ("DELETE", one, b"", {}),
    ):
        sent = {"content-type": "application/json", **headers}
        await house.call(method, path, MANAGE, content=body, headers=sent)
    prints = [envelope.fingerprint for envelope in house.peer.asked]
    assert prints[0] == prints[1]
    assert len(set(prints[1:])) == 5


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "k" * 256, "\xe9"])
async def test_a_key_is_visible_ascii(house: House, key: str) -> None:
    """Anything but 1 to 255 visible ASCII characters is 400 invalid_idempotency_key."""
    headers = {b"idempotency-key": key.encode("latin-1")}
    bearer = house.signer.bearer(MANAGE)["authorization"].encode()
    answer = await house.client.post(
        PATH, json=ROOMS, headers={**headers, b"authorization": bearer}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
    assert house.peer.heard == []


async def test_a_key_of_a_stranger_says_nothing(house: House) -> None:
    """Sign-in ignores Idempotency-Key, and leaves nothing to ask for."""
    body = {"tenant": "acme", "email": "a@b.test", "password": "x"}
    for key in ("k-1", "k-1", "k" * 300):
        await house.client.post("/auth/token", json=body, headers={"idempotency-key": key})
    ids = {envelope.id for envelope in house.peer.asked}
    assert len(ids) == 3
    for identity in ids:
        assert not await house.peer.redis.exists(operation_key(identity))


async def test_answers_to_one_key_are_not_mixed(house: House) -> None:
    """Requests with one key and different bodies, at once, each get the answer to their own."""

    def by_name(asked: Envelope) -> Reply:
        name = orjson.loads(asked.data)["name"]
        if name == "Rooms 0":
            return Reply(200, {"name": name})
        return refusal(Problem(code="idempotency_key_reused", detail=name), "a" * 32)

    house.peer.script = by_name
    answers = await asyncio.gather(
        *(created(house, {"name": f"Rooms {n}"}, idempotency_key="one") for n in range(50))
    )
    assert len({envelope.id for envelope in house.peer.asked}) == 1
    assert answers[0].json() == {"name": "Rooms 0"}
    for number, answer in enumerate(answers[1:], 1):
        assert (answer.status_code, answer.json()["detail"]) == (422, f"Rooms {number}")


async def test_a_replayed_answer_says_so(house: House) -> None:
    """Idempotency-Replayed stands on a repetition, refusals included, and not on a first."""
    house.peer.script = lambda _: Reply(201, {"id": ID, "version": 1}, replayed=True)
    assert (await created(house)).headers["idempotency-replayed"] == "true"
    problem = {"code": "name_in_use", "detail": "", "errors": [], "trace_id": "t"}
    house.peer.script = lambda _: Reply(409, problem=problem, replayed=True)
    refused = await created(house)
    assert refused.headers["idempotency-replayed"] == "true"
    assert refused.json()["trace_id"] == "t"
    house.peer.script = lambda _: Reply(201, {"id": ID})
    assert "idempotency-replayed" not in (await created(house)).headers


async def test_a_created_object_has_a_place(house: House) -> None:
    """201 names where the new object can be read, and its ETag."""
    house.peer.script = lambda _: Reply(201, {"id": ID, "version": 1})
    answer = await created(house)
    assert answer.headers["location"] == f"{PATH}{ID}"
    assert answer.headers["etag"] == '"1"'


async def test_no_content_has_no_body(house: House) -> None:
    """204 comes without a body."""
    house.peer.script = lambda _: Reply(204)
    answer = await house.call("DELETE", f"{PATH}{ID}", MANAGE)
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_sealed_reply_is_opened(house: House) -> None:
    """Tokens travel sealed, and arrive in the open."""
    tokens = Reply(200, {"access_token": "a"})
    house.peer.script = lambda _: sealed(tokens.encode(), Keyring(SECRET))
    body = {"tenant": "acme", "email": "a@b.test", "password": "x"}
    answer = await house.client.post("/auth/token", json=body)
    assert answer.json() == {"access_token": "a"}


async def test_a_code_of_a_later_version_is_an_internal_error(house: House) -> None:
    """A problem that this version does not know is 500, and still a problem."""
    house.peer.script = lambda _: Reply(409, problem={"code": "from_the_future", "trace_id": "t"})
    answer = await created(house)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


async def test_retry_after_is_the_handlers(house: House) -> None:
    """What a refusal says of when to try again stands in Retry-After; otherwise 1 second."""
    late = Problem(code="unavailable", extra={"retry_after": 7})
    house.peer.script = lambda _: refusal(late, "a" * 32)
    assert (await created(house)).headers["retry-after"] == "7"
    house.peer.script = lambda _: refusal(Problem(code="unavailable"), "a" * 32)
    assert (await created(house)).headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("if_match", "version"), [('"3"', 3), ("*", None), (' "3" ', 3), ("", None)]
)
async def test_if_match_is_the_expected_version(
    house: House, if_match: str, version: int | None
) -> None:
    """A strong ETag becomes the version that the command expects."""
    headers = {"if-match": if_match}
    await house.call("PATCH", f"{PATH}{ID}", MANAGE, json=ROOMS, headers=headers)
    assert orjson.loads(house.peer.last.data).get("expected_version") == version


@pytest.mark.parametrize("if_match", ["3", 'W/"3"', '"3", "4"', '"abc"', '"-1"', '"' + "9" * 30])
async def test_a_malformed_if_match_is_stale(house: House, if_match: str) -> None:
    """No version can be what it says: 412."""
    headers = {"if-match": if_match}
    answer = await house.call("PATCH", f"{PATH}{ID}", MANAGE, json=ROOMS, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")


async def test_a_creation_heeds_no_if_match(house: House) -> None:
    """What does not exist has no version."""
    await created(house, if_match='"3"')
    assert "expected_version" not in orjson.loads(house.peer.last.data)


@pytest.mark.parametrize("prefer", ["respond-async", "wait=10, Respond-Async"])
async def test_respond_async_is_accepted_at_once(house: House, prefer: str) -> None:
    """202 with a place to ask, before anybody has done anything; worth doing for a day."""
    house.peer.script = lambda _: None
    answer = await created(house, prefer=prefer)
    (asked,) = await house.peer.hears(1)
    place = f"/operations/resource/{asked.id}"
    assert (answer.status_code, answer.headers["location"]) == (202, place)
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.json() == {"id": str(asked.id), "context": "resource", "state": "pending"}
    assert asked.ttl_ms == 86_400_000


async def test_whoever_sent_a_command_is_remembered(house: House) -> None:
    """Beside the entry stands whose it is, for as long as an outcome can be asked for."""
    await created(house)
    key = operation_key(house.peer.last.id)
    told = orjson.loads(await house.peer.redis.get(key) or b"")
    assert told == {
        "tenant": str(ACME),
        "actor": f"user:{ALICE}",
        "ttlms": 25_000,
        "context": "resource",
        "fingerprint": house.peer.last.fingerprint,
    }
    left = await house.peer.redis.pttl(key)
    assert OPERATION_KEPT_MS - 60_000 < left <= OPERATION_KEPT_MS


@pytest.fixture
async def hasty(own_valkey: ValkeyServer, tmp_path: Any) -> Any:
    """A gateway that waits for a tenth of a second, for two requests of a tenant at most."""
    changed: dict[str, Any] = {"request_timeout_seconds": 0.1, "tenant_in_flight_max": 2}
    return opened(own_valkey.url, tmp_path, instance_name="hasty", **changed)


async def test_a_late_outcome_is_accepted(hasty: Any) -> None:
    """A change whose outcome does not come in time is 202 with the place to ask."""
    async with hasty as house:
        house.peer.script = lambda _: None
        answer = await created(house)
        place = f"/operations/resource/{house.peer.last.id}"
        assert (answer.status_code, answer.headers["location"]) == (202, place)


async def test_a_late_answer_is_a_timeout(hasty: Any) -> None:
    """A question that is not answered in time is 503 timeout; sign-in too, as nothing is kept."""
    async with hasty as house:
        house.peer.script = lambda _: None
        asked = await house.call("GET", PATH, "resource:read")
        body = {"tenant": "acme", "email": "a@b.test", "password": "x"}
        signed_in = await house.client.post("/auth/token", json=body)
        for answer in (asked, signed_in):
            assert (answer.status_code, answer.json()["code"]) == (503, "timeout")
            assert answer.headers["retry-after"] == "1"


async def test_a_tenant_has_its_share(hasty: Any) -> None:
    """Above a tenant's share the excess gets 503 overloaded at once."""
    async with hasty as house:
        house.peer.script = lambda _: None
        answers = await asyncio.gather(*(created(house) for _ in range(5)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [202, 202, 503, 503, 503]
        excess = next(answer for answer in answers if answer.status_code == 503)
        assert (excess.json()["code"], excess.headers["retry-after"]) == ("overloaded", "1")
        assert (await created(house)).status_code == 202


async def test_a_reply_that_is_none_is_skipped(house: House) -> None:
    """An entry on the reply stream that cannot be read stops nobody."""
    await house.peer.redis.xadd("replies.gateway-1", {"what": "ever"})
    await house.peer.redis.xadd("replies.gateway-1", {b"specversion": b"1.0", b"data": b"\xff"})
    assert (await created(house)).status_code == 200


async def test_a_lost_reply_stream_is_read_again(house: House) -> None:
    """Where the reply stream was deleted, the next reply still arrives."""
    for _ in range(5):
        await house.peer.forget_replies("gateway-1")
        assert (await created(house)).status_code == 200
