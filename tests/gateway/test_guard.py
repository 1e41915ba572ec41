"""The guard: what a body must be before anybody reads meaning into it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.gateway.house import House
from tests.gateway.signer import ACME

PATH = "/resources/"
CREATE = "resource:create"
ROOM = b'{"name":"Room","kind":"space"}'
JSON = {"content-type": "application/json"}

MALFORMED: dict[str, bytes] = {
    "half a body": b'{"name":',
    "not JSON": b"name=Room",
    "two values": b"{}{}",
    "a comma too many": b'{"name":"a",}',
    "NaN": b'{"capacity":NaN}',
    "Infinity": b'{"capacity":Infinity}',
    "a number beyond doubles": b'{"capacity":1e999}',
    "a number of 10,000 digits": b'{"capacity":' + b"9" * 10_000 + b"}",
    "invalid UTF-8": b'{"name":"\xff"}',
    "an overlong form": b'{"name":"\xc0\xaf"}',
    "UTF-16": '{"name":"a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"name":"a"}',
    "a raw NUL": b'{"name":"a\x00b"}',
    "an escaped NUL": b'{"name":"a\\u0000b"}',
    "an escaped NUL in a key": b'{"na\\u0000me":"a"}',
    "an escaped NUL deep inside": b'{"attributes":{"a":[{"b":"\\u0000"}]}}',
    "a raw control character": b'{"name":"a\x01b"}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "a lone low surrogate": b'{"name":"\\udc00"}',
    "a surrogate in UTF-8": b'{"name":"\xed\xa0\x80"}',
    "a key twice": b'{"name":"a","kind":"space","name":"b"}',
    "a key twice, deep inside": b'{"attributes":{"a":[{"b":1,"b":1}]}}',
    "a key twice, once escaped": b'{"name":"a","n\\u0061me":"b"}',
    "33 levels": b'{"attributes":' + b"[" * 32 + b"]" * 32 + b"}",
    "1,000 levels": b'{"attributes":' + b"[" * 1_000 + b"]" * 1_000 + b"}",
    "100,000 levels": b"[" * 100_000,
    "100,000 levels of objects": b'{"a":' * 100_000,
    # What is looked at more than once takes minutes here.
    "a string that is never closed": b'{"a":' + b"[" * 33 + b'"' + b'\\"' * 500_000,
    "a string that ends in an escape": b'{"a":' + b"[" * 33 + b'"' + b"\\" * 999_999,
    "a mebibyte of quotes": b'{"a":' + b"[" * 33 + b'"' * 1_000_000,
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_refused(house: House, body: bytes) -> None:
    """400 malformed_json with a detail, and nothing reaches a stream."""
    answer = await house.call("POST", PATH, CREATE, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["trace_id"]
    assert answer.json()["detail"]
    assert house.peer.heard == []


INVALID: dict[str, tuple[bytes, str]] = {
    "a list": (b"[]", "validation_failed"),
    "a string": (b'"a"', "validation_failed"),
    "null": (b"null", "validation_failed"),
    "a field too many": (b'{"name":"a","kind":"space","size":1}', "unknown_field"),
    "expected_version": (b'{"name":"a","kind":"space","expected_version":1}', "unknown_field"),
    "a number as text": (b'{"name":"a","kind":"space","capacity":"5"}', "validation_failed"),
    "true as a number": (b'{"name":"a","kind":"space","capacity":true}', "validation_failed"),
    "a zone of no map": (b'{"name":"a","kind":"space","timezone":"Moon"}', "unknown_timezone"),
    "nothing": (b"", "validation_failed"),
    "beyond 64 bits": (b'{"name":"a","kind":"space","capacity":1e300}', "validation_failed"),
}


@pytest.mark.parametrize(("body", "code"), INVALID.values(), ids=INVALID.keys())
async def test_an_invalid_body_is_refused(house: House, body: bytes, code: str) -> None:
    """400 with the code that says why, and the field."""
    answer = await house.call("POST", PATH, CREATE, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert house.peer.heard == []


ACCEPTED: dict[str, bytes] = {
    "plain": ROOM,
    "32 levels": b'{"name":"a","kind":"space","attributes":{"a":' + b"[" * 14 + b"]" * 14 + b"}}",
    "brackets in a string": b'{"name":"' + b"[{" * 60 + b'","kind":"space"}',
    "an escaped backslash before u0000": b'{"name":"a\\\\u0000","kind":"space"}',
    "a surrogate pair": b'{"name":"\\ud83d\\ude00","kind":"space"}',
    "spaces around": b"\n\t " + ROOM + b" \n",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_a_good_body_passes(house: House, body: bytes) -> None:
    """What looks odd and is valid is accepted."""
    answer = await house.call("POST", PATH, CREATE, content=body, headers=JSON)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json; charset=utf-8"}, 200),
        ({"content-type": "Application/JSON"}, 200),
        ({"content-type": "application/merge-patch+json"}, 200),
        ({"content-type": "application/json; charset=latin-1"}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": ""}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
        ({"content-type": "application/json", "content-encoding": "identity"}, 200),
    ],
    ids=str,
)
async def test_the_media_type_counts(house: House, headers: dict[str, str], status: int) -> None:
    """JSON, in UTF-8 and as it is, or 415."""
    answer = await house.call("POST", PATH, CREATE, content=ROOM, headers=headers)
    assert answer.status_code == status
    if status == 415:
        assert answer.json()["code"] == "unsupported_media_type"


async def test_a_body_over_a_mebibyte_is_too_large(house: House) -> None:
    """413 by the announced length, before anything is read."""
    body = b'{"name":"' + b"a" * 1_048_576 + b'"}'
    answer = await house.call("POST", PATH, CREATE, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_an_endless_body_is_not_read_to_its_end(house: House) -> None:
    """413 for a body of no announced length, as soon as it is too large."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = await house.call("POST", PATH, CREATE, content=endless(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert sent <= 1_048_576 + 2 * 65_536


