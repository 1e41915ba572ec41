"""Credentials that were good once: how they ended, and what every operation answers since."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from tests.e2e.calls import Call
from tests.e2e.forgeries import Fields, bearer, key
from tests.e2e.house import PASSWORD, House, Person, rfc, sign_in
from tests.e2e.who_may import holders
from tests.permissions import held_by_role
from tests.waiting import wait_until

OUT = (401, "invalid_token")


@dataclass(frozen=True)
class Bygone:
    """`ends` makes a caller of the house and ends it, and gives the headers that it would send;
    `told` is what is answered to them since. `kept` are tables in which that is remembered."""

    ends: Callable[[House, Person], Fields]
    told: Callable[[Call], tuple[int, str] | None] = lambda _: OUT
    kept: tuple[str, ...] = ()


def _another_owner(house: House) -> Person:
    return house.person("owner")


def _done(status: int, *right: int) -> None:
    assert status in right, status


def _signed_out(house: House, _: Person) -> Fields:
    person = _another_owner(house)
    body = {"refresh_token": person.refresh_token}
    _done(Person(house.base_url).post("/auth/logout", body).status_code, 204)
    return bearer(person.token)


def _elsewhere(house: House, _: Person) -> Fields:
    """The password was changed in another session."""
    person = _another_owner(house)
    email = person.get(f"/users/{person.id}").json()["email"]
    elsewhere = sign_in(house.base_url, house.slug, email, PASSWORD)
    body = {"current_password": PASSWORD, "new_password": "a wholly different phrase"}
    _done(elsewhere.post("/auth/password/change", body).status_code, 200)
    return bearer(person.token)


def _deleted(house: House, _: Person) -> Fields:
    person = _another_owner(house)
    _done(house.owner.delete(f"/users/{person.id}").status_code, 204)
    return bearer(person.token)


def _disabled(house: House, _: Person) -> Fields:
    person = _another_owner(house)
    _done(house.owner.patch(f"/users/{person.id}", {"active": False}).status_code, 200)
    return bearer(person.token)


def _demoted(house: House, _: Person) -> Fields:
    person = _another_owner(house)
    _done(house.owner.patch(f"/users/{person.id}", {"roles": ["customer"]}).status_code, 200)
    return bearer(person.token)


def _suspended(house: House, platform: Person) -> Fields:
    _done(platform.post(f"/tenants/{house.id}/suspend").status_code, 200)
    return bearer(house.owner.token)


def _tenant_deleted(house: House, platform: Person) -> Fields:
    _done(platform.delete(f"/tenants/{house.id}").status_code, 204)
    return bearer(house.owner.token)


def _asked_for_a_key(house: House, **more: object) -> httpx.Response:
    scopes = sorted(held_by_role()["owner"])
    return house.owner.post("/auth/api-keys/", {"name": "till", "scopes": scopes, **more})


def _new_key(house: House, **more: object) -> tuple[str, Fields]:
    made = _asked_for_a_key(house, **more)
    _done(made.status_code, 201)
    return made.json()["id"], key(made.json()["key"])


def _revoked(house: House, _: Person) -> Fields:
    identity, fields = _new_key(house)
    _done(house.owner.delete(f"/auth/api-keys/{identity}").status_code, 204)
    return fields


def _run_out(house: House, _: Person) -> Fields:
    def made() -> str:
        """The key; "" where it would have run out before it was made."""
        soon = rfc(datetime.now(UTC) + timedelta(seconds=1.5))
        answer = _asked_for_a_key(house, expires_at=soon)
        if answer.status_code == 400:
            assert [one["code"] for one in answer.json()["errors"]] == ["in_the_past"]
            return ""
        _done(answer.status_code, 201)
        return str(answer.json()["key"])

    return key(wait_until(made, 30))


def _out_of_place(house: House, _: Person) -> Fields:
    return _new_key(house, cidrs=["192.0.2.0/24"])[1]


def _key_of_a_deleted_tenant(house: House, platform: Person) -> Fields:
    fields = _new_key(house)[1]
    _tenant_deleted(house, platform)
    return fields


def _key_of_a_suspended_tenant(house: House, platform: Person) -> Fields:
    fields = _new_key(house)[1]
    _suspended(house, platform)
    return fields


def _unpermitted(call: Call) -> bool:
    return not holders()["owner"] & {*call.operation.any, *call.operation.own}


def _after_permission(told: tuple[int, str]) -> Callable[[Call], tuple[int, str]]:
    """What the scope of a token does not allow is told at the door, before anybody is asked."""
    return lambda call: (403, "forbidden") if _unpermitted(call) else told


def _reads_go_on(call: Call) -> tuple[int, str] | None:
    """Nothing is changed in a suspended tenant, and nobody is told what happens there; None where
    what it says is no refusal of these."""
    if _unpermitted(call):
        return (403, "forbidden")
    if call.operation.method == "GET" and call.name != "event_follow":
        return None
    return (403, "tenant_suspended")


BYGONE: dict[str, Bygone] = {
    "a session that was signed out": Bygone(_signed_out, _after_permission(OUT)),
    "a session before a change of password": Bygone(_elsewhere, _after_permission(OUT)),
    "a deleted user": Bygone(_deleted, _after_permission(OUT)),
    "a disabled user": Bygone(_disabled, _after_permission(OUT)),
    "a user with other roles": Bygone(_demoted, _after_permission(OUT)),
    "a suspended tenant": Bygone(_suspended, _reads_go_on),
    # The tenant context finds that out itself, and a 404 is an outcome.
    "a deleted tenant": Bygone(
        _tenant_deleted, _after_permission((404, "not_found")), ("tenant.inbox",)
    ),
    "a revoked key": Bygone(_revoked),
    "a key that has run out": Bygone(_run_out),
    "a key from elsewhere": Bygone(_out_of_place),
    "a key of a suspended tenant": Bygone(_key_of_a_suspended_tenant),
    "a key of a deleted tenant": Bygone(_key_of_a_deleted_tenant),
}
