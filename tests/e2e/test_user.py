"""Users over HTTP: sign-in, sessions, roles and what each may do."""

from uuid import uuid4

import pytest

from tests.e2e.house import PASSWORD, House, Person, at, day_ahead, sign_in
from tests.installation import Installation
from tests.waiting import wait_until


def test_wrong_credentials_are_all_alike(installation: Installation, house: House) -> None:
    """Wrong tenant, address or password: the same 401."""
    nobody = Person(installation.base_url)
    email = f"owner@{house.slug}.example"
    answers = [
        nobody.post("/auth/token", body)
        for body in (
            {"tenant": house.slug, "email": email, "password": "wrong password"},
            {"tenant": house.slug, "email": "nobody@x.example", "password": PASSWORD},
            {"tenant": "no-such-slug", "email": email, "password": PASSWORD},
            {"tenant": None, "email": email, "password": PASSWORD},
        )
    ]
    assert {(found.status_code, found.json()["code"]) for found in answers} == {
        (401, "invalid_credentials")
    }


def test_a_refresh_token_is_used_once(installation: Installation, house: House) -> None:
    """It rotates; the lost answer can be had again; an old one revokes the family, with its access
    tokens."""
    nobody = Person(installation.base_url)
    first = house.owner.refresh_token
    second = nobody.post("/auth/refresh", {"refresh_token": first})
    assert second.status_code == 200
    again = nobody.post("/auth/refresh", {"refresh_token": first})
    assert again.json()["refresh_token"] == second.json()["refresh_token"]
    third = nobody.post("/auth/refresh", {"refresh_token": second.json()["refresh_token"]})
    assert third.status_code == 200
    stolen = nobody.post("/auth/refresh", {"refresh_token": first})
    assert (stolen.status_code, stolen.json()["code"]) == (401, "invalid_token")
    revoked = nobody.post("/auth/refresh", {"refresh_token": third.json()["refresh_token"]})
    assert revoked.status_code == 401
    latest = Person(installation.base_url, third.json()["access_token"])
    wait_until(lambda: latest.get("/auth/me").status_code == 401, 5)


def test_signing_out_ends_the_session(installation: Installation, house: House) -> None:
    """204, and the refresh token is good no more."""
    nobody = Person(installation.base_url)
    token = house.owner.refresh_token
    assert nobody.post("/auth/logout", {"refresh_token": token}).status_code == 204
    assert nobody.post("/auth/refresh", {"refresh_token": token}).status_code == 401


def test_keys_are_published(installation: Installation) -> None:
    """Ed25519 public keys, and nothing private."""
    keys = Person(installation.base_url).get("/.well-known/jwks.json").json()["keys"]
    assert keys
    assert all((key["kty"], key["crv"]) == ("OKP", "Ed25519") for key in keys)
    assert all("d" not in key for key in keys)


def test_users_live_and_are_hidden_when_deleted(house: House) -> None:
    """Created, read, changed, listed, deleted and restored; never a password hash."""
    email = f"{uuid4().hex[:8]}@people.example"
    made = house.owner.post("/users/", {"email": email, "name": "Ana", "password": PASSWORD})
    assert made.status_code == 201
    path = f"/users/{made.json()['id']}"
    assert made.json()["roles"] == ["customer"]
    assert "password" not in made.text.lower()
    double = house.owner.post("/users/", {"email": email.upper(), "name": "Bia"})
    assert (double.status_code, double.json()["code"]) == (409, "email_in_use")
    changed = house.owner.patch(path, {"phone": "+55 11 5555-0000"})
    assert (changed.json()["phone"], changed.json()["version"]) == ("+55 11 5555-0000", 2)
    assert house.owner.delete(path).status_code == 204
    assert house.owner.get(path).status_code == 404
    listed = house.owner.get("/users/", limit=200).json()["items"]
    assert made.json()["id"] not in [item["id"] for item in listed]
    assert house.owner.post(f"{path}/restore").status_code == 200
    assert house.owner.get(path).json()["email"] == email


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", {"resources", "settings", "users", "audit", "bookings"}),
        ("manager", {"resources", "users", "audit", "bookings"}),
        ("staff", {"bookings"}),
        ("customer", {"bookings"}),
    ],
)
def test_each_role_may_what_the_table_says(house: House, role: str, allowed: set[str]) -> None:
    """403 for an action that a role does not have."""
    person = house.person(role)
    asked = {
        "resources": person.post("/resources/", {"name": "R", "kind": "space"}),
        "settings": person.patch(f"/tenants/{house.id}/settings", {"locale": "pt-BR"}),
        "users": person.get("/users/"),
        "audit": person.get(f"/tenants/{house.id}/audit/"),
        "bookings": person.get("/reservations/bookings/"),
    }
    assert {name for name, answer in asked.items() if answer.status_code != 403} == allowed
    assert all(answer.status_code in (200, 201, 403) for answer in asked.values())


def test_customers_see_themselves_alone(house: House) -> None:
    """Another user is 404, their own record is theirs to change but for the roles."""
    ana, bia = house.person("customer"), house.person("customer")
    assert ana.get(f"/users/{ana.id}").status_code == 200
    assert ana.get(f"/users/{bia.id}").status_code == 404
    assert ana.patch(f"/users/{ana.id}", {"name": "Ana Maria"}).status_code == 200
    assert ana.patch(f"/users/{ana.id}", {"roles": ["owner"]}).status_code == 403
    assert ana.patch(f"/users/{bia.id}", {"name": "X"}).status_code == 404


