"""Houses furnished alike; every text of one carries its own canary."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.e2e.house import House, Json, at, day_ahead, rfc
from tests.e2e.series import WEEKLY
from tests.waiting import wait_until

HOURS = at(day_ahead(30), 0)


def hour(number: int) -> dict[str, str]:
    """An hour of its own, a month ahead."""
    start = HOURS + timedelta(hours=number)
    return {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(hours=1))}


@dataclass
class TwinHouse:
    """`words` are ids, and what else names an object, by what they name; `canary` stands in every
    text and in no name of anything. A word `taken_…` names an object that nothing else is about:
    what is made in another house may ask for the same id."""

    house: House
    canary: str
    words: dict[str, str] = field(default_factory=dict)
    # In which it was furnished.
    month: str = ""

    @property
    def ids(self) -> set[str]:
        """Those words that nobody has a reason to say elsewhere."""
        return {
            word
            for name, word in self.words.items()
            if word.count("-") == 4 and not name.startswith("taken_")
        }

    @property
    def own_words(self) -> dict[str, str]:
        """Words for a request of the house's own: what it makes has an id that is new."""
        return {
            **{
                name: str(uuid4()) if name.startswith("taken_") else word
                for name, word in self.words.items()
            },
            **self.what_is_its_own,
        }

    @property
    def what_is_its_own(self) -> dict[str, str]:
        """Words that nobody else's could stand in place of."""
        return {"own_slug": self.house.slug, "own_month": self.month}

    def make(self, name: str, path: str, /, **body: Any) -> Json:
        """The object that is made, known by this name from now on."""
        answer = self.house.owner.post(path, body)
        assert answer.status_code == 201, (path, answer.text)
        found: Json = answer.json()
        self.words[name] = str(found["id"])
        return found


def furnished(house: House, letter: str) -> TwinHouse:
    """The house with at least one object of every kind."""
    mark = uuid4().hex[:10]
    twin = TwinHouse(house, f"canary-{letter}-{mark}")
    twin.words |= {
        "tenant": house.id,
        "slug": house.slug,
        "owner": house.owner.id,
        "email": f"owner@{house.slug}.example",
        "role_name": f"desk-{mark}",
    }
    _rules(twin)
    _people(twin, mark)
    _places(twin)
    _bookings(twin)
    _webhooks(twin)
    _operations(twin)
    # Two changes, so that there is something behind the first.
    path = f"/reservations/bookings/{twin.words['booking']}"
    answer = house.owner.patch(path, {"notes": f"{twin.canary} again"})
    assert answer.status_code == 200, answer.text
    for name, path in LISTS.items():
        twin.words[f"cursor_{name}"] = _cursor(house, path.format(**twin.own_words))
    return twin


def _cursor(house: House, path: str) -> str:
    """Where the second page begins, once there is one: trail and bill are a moment behind."""

    def begins() -> str | None:
        day = {"date": str(day_ahead(40))} if path.endswith("availability") else {}
        answer = house.owner.request("GET", path, params={"limit": 1, **day})
        assert answer.status_code == 200, answer.text
        found: str | None = answer.json()["next_cursor"]
        return found

    return str(wait_until(begins, 60))


LISTS = {
    "apikeys": "/auth/api-keys/",
    "history": "/reservations/bookings/{booking}/history",
    "audit": "/tenants/{tenant}/audit/",
    "availability": "/resources/availability",
    "bookings": "/reservations/bookings/",
    "categories": "/resources/categories/",
    "public_resources": "/public/{slug}/resources",
    "resources": "/resources/",
    "roles": "/users/roles/",
    "users": "/users/",
    "statement": "/tenants/{tenant}/statements/{own_month}",
    "waitlist": "/reservations/waitlist/",
    "webhooks": "/tenants/{tenant}/webhooks/",
    "deliveries": "/tenants/{tenant}/webhooks/{webhook}/deliveries/",
}


def _rules(twin: TwinHouse) -> None:
    canary, house = twin.canary, twin.house
    # Holds outlast the tests: one that expires changes by itself.
    kept = {"hold_ttl_seconds": 86_400}
    house.open_always(labels={"booking": canary}, public_booking=True, **kept)
    house.owner.patch(f"/tenants/{house.id}", {"name": canary})
    looks = {"display_name": canary, "address": canary, "extra": {"motto": canary}}
    assert house.owner.put(f"/tenants/{house.id}/branding", looks).status_code == 200
    text = f"/tenants/{house.id}/notification-templates/booking.moved/email/en"
    assert house.owner.put(text, {"body": canary}).status_code == 200
    for place, name in enumerate(("closure", "taken_closure")):
        date = f"2099-12-2{place}"
        twin.make(name, f"/tenants/{house.id}/closures/", date=date, reason=canary)


