"""A tenant with some of everything, and those who call: what drawn requests are about."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from tests.e2e.house import PASSWORD, House, Person, new_house, sign_in
from tests.e2e.scene import MAKERS
from tests.installation import Installation

# A token is good for ten minutes.
SIGN_IN_AGAIN = 240.0
OF_EACH = 4
# The parameter that names an object of a kind.
PARAMETER = {
    "apikey": "apikey_id",
    "booking": "booking_id",
    "hold": "hold_id",
    "category": "category_id",
    "closure": "closure_id",
    "entry": "entry_id",
    "override": "override_id",
    "resource": "resource_id",
    "role": "role_id",
    "series": "series_id",
    "user": "user_id",
    "webhook": "webhook_id",
}
# Kinds that can be restored, and where.
DELETED = {
    "category": "/resources/categories",
    "resource": "/resources",
    "role": "/users/roles",
    "user": "/users",
}

PLATFORM_ONLY = (
    *("tenant_create", "tenant_list", "tenant_delete"),
    *("tenant_restore", "tenant_suspend", "tenant_resume"),
)


@dataclass
class World:
    """`ids` are of objects that are there, by the parameter that names them; `deleted` of those
    that are not any more. `spare` are tenants that nobody here lives in; `feeds` a resource and a
    user with the tokens of their calendars, of which nothing else is asked."""

    installation: Installation
    house: House
    callers: dict[str, Person]
    customer_email: str
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    deleted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    spare: list[str] = field(default_factory=list)
    shared_resource: str = ""
    feeds: dict[str, tuple[str, str]] = field(default_factory=dict)
    delivery: dict[str, str] = field(default_factory=dict)
    signed_in_at: float = 0.0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def of(cls, installation: Installation, platform: Person) -> "World":
        """A new one."""
        house = new_house(installation, platform)
        # Holds outlast the tests: one that expires changes by itself.
        kept = {"cancellation_window_hours": 0, "hold_ttl_seconds": 86_400}
        house.open_always(self_registration=True, public_booking=True, **kept)
        email = "customer@people.example"
        body = {"email": email, "name": "C", "password": PASSWORD}
        made = house.owner.post("/users/", body)
        assert made.status_code == 201, made.text
        world = cls(installation, house, {"nobody": Person(house.base_url)}, email)
        world.sign_in_again()
        world.furnish(str(made.json()["id"]))
        world.spare = [new_house(installation, platform).id for _ in range(2)]
        return world

    def sign_in_again(self) -> None:
        """Everybody has a token that lasts for a while."""
        url, slug = self.house.base_url, self.house.slug
        found = self.installation
        owner = sign_in(url, slug, f"owner@{slug}.example", PASSWORD)
        self.house.owner = owner
        self.callers |= {
            "owner": owner,
            "customer": self.customer(),
            "platform": sign_in(url, None, found.admin_email, found.admin_password),
        }
        self.signed_in_at = time.monotonic()

    def customer(self) -> Person:
        """In a session of its own."""
        return sign_in(self.house.base_url, self.house.slug, self.customer_email, PASSWORD)

    def next_number(self) -> str:
        """For names that nobody else has."""
        return str(next(self.numbers))

    def sign_in_again_when_due(self) -> None:
        if time.monotonic() - self.signed_in_at > SIGN_IN_AGAIN:
            self.sign_in_again()

    def furnish(self, customer_id: str) -> None:
        """Afterwards there are some of each kind, the customer's and other people's."""
        for kind, parameter in PARAMETER.items():
            for place in range(OF_EACH):
                whose = customer_id if place % 2 else self.house.owner.id
                self.ids[parameter].append(MAKERS[kind](self.house, whose))
        first = self.house.owner.get(f"/reservations/bookings/{self.ids['booking_id'][0]}")
        self.shared_resource = str(first.json()["resource_id"])
        self.ids["resource_id"].append(self.shared_resource)
        for kind in DELETED:
            for _ in range(OF_EACH // 2):
                self.deleted[PARAMETER[kind]].append(self.another(kind, deleted=True))
        for kind in ("resource", "user"):
            whose = MAKERS[kind](self.house, customer_id)
            minted = self.house.owner.post(f"/{kind}s/{whose}/calendar-token")
            self.feeds[f"{kind}_calendar"] = (whose, minted.json()["token"])
        # Of an endpoint that is nobody's else to delete.
        hook = MAKERS["webhook"](self.house, customer_id)
        tried = self.house.owner.post(f"/tenants/{self.house.id}/webhooks/{hook}/test")
        self.delivery = {"webhook_id": hook, "delivery_id": str(tried.json()["id"])}
        for caller in ("owner", "customer"):
            one = self.callers[caller]
            answer = one.patch(f"/users/{one.id}", {"name": "N"}, prefer="respond-async")
            self.ids["operation_id"].append(answer.headers["location"].rpartition("/")[2])

    def some(self, parameter: str, operation: str, caller: str, rng: Random) -> str | None:
        """An object that the parameter may name; None where there is nothing of the kind."""
        if operation in self.feeds:
            return self.feeds[operation][0]
        if operation == "webhook_redeliver" and parameter in self.delivery:
            return self.delivery[parameter]
        if parameter == "tenant_id":
            ends = operation in PLATFORM_ONLY and caller == "platform"
            return rng.choice(self.spare) if ends else self.house.id
        named = {"slug": self.house.slug, "context": "user", "month": "2026-11"}
        if parameter in named:
            return named[parameter]
        if parameter == "booking_id" and operation in (
            "booking_extend_hold",
            "booking_change_status",
        ):
            parameter = "hold_id"
        if parameter == "resource_id" and operation.startswith(("override_", "availability_")):
            return self.shared_resource
        if operation == "resource_delete" and parameter == "resource_id":
            return rng.choice([one for one in self.ids[parameter] if one != self.shared_resource])
        if operation.endswith("_restore"):
            return rng.choice(self.deleted[parameter]) if self.deleted[parameter] else None
        return rng.choice(self.ids[parameter]) if self.ids[parameter] else None

    def learn(self, operation: str, about: dict[str, Any], answer: Any) -> None:
        """What a success made, took away or brought back; there are always some to ask about."""
        kind, _, verb = operation.rpartition("_")
        kind = "entry" if kind == "waitlist" else kind
        if kind not in PARAMETER:
            return
        there, gone = self.ids[PARAMETER[kind]], self.deleted[PARAMETER[kind]]
        identity = str(about.get(PARAMETER[kind], ""))
        if verb in ("create", "join") and isinstance(answer, dict) and "id" in answer:
            there.append(str(answer["id"]))
        elif verb in ("delete", "leave", "erase", "cancel") and identity in there:
            there.remove(identity)
            there.append(self.another(kind))
            gone.append(identity)
        elif verb == "restore" and identity in gone:
            gone.remove(identity)
            gone.append(self.another(kind, deleted=True))

    def another(self, kind: str, *, deleted: bool = False) -> str:
        """The id of a new object, somebody's."""
        made = MAKERS[kind](self.house, self.ids["user_id"][-1])
        if deleted:
            answer = self.house.owner.delete(f"{DELETED[kind]}/{made}")
            assert answer.status_code == 204, answer.text
        return made