def test_customers_see_and_touch_their_own_bookings(house: House) -> None:
    """Somebody else's booking is not there; staff see all of them."""
    house.open_always()
    resource = house.resource()
    ana, bia = house.person("customer"), house.person("customer")
    booking = house.book(ana, resource, at(day_ahead(), 10)).json()
    path = f"/reservations/bookings/{booking['id']}"
    assert bia.get(path).status_code == 404
    assert bia.post(f"{path}/cancel", {}).status_code == 404
    assert bia.get("/reservations/bookings/").json()["items"] == []
    assert [item["id"] for item in ana.get("/reservations/bookings/").json()["items"]] == [
        booking["id"]
    ]
    other = house.book(bia, resource, at(day_ahead(), 12), user_id=ana.id)
    assert (other.status_code, other.json()["code"]) == (403, "forbidden")
    staff = house.person("staff")
    assert staff.get(path).status_code == 200
    assert ana.post(f"{path}/status", {"status": "completed"}).status_code == 403


def test_nobody_grants_what_they_lack_and_the_last_owner_stays(house: House) -> None:
    """A manager makes no owner; the only owner keeps the role."""
    manager = house.person("manager")
    body = {"email": "new@people.example", "name": "N", "roles": ["owner"]}
    assert manager.post("/users/", body).status_code == 403
    stepping_down = house.owner.patch(f"/users/{house.owner.id}", {"roles": ["manager"]})
    assert (stepping_down.status_code, stepping_down.json()["code"]) == (409, "last_owner")
    assert house.owner.delete(f"/users/{house.owner.id}").json()["code"] == "last_owner"


def test_permissions_and_roles_are_listed(house: House) -> None:
    """What can be granted, and what each built-in role holds."""
    names = [item["name"] for item in house.owner.get("/users/permissions").json()["items"]]
    assert "booking:override" in names
    roles = {item["name"]: item for item in house.owner.get("/users/roles/").json()["items"]}
    assert set(roles) >= {"owner", "manager", "staff", "customer"}
    assert "booking:override" not in roles["staff"]["permissions"]


def test_no_one_of_a_deleted_tenant_signs_in(
    installation: Installation, platform: Person, house: House
) -> None:
    """The tenant's deletion reaches the user context by its event."""
    assert platform.delete(f"/tenants/{house.id}").status_code == 204
    body = {
        "tenant": house.slug,
        "email": f"owner@{house.slug}.example",
        "password": PASSWORD,
    }
    nobody = Person(installation.base_url)
    wait_until(lambda: nobody.post("/auth/token", body).status_code == 401, 10)
    assert platform.post(f"/tenants/{house.id}/restore").status_code == 200
    wait_until(lambda: nobody.post("/auth/token", body).status_code == 200, 10)
    sign_in(installation.base_url, house.slug, body["email"], PASSWORD)


def test_an_access_token_says_how_long_it_lives(installation: Installation, house: House) -> None:
    """Ten minutes, Bearer, and the permissions as its scope."""
    answer = Person(installation.base_url).post(
        "/auth/token",
        {"tenant": house.slug, "email": f"owner@{house.slug}.example", "password": PASSWORD},
    )
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert "booking:override" in tokens["scope"].split()
    assert answer.headers["cache-control"] == "no-store"


def test_what_becomes_of_a_user_takes_effect_within_seconds(house: House) -> None:
    """Disabled, demoted or deleted: the token that was given before is good no more."""
    for change in ({"active": False}, {"roles": ["customer"]}, None):
        person = house.person("manager")
        assert person.get("/users/").status_code == 200
        path = f"/users/{person.id}"
        done = house.owner.delete(path) if change is None else house.owner.patch(path, change)
        assert done.status_code in (200, 204)

        def is_out(caller: Person = person) -> bool:
            found = caller.get("/users/")
            return (found.status_code, found.json().get("code")) == (401, "invalid_token")

        wait_until(is_out, 5)


def test_what_becomes_of_a_role_takes_effect_within_seconds(house: House) -> None:
    """Once a role holds something else its holders' tokens are good no more; the next have it."""
    role = {"name": "Front desk", "permissions": ["user:read:any"]}
    made = house.owner.post("/users/roles/", role)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    person = house.person("customer", "Front desk")
    assert person.get("/users/").status_code == 200
    assert person.get(f"/tenants/{house.id}/audit/").status_code == 403
    held = house.owner.delete(path)
    assert (held.status_code, held.json()["code"]) == (409, "in_use")
    changed = house.owner.patch(path, {"permissions": ["audit:read"]})
    assert changed.status_code == 200, changed.text

    def is_out() -> bool:
        found = person.get("/users/")
        return (found.status_code, found.json().get("code")) == (401, "invalid_token")

    wait_until(is_out, 5)
    again = person.post("/auth/refresh", {"refresh_token": person.refresh_token}).json()
    person.token = again["access_token"]
    assert person.get("/users/").status_code == 403
    assert person.get(f"/tenants/{house.id}/audit/").status_code == 200


def test_a_tenant_that_is_not_there_takes_nothing(platform: Person, house: House) -> None:
    """404 for a tenant that never was, and within seconds for one that is deleted."""
    body = {"name": "Ghosts"}
    nowhere = platform.request(
        "POST", "/resources/categories/", json=body, headers={"X-Tenant-ID": str(uuid4())}
    )
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert house.owner.post("/resources/categories/", body).status_code == 201
    assert platform.delete(f"/tenants/{house.id}").status_code == 204
    wait_until(lambda: house.owner.get("/resources/categories/").status_code == 404, 5)
    assert house.owner.post("/users/", {"email": "a@b.example", "name": "A"}).status_code == 404