def _people(twin: TwinHouse, mark: str) -> None:
    canary, words, owner = twin.canary, twin.words, twin.house.owner
    for name in ("role", "role_held", "role_gone", "taken_role"):
        called = words["role_name"] if name == "role_held" else f"{name}-{mark}"
        twin.make(name, "/users/roles/", name=called, permissions=["tenant:read"])
    assert owner.delete(f"/users/roles/{words['role_gone']}").status_code == 204
    for name in ("user", "colleague", "to_erase", "user_gone", "taken_user"):
        twin.make(
            name,
            "/users/",
            email=f"{name}-{mark}@people.example",
            name=canary,
            phone=canary,
            roles=["customer", words["role_name"]],
            attributes={"note": canary},
        )
    assert owner.delete(f"/users/{words['user_gone']}").status_code == 204
    for name in ("apikey", "taken_apikey"):
        twin.make(name, "/auth/api-keys/", name=canary, scopes=["tenant:read"])


def _places(twin: TwinHouse) -> None:
    canary, words, owner = twin.canary, twin.words, twin.house.owner
    for name in ("category", "free_category", "category_gone", "taken_category"):
        it = {"name": f"{name} {canary}", "description": canary}
        twin.make(name, "/resources/categories/", **it)
    assert owner.delete(f"/resources/categories/{words['category_gone']}").status_code == 204
    for name in ("resource", "second", "spare", "resource_gone", "taken_resource"):
        twin.make(
            name,
            "/resources/",
            name=canary,
            description=canary,
            kind="space",
            capacity=1000,
            category_id=words["category"],
            attributes={"colour": canary},
            price={"amount": "10.00", "currency": "EUR"},
        )
    assert owner.delete(f"/resources/{words['resource_gone']}").status_code == 204
    path = f"/resources/{words['resource']}/overrides/"
    for place, name in enumerate(("override", "taken_override")):
        twin.make(name, path, date=f"2099-12-2{place}", closed=True, reason=canary)


def _bookings(twin: TwinHouse) -> None:
    canary, words = twin.canary, twin.words
    mine = {"resource_id": words["resource"], "user_id": words["user"]}
    text = {"notes": canary, "attributes": {"note": canary}}
    path = "/reservations/bookings/"
    names = ("booking", "to_cancel", "cancelled", "taken_booking", "taken_in_batch")
    booked = [
        twin.make(name, path, **mine, **text, **hour(place)) for place, name in enumerate(names)
    ]
    twin.month = booked[0]["created_at"][:7]
    ended = f"{path}{words['cancelled']}/cancel"
    assert twin.house.owner.post(ended, {"reason": canary}).status_code == 200
    for place, name in enumerate(("hold", "hold_to_confirm")):
        twin.make(name, path, **mine, **text, **hour(10 + place), status="held")
    weekly = {"recurring_pattern": {**WEEKLY, "count": 2}}
    for place, name in enumerate(("series", "series_to_cancel", "taken_series")):
        made = twin.make(
            name, "/reservations/series/", **mine, **text, **weekly, **hour(15 + place)
        )
        words[f"booking_of_{name}"] = made["bookings"][0]["id"]
    line = {"from": hour(0)["starts_at"], "to": hour(2)["ends_at"], "duration_minutes": 60}
    for name in ("entry", "entry_to_leave", "taken_entry"):
        twin.make(name, "/reservations/waitlist/", **mine, **line)


def _webhooks(twin: TwinHouse) -> None:
    """Endpoints that cannot be reached, and what is to be sent to one of them."""
    path = f"/tenants/{twin.house.id}/webhooks/"
    for name in ("webhook", "webhook_to_delete", "taken_webhook"):
        url = f"https://hooks.invalid/{twin.canary}"
        twin.make(name, path, url=url, event_types=["webhook.created"])
    for name in ("delivery", "second_delivery"):
        answer = twin.house.owner.post(f"{path}{twin.words['webhook']}/test", None)
        assert answer.status_code == 200, answer.text
        twin.words[name] = answer.json()["id"]


def _operations(twin: TwinHouse) -> None:
    """A change that was asked for without waiting."""
    body = {"name": twin.canary}
    answer = twin.house.owner.patch(f"/users/{twin.words['user']}", body, Prefer="respond-async")
    assert answer.status_code == 202, answer.text
    twin.words["operation"] = answer.headers["location"].rpartition("/")[2]


def nobodys(words: dict[str, str]) -> dict[str, str]:
    """Words of the same form that name nothing."""
    return {name: _another(name, word) for name, word in words.items()}


def _another(name: str, word: str) -> str:
    if name.startswith("cursor"):
        return "AAAA"
    if word.count("-") == 4:
        return str(uuid4())
    if name == "email":
        return f"no{uuid4().hex[:10]}@people.example"
    return f"{word.partition('-')[0]}-{uuid4().hex[:12]}"
