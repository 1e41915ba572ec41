"""The conventions of http-api: problems, idempotency, versions, operations, lists."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from tests.e2e.house import House, Person, at, day_ahead, rfc
from tests.installation import Installation
from tests.waiting import wait_until

START = at(day_ahead(), 10)


def booking_body(resource: str) -> dict[str, object]:
    end = START + timedelta(hours=1)
    return {"resource_id": resource, "starts_at": rfc(START), "ends_at": rfc(end)}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "malformed_json"),
        (b"[]", "validation_failed"),
        (b'{"resource_id": "x"}', "validation_failed"),
        (b'{"surprise": 1, "starts_at": "2030-01-01T10:00:00Z"}', "unknown_field"),
        (b'{"starts_at": "2030-01-01T10:00:00", "ends_at": "2030-01-01T11:00:00Z"}',
         "naive_datetime"),
        (b'{"a": 1, "a": 2}', "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
        (b'{"notes": "\\u0000"}', "malformed_json"),
        (b"[" * 2000 + b"]" * 2000, "malformed_json"),
    ],
)  # fmt: skip
def test_malformed_bodies_are_problems(house: House, content: bytes, code: str) -> None:
    """400, problem+json with a trace id, and nothing is lost or broken by it."""
    answer = house.owner.request(
        "POST",
        "/reservations/bookings/",
        content=content,
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert len(answer.json()["trace_id"]) == 32


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Factory"])
def test_unknown_zones_are_refused(house: House, zone: str) -> None:
    """unknown_timezone in settings, and in an availability request."""
    answer = house.owner.patch(f"/tenants/{house.id}/settings", {"timezone": zone})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_timezone")
    resource = house.resource()
    asked = house.owner.get(f"/resources/{resource}/availability", date="2030-01-01", timezone=zone)
    assert (asked.status_code, asked.json()["code"]) == (400, "unknown_timezone")


def test_one_key_is_one_outcome(house: House) -> None:
    """The same answer to the byte and a header that says so; another body is 422."""
    house.open_always()
    body = booking_body(house.resource())
    key = str(uuid4())
    first = house.owner.post("/reservations/bookings/", body, Idempotency_Key=key)
    second = house.owner.post("/reservations/bookings/", body, Idempotency_Key=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    other = house.owner.post("/reservations/bookings/", {**body, "notes": "x"}, Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    lost = house.owner.post("/reservations/bookings/", body, Idempotency_Key=str(uuid4()))
    assert lost.status_code == 409


async def test_fifty_at_once_with_one_key_are_one_booking(house: House) -> None:
    """All get the same body, also those that asked while the first still ran."""
    house.open_always()
    body = booking_body(house.resource())
    headers = {"Authorization": f"Bearer {house.owner.token}", "Idempotency-Key": str(uuid4())}
    async with httpx.AsyncClient(base_url=house.base_url, timeout=30) as client:
        answers = await asyncio.gather(
            *(client.post("/reservations/bookings/", json=body, headers=headers) for _ in range(50))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


def test_a_refusal_is_an_outcome_too(house: House) -> None:
    """A 409 is replayed to the byte, trace id included."""
    house.open_always()
    body = booking_body(house.resource())
    house.owner.post("/reservations/bookings/", body)
    key = str(uuid4())
    first = house.owner.post("/reservations/bookings/", body, Idempotency_Key=key)
    second = house.owner.post("/reservations/bookings/", body, Idempotency_Key=key)
    assert first.status_code == second.status_code == 409
    assert first.content == second.content


def test_ids_given_by_the_caller(house: House) -> None:
    """The same id and body answers as the first; another body is 422; another key is id_in_use."""
    house.open_always()
    body = {**booking_body(house.resource()), "id": str(uuid4())}
    first = house.owner.post("/reservations/bookings/", body)
    again = house.owner.post("/reservations/bookings/", body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == body["id"]
    assert first.content == again.content
    changed = house.owner.post("/reservations/bookings/", {**body, "notes": "other"})
    assert changed.json()["code"] == "idempotency_key_reused"
    keyed = house.owner.post("/reservations/bookings/", body, Idempotency_Key="another")
    assert (keyed.status_code, keyed.json()["code"]) == (409, "id_in_use")


def test_versions_and_if_match(house: House) -> None:
    """A stale If-Match is 412 and changes nothing; the right one goes through."""
    resource = house.resource()
    path = f"/resources/{resource}"
    stale = house.owner.patch(path, {"name": "Sofa"}, If_Match='"7"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    right = house.owner.patch(path, {"name": "Sofa"}, If_Match='"1"')
    assert (right.status_code, right.headers["etag"]) == (200, '"2"')
    same = house.owner.patch(path, {"name": "Sofa"})
    assert same.json()["version"] == 2


def test_an_asynchronous_change_has_an_operation(house: House) -> None:
    """202 with a Location, and the outcome there; another caller does not see it."""
    house.open_always()
    body = booking_body(house.resource())
    answer = house.owner.post("/reservations/bookings/", body, Prefer="respond-async")
    assert answer.status_code == 202
    where = answer.headers["location"]
    assert where.startswith("/operations/reservation/")

    def settled() -> dict[str, object] | None:
        found = house.owner.get(where).json()
        return found if found["state"] != "pending" else None

    operation = wait_until(settled, 10)
    assert operation is not None
    assert (operation["state"], operation["http_status"]) == ("succeeded", 201)
    assert house.person("customer").get(where).status_code == 404
    assert house.owner.get(f"/operations/reservation/{uuid4()}").status_code == 404
    assert house.owner.get(f"/operations/nowhere/{uuid4()}").status_code == 404


def test_lists_are_pages(house: House) -> None:
    """`limit` and `cursor` walk through everything once; a foreign cursor is refused."""
    house.open_always()
    resource = house.resource()
    made = [house.book(house.owner, resource, at(day_ahead(), hour)).json()["id"]
            for hour in range(8, 13)]  # fmt: skip
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2, "resource_id": resource} | ({"cursor": cursor} if cursor else {})
        page = house.owner.get("/reservations/bookings/", **params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made
    bad = house.owner.get("/reservations/bookings/", cursor="AAAA")
    assert (bad.status_code, bad.json()["code"]) == (400, "invalid_cursor")


def test_nothing_of_another_tenant_is_there(house: House, other: House) -> None:
    """Ids of another tenant are the 404 of an id that nobody has."""
    house.open_always()
    other.open_always()
    theirs = other.resource()
    booking = other.book(other.owner, theirs, START).json()["id"]
    for path in (
        f"/resources/{theirs}",
        f"/reservations/bookings/{booking}",
        f"/reservations/bookings/{booking}/history",
        f"/users/{other.owner.id}",
        f"/tenants/{other.id}",
        f"/tenants/{other.id}/settings",
    ):
        answer = house.owner.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert house.book(house.owner, theirs, START).status_code == 404
    cancel = house.owner.post(f"/reservations/bookings/{booking}/cancel", {})
    assert cancel.status_code == 404
    named = house.owner.request("GET", "/resources/", headers={"X-Tenant-ID": other.id})
    assert named.status_code == 404


def test_what_has_no_signature_has_no_access(installation: Installation, house: House) -> None:
    """401 without a token or with a spoilt one, 404 and 405 as problems."""
    nobody = Person(installation.base_url)
    assert nobody.get("/resources/").json()["code"] == "unauthorized"
    head, body, _ = house.owner.token.split(".")
    spoilt = Person(installation.base_url, f"{head}.{body}.AAAA")
    assert spoilt.get("/resources/").json()["code"] == "invalid_token"
    nowhere = house.owner.get("/nowhere")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    wrong = house.owner.delete("/reservations/bookings/")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


def test_health_and_readiness(installation: Installation) -> None:
    """Alive, and ready once every context answers."""
    nobody = Person(installation.base_url)
    assert nobody.get("/health").status_code == 200
    assert nobody.get("/ready").status_code == 200


def test_who_finds_it_ready_can_sign_in() -> None:
    """On fresh data: ready means that the platform administrator is there, too."""
    with_nothing = Installation({"RATE_LIMIT_ENABLED": "false"})
    try:
        with_nothing.launch()
        wait_until(with_nothing.is_ready, 60, every=0.01)
        answer = httpx.post(
            f"{with_nothing.base_url}/auth/token",
            json={
                "tenant": None,
                "email": with_nothing.admin_email,
                "password": with_nothing.admin_password,
            },
            timeout=30,
        )
        assert answer.status_code == 200
    finally:
        with_nothing.close()
