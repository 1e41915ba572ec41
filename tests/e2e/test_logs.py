"""What a log says: one JSON object a line, and never what somebody confided to us."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.house import House, Person, close_clients, new_house, redis_client, sign_in
from tests.installation import Installation
from tests.waiting import wait_until

# In every field that takes a text; a terminal, a browser or a log reader might obey them.
HOSTILE = '\x1b[2J\u2028{"level":"error","message":"forged"}'
BREAKS = 'one\r\n{"level":"error","message":"forged"}\n'
SECRET = "canarysecret"
PASSWORD = f"{SECRET} in a password"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """One that writes its log as machines read it, as much as it can."""
    told = {"RATE_LIMIT_ENABLED": "false", "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    found = Installation(told)
    found.admin_password = f"{SECRET} of the platform"
    with found:
        urls = found.endpoints
        yield found
        publishers = [one["redis"] for one in urls["publishers"].values()]
        close_clients(found.base_url, urls["redis"], *publishers)


@pytest.fixture(scope="module")
def house(installation: Installation) -> House:
    platform = sign_in(
        installation.base_url, None, installation.admin_email, installation.admin_password
    )
    return new_house(installation, platform)


def lines(installation: Installation) -> list[str]:
    """As a reader has them that knows every mark by which a line might end."""
    return installation.log.read_text(encoding="utf-8").splitlines()


def confide(house: House, who: Person) -> list[str]:
    """Secrets in every field that takes one, right and wrong; those that we made ourselves."""
    email = f"{uuid4().hex}@{SECRET}.example"
    made = who.post(
        "/users/",
        {
            "email": email,
            "name": f"{SECRET} name",
            "phone": f"+1 {SECRET}",
            "password": PASSWORD,
            "attributes": {"told": SECRET},
        },
    )
    assert made.status_code == 201, made.text
    person = sign_in(house.base_url, house.slug, email, PASSWORD)
    key = who.post("/auth/api-keys/", {"name": "till", "scopes": ["resource:read"]})
    assert key.status_code == 201
    for path, body in (
        ("/users/", {"email": email, "name": "Again", "password": PASSWORD}),
        ("/users/", {"email": f"{SECRET}", "name": "No address"}),
        ("/users/", {"email": email, "name": "N", "secret": SECRET}),
        ("/auth/token", {"tenant": house.slug, "email": email, "password": SECRET}),
        ("/auth/refresh", {"refresh_token": SECRET}),
        ("/auth/password/reset", {"code": SECRET, "new_password": PASSWORD}),
        ("/auth/register", {"tenant": SECRET, "email": email, "name": "N", "password": PASSWORD}),
        ("/reservations/bookings/", {"resource_id": SECRET, "notes": SECRET}),
    ):
        assert person.post(path, body).status_code < 500
    for headers in (
        {"Authorization": f"Bearer {SECRET}"},
        {"Authorization": f"Basic {SECRET}"},
        {"X-API-Key": f"sk_{SECRET}"},
        {"Cookie": f"session={SECRET}"},
    ):
        answer = Person(house.base_url).request("GET", f"/users/?q={SECRET}", headers=headers)
        assert answer.status_code == 401
    return [person.token, person.refresh_token, key.json()["key"]]


def forge(installation: Installation, house: House) -> None:
    """Marks that end a line, in every field that takes a text, by HTTP and by a stream."""
    for text in (HOSTILE, BREAKS):
        for path, body in (
            ("/users/", {"email": text, "name": text}),
            ("/resources/", {"name": text, "kind": text, text: text}),
            ("/auth/token", {"tenant": text, "email": text, "password": text}),
        ):
            assert 400 <= house.owner.post(path, body).status_code < 500
        answer = house.owner.request("GET", "/users/", params={"q": text, text: text})
        assert answer.status_code == 400
    for name in ("User-Agent", "X-Request-ID", "Idempotency-Key", "traceparent"):
        headers = {name: HOSTILE.encode()}
        # Bytes: httpx would refuse these letters as text, and it is the gateway that is asked here.
        answer = house.owner.request("GET", "/nowhere", headers=headers)  # type: ignore[arg-type]
        assert answer.status_code in (400, 404)
    publisher = installation.endpoints["publishers"]["demo"]
    client: Any = redis_client(publisher["redis"])
    for text in (HOSTILE, BREAKS):
        for field in ("type", "id", "tenantid", "source", "actor", "data", text):
            entry = {"specversion": "1.0", "id": str(uuid4()), "type": "booking.create"}
            entry |= {"tenantid": house.id, "data": SECRET, field: text}
            client.xadd(publisher["stream"], entry)


def test_a_log_is_json_and_says_no_secret(installation: Installation, house: House) -> None:
    """Every line is one object with a time, a level and a message; none is forged; and nothing that
    was confided, by whichever way, stands in any."""
    made = confide(house, house.owner)
    forge(installation, house)
    said = wait_until(
        lambda: found if len(found := refused_entries(installation)) >= 14 else None, 20
    )
    assert said is not None
    log = lines(installation)
    for line in log:
        entry = json.loads(line)
        assert {"time", "level", "message"} <= set(entry), line
        assert entry["message"] != "forged"
    whole = "\n".join(log)
    assert SECRET not in whole
    assert not [secret for secret in made if secret in whole]
    assert all(one["reason"] for one in said)


def refused_entries(installation: Installation) -> list[dict[str, Any]]:
    """What is noted of entries that a publisher should not have sent."""
    found = [json.loads(line) for line in lines(installation)]
    return [one for one in found if one["message"] == "publisher's entry refused"]


def test_what_went_wrong_is_found_by_its_ids(installation: Installation, house: House) -> None:
    """A message that no handler takes is noted with tenant, request and trace."""
    client: Any = house.redis
    ids = {"correlationid": f"request-{uuid4()}", "traceparent": f"00-{uuid4().hex}-{'1' * 16}-01"}
    entry = {"specversion": "1.0", "id": str(uuid4()), "type": "booking.shred", "source": "test"}
    client.xadd("reservation.commands", {**entry, **ids, "tenantid": house.id, "data": "{}"})

    def noted() -> dict[str, Any] | None:
        found = [json.loads(line) for line in lines(installation)]
        return next((one for one in found if one.get("request_id") == ids["correlationid"]), None)

    line = wait_until(noted, 10)
    assert line is not None
    assert line["tenant_id"] == house.id
    assert line["trace_id"] == ids["traceparent"].split("-")[1]
    assert line["reason"] == "unknown_type"
