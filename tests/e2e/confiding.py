"""Secrets and forgeries in every field that takes a text, by HTTP and by a stream."""

from typing import Any
from uuid import uuid4

from tests.e2e.house import House, Person, redis_client, sign_in
from tests.installation import Installation

# In every field that takes a text; a terminal, a browser or a log reader might obey them.
HOSTILE = '\x1b[2J\u2028{"level":"error","message":"forged"}'
BREAKS = 'one\r\n{"level":"error","message":"forged"}\n'
SECRET = "canarysecret"
PASSWORD = f"{SECRET} in a password"


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
        ("/auth/register", {"tenant": SECRET, "email": email}),
        ("/auth/register/confirm", {"code": SECRET, "name": SECRET, "password": PASSWORD}),
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