async def test_a_body_that_trickles_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """400 after a while, and the end of the connection."""
    monkeypatch.setattr("gateway.edge.guard.BODY_WITHIN_SECONDS", 0.1)
    done = asyncio.Event()

    async def trickling() -> AsyncIterator[bytes]:
        yield b'{"name":'
        await done.wait()

    answer = await house.call("POST", PATH, CREATE, content=trickling(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert answer.headers["connection"] == "close"
    assert house.peer.heard == []


async def test_a_change_without_a_body_needs_no_media_type(house: House) -> None:
    """An action that has nothing to say sends nothing."""
    path = "/reservations/bookings/018f0000-0000-7000-8000-000000000001/extend-hold"
    answer = await house.call("POST", path, "booking:update:own")
    assert answer.status_code == 200


PARAMETERS: dict[str, tuple[str, str, str]] = {
    "unknown": ("surprise=1", "unknown_field", "surprise"),
    "the contract's own name": ("since=2026-01-01T00:00:00Z", "unknown_field", "since"),
    "twice": ("limit=1&limit=2", "validation_failed", "limit"),
    "no number": ("limit=ten", "validation_failed", "limit"),
    "a fraction": ("limit=1.5", "validation_failed", "limit"),
    "too many": ("limit=201", "validation_failed", "limit"),
    "none": ("limit=0", "validation_failed", "limit"),
    "a huge number": ("limit=" + "9" * 400, "validation_failed", "limit"),
    "no id": ("resource_id=x", "validation_failed", "resource_id"),
    "no status": ("status=gone", "validation_failed", "status.0"),
    "a naive instant": ("from=2026-01-01T00:00:00", "naive_datetime", "from"),
    "no instant": ("from=yesterday", "validation_failed", "from"),
    "a NUL": ("q=%00", "validation_failed", "q"),
    "a NUL in a cursor": ("cursor=%00", "validation_failed", "cursor"),
    "a cursor without end": ("cursor=" + "a" * 601, "validation_failed", "cursor"),
    "a text without end": ("q=" + "a" * 201, "validation_failed", "q"),
    "a year out of range": ("from=1999-12-31T23:59:59Z", "validation_failed", "from"),
}


@pytest.mark.parametrize(("query", "code", "field"), PARAMETERS.values(), ids=PARAMETERS.keys())
async def test_a_bad_parameter_is_refused(house: House, query: str, code: str, field: str) -> None:
    """400 with the code and the parameter's name."""
    answer = await house.call("GET", f"/reservations/bookings/?{query}", "booking:read:own")
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert house.peer.heard == []


@pytest.mark.parametrize("mark", ["%00", "%01", "%7F", "%C2%85"])
async def test_a_filter_by_attribute_is_clean(house: House, mark: str) -> None:
    """A control character in `key:value` is refused: no column could hold it."""
    answer = await house.call("GET", f"/resources/?attribute=floor:{mark}", "resource:read")
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
    assert answer.json()["errors"][0]["code"] == "control_character"
    assert house.peer.heard == []


async def test_parameters_are_utf8(house: House) -> None:
    """What is no percent-encoded UTF-8 is refused."""
    answer = await house.call("GET", "/reservations/bookings/?q=%ff", "booking:read:own")
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")


async def test_a_plus_sign_in_an_instant_survives(house: House) -> None:
    """An offset whose plus was not encoded is read as it was meant."""
    path = "/reservations/bookings/?from=2026-01-01T01:00:00+01:00"
    await house.call("GET", path, "booking:read:own")
    assert house.peer.last.data == b'{"from":"2026-01-01T00:00:00Z"}'


async def test_a_path_id_is_no_parameter(house: House) -> None:
    """What the path names cannot be named again."""
    path = "/resources/018f0000-0000-7000-8000-000000000001/availability"
    query = "?date=2026-01-01&resource_id=018f0000-0000-7000-8000-000000000002"
    answer = await house.call("GET", path + query, "availability:read")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PATCH", "settings", {"slot_interval_minutes": 1}, "slot_interval_minutes"),
        ("PATCH", "settings", {"business_hours": {"mon": 5}}, "business_hours.mon"),
        ("PATCH", "settings", {"tenant_id": "x"}, "tenant_id"),
        ("PUT", "labels", {"booking": 1}, "booking"),
        ("PUT", "branding", {"logo_url": "http://x"}, "logo_url"),
        ("POST", "closures", {"date": "never"}, "date"),
    ],
)
async def test_a_field_is_named_as_it_was_sent(
    house: House, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    """The wrapping that our commands have is not in the paths of errors."""
    answer = await house.call(
        method, f"/tenants/{ACME}/{path}", "tenant:update", "closure:manage", json=body
    )
    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert "patch" not in answer.json()["detail"]


async def test_a_booking_of_a_batch_expects_no_version(house: House) -> None:
    """The versions of what is not there yet are no field, in a batch as by itself."""
    times = {"starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}
    booking = {"resource_id": str(ACME), **times, "expected_version": 1}
    path = "/reservations/bookings/batch"
    answer = await house.call("POST", path, "booking:create:own", json={"bookings": [booking]})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert house.peer.heard == []


async def test_an_unsealable_secret_is_refused(house: House) -> None:
    """Text that looks sealed already is refused, for nobody could open it."""
    body = {"tenant": None, "email": "a@b.test", "password": "sealed:00000000:AAAA"}
    answer = await house.client.post("/auth/token", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
    assert house.peer.heard == []
