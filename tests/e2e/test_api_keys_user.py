"""Machines over HTTP: a key is made, used, watched and revoked."""

from uuid import uuid4

import httpx

from tests.e2e.house import House, Json, Person, at, day_ahead, http_client
from tests.waiting import wait_until

SCOPES = ["booking:create:any", "booking:read:any", "resource:read"]


class Machine(Person):
    """A caller with a key in place of a token."""

    @property
    def authorization(self) -> dict[str, str]:
        return {"X-API-Key": self.token}


def new_key(house: House, **fields: object) -> Json:
    answer = house.owner.post("/auth/api-keys/", {"name": "till", "scopes": SCOPES, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def is_out(machine: Machine) -> bool:
    found = machine.get("/resources/")
    return (found.status_code, found.json().get("code")) == (401, "invalid_token")


def test_a_machine_books(house: House) -> None:
    """Its bookings are nobody's unless they name somebody, and say which key made them."""
    house.open_always()
    resource = house.resource()
    key = new_key(house)
    machine = Machine(house.base_url, key["key"])
    customer = house.person("customer")
    own = house.book(machine, resource, at(day_ahead(), 10))
    named = house.book(machine, resource, at(day_ahead(), 12), user_id=customer.id)
    me = machine.get("/auth/me").json()

    assert own.status_code == 201, own.text
    assert (own.json()["user_id"], own.json()["created_by"]) == (None, f"service:{key['id']}")
    assert named.json()["user_id"] == customer.id
    assert machine.get(f"/reservations/bookings/{own.json()['id']}").status_code == 200
    assert machine.post("/resources/", {"name": "R", "kind": "space"}).status_code == 403
    assert (me["kind"], me["name"], me["permissions"]) == ("service", "till", sorted(SCOPES))


def test_a_revoked_key_is_out_within_seconds(house: House) -> None:
    """Deleted, it is unknown; the list and the audit trail never said what it was."""
    key = new_key(house)
    machine = Machine(house.base_url, key["key"])
    assert machine.get("/resources/").status_code == 200
    listed = house.owner.get("/auth/api-keys/")
    assert house.owner.delete(f"/auth/api-keys/{key['id']}").status_code == 204
    wait_until(lambda: is_out(machine), 5)

    def told() -> httpx.Response | None:
        trail = house.owner.get(f"/tenants/{house.id}/audit/")
        kinds = [record["event_type"] for record in trail.json()["items"]]
        return trail if {"apikey.created", "apikey.deleted"} <= set(kinds) else None

    trail = wait_until(told, 10)
    assert trail is not None
    for text in (listed.text, trail.text):
        assert key["key"][20:] not in text
    assert house.owner.get("/auth/api-keys/").json()["items"] == []


def test_a_key_stands_on_no_stream(house: House) -> None:
    """Neither its making nor its use leaves it where streams are read."""
    key = new_key(house)
    assert Machine(house.base_url, key["key"]).get("/resources/").status_code == 200
    secret = key["key"][45:].encode()
    for stream in ("user.commands", "user.queries", "user.events", "replies.gateway-1"):
        entries = house.redis.xrange(stream)
        assert secret not in repr(entries).encode(), stream


def test_a_repetition_gets_the_same_key(house: House) -> None:
    """With its Idempotency-Key the answer comes again, byte for byte."""
    headers = {"Idempotency-Key": str(uuid4())}
    body = {"name": "till", "scopes": SCOPES}
    first, again = [house.owner.post("/auth/api-keys/", body, **headers) for _ in range(2)]
    assert (first.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


def test_a_key_ends_with_its_tenant(platform: Person, house: House) -> None:
    """Within seconds of the tenant's deletion."""
    machine = Machine(house.base_url, new_key(house)["key"])
    assert machine.get("/resources/").status_code == 200
    assert platform.delete(f"/tenants/{house.id}").status_code == 204
    wait_until(lambda: is_out(machine), 10)


def test_a_key_waits_while_its_tenant_is_suspended(platform: Person, house: House) -> None:
    """It is out within seconds of the suspension, and good again after it."""
    machine = Machine(house.base_url, new_key(house)["key"])
    assert platform.post(f"/tenants/{house.id}/suspend").status_code == 200
    wait_until(lambda: machine.get("/resources/").status_code in (401, 403), 10)
    assert platform.post(f"/tenants/{house.id}/resume").status_code == 200
    wait_until(lambda: machine.get("/resources/").status_code == 200, 15)


def test_a_key_goes_alone(house: House) -> None:
    """Beside a token it is refused; a made-up one is 401 in the words of an unknown one."""
    key = new_key(house)
    both = house.owner.request("GET", "/resources/", headers={"X-API-Key": key["key"]})
    made_up = Machine(house.base_url, key["key"][:-4] + "AAAA").get("/resources/")
    client = http_client(house.base_url)
    lower = client.get("/resources/", headers={"x-api-key": key["key"]})
    assert (both.status_code, both.json()["code"]) == (401, "invalid_token")
    assert (made_up.status_code, made_up.json()["code"]) == (401, "invalid_token")
    assert lower.status_code == 200


def test_a_key_is_used_from_where_it_may(house: House) -> None:
    """Its networks count against the address that the connection comes from."""
    here = Machine(house.base_url, new_key(house, cidrs=["127.0.0.0/8", "::1"])["key"])
    there = Machine(house.base_url, new_key(house, cidrs=["192.0.2.0/24"])["key"])
    forwarded = {"X-Forwarded-For": "192.0.2.1"}
    assert here.get("/resources/").status_code == 200
    assert there.request("GET", "/resources/", headers=forwarded).status_code == 401


def test_the_last_use_is_seen(house: House) -> None:
    """In the list, soon after."""
    key = new_key(house)
    assert house.owner.get("/auth/api-keys/").json()["items"][0]["last_used_at"] is None
    Machine(house.base_url, key["key"]).get("/resources/")
    wait_until(
        lambda: house.owner.get("/auth/api-keys/").json()["items"][0]["last_used_at"] is not None,
        10,
    )


def test_only_those_who_manage_keys_make_them(house: House) -> None:
    """An owner, or a role of the organisation's own; never with more than its maker holds."""
    role = {"name": "it", "permissions": ["apikey:manage", "resource:read"]}
    assert house.owner.post("/users/roles/", role).status_code == 201
    manager, technician = house.person("manager"), house.person("it")
    body = {"name": "x", "scopes": ["resource:read"]}
    assert manager.post("/auth/api-keys/", body).status_code == 403
    assert technician.post("/auth/api-keys/", body).status_code == 201
    beyond = technician.post("/auth/api-keys/", {"name": "x", "scopes": ["audit:read"]})
    unknown = technician.post("/auth/api-keys/", {"name": "x", "scopes": ["audit:write"]})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "forbidden")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_permission")
