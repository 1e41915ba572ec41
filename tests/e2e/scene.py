"""Two tenants with a caller of each kind, and objects to try them on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx

from tests.e2e.house import House, Person, at, day_ahead, rfc
from tests.e2e.series import WEEKLY
from tests.e2e.who_may import AUDITOR, KEY, Operation
from tests.permissions import BUILT_IN

_NUMBERS = count(1)
_RESOURCES: dict[str, str] = {}


class Machine(Person):
    """A caller with a key in place of a token."""

    @property
    def authorization(self) -> dict[str, str]:
        return {"X-API-Key": self.token}


@dataclass
class Scene:
    """`house` is where the callers live, `other` another tenant."""

    house: House
    other: House
    callers: dict[str, Person]
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    somebody: str = ""

    @classmethod
    def of(cls, house: House, other: House) -> "Scene":
        for one in (house, other):
            one.open_always(self_registration=False)
        made = house.owner.post("/users/roles/", {"name": "auditor", "permissions": AUDITOR})
        key = house.owner.post("/auth/api-keys/", {"name": "till", "scopes": KEY})
        assert (made.status_code, key.status_code) == (201, 201), key.text
        callers = {role: house.person(role) for role in (*BUILT_IN, "auditor")}
        callers["key"] = Machine(house.base_url, key.json()["key"])
        callers["anonymous"] = Person(house.base_url)
        return cls(house, other, callers)

    def next_operation(self) -> None:
        """Somebody who has nothing yet, for whom the next objects are made."""
        self.somebody = _new_user(self.house)
        self.kept.clear()

    def call(self, operation: Operation, caller: str, whose: str) -> httpx.Response:
        """What this caller is answered, about an object of theirs, another's or a foreign one."""
        number = next(_NUMBERS)
        house = self.other if whose == "foreign" else self.house
        start = _slot(number)
        words = {
            "tenant": house.id,
            "slug": house.slug,
            "context": "user",
            "n": str(number),
            "resource": _shared_resource(self.house if operation.names else house),
            "start": rfc(start),
            "end": rfc(start + timedelta(hours=1)),
            "day": str(day_ahead(40 + number)),
            "month": "2026-11",
            "event": "booking.moved",
            "channel": "email",
            "locale": "en",
            "id": self._object(operation, caller, whose) if operation.about else "",
        }
        body = filled(operation.body, words)
        if operation.names and whose != "own":
            holder = body["bookings"][0] if "bookings" in body else body
            holder["user_id"] = self.somebody if whose == "other" else house.owner.id
        path = filled(operation.path, words)
        sent = {} if body is None else {"json": body}
        answer = self.callers[caller].request(operation.method, path, **sent)
        if operation.used_up and answer.is_success:
            self.kept.clear()
        return answer

    def _object(self, operation: Operation, caller: str, whose: str) -> str:
        """One that is there for this operation already, or a new one."""
        mine = whose == "own" or operation.about == "operation"
        key = (caller if mine else "", whose)
        if key not in self.kept:
            self.kept[key] = self._made(operation.about, caller, whose)
        return self.kept[key]

    def _made(self, kind: str, caller: str, whose: str) -> str:
        if kind == "operation":
            return self._operation(caller, whose)
        house = self.other if whose == "foreign" else self.house
        user_id = {
            "own": self.callers[caller].id,
            "other": self.somebody,
            "foreign": house.owner.id,
        }[whose]
        if kind == "user" and whose == "own":
            return user_id
        if kind.startswith("deleted "):
            return _deleted(house, kind.removeprefix("deleted "), user_id)
        return MAKERS[kind](house, user_id)

    def _operation(self, caller: str, whose: str) -> str:
        """The id of a change that somebody asked for without waiting."""
        sender = {
            "own": self.callers[caller],
            "other": self.callers["auditor" if caller != "auditor" else "staff"],
            "foreign": self.other.owner,
        }[whose]
        path = "/auth/api-keys/" if isinstance(sender, Machine) else f"/users/{sender.id}"
        body: Any = {"name": f"N {next(_NUMBERS)}"}
        if isinstance(sender, Machine):
            answer = sender.post(path, {**body, "scopes": ["tenant:read"]}, prefer="respond-async")
        else:
            answer = sender.patch(path, body, prefer="respond-async")
        assert answer.status_code == 202, answer.text
        return str(answer.headers["location"].rpartition("/")[2])


def filled(document: Any, words: dict[str, str]) -> Any:
    """The document with its `{words}` filled in."""
    if isinstance(document, dict):
        return {name: filled(value, words) for name, value in document.items()}
    if isinstance(document, list):
        return [filled(value, words) for value in document]
    return document.format(**words) if isinstance(document, str) else document


def _post(house: House, path: str, body: Any) -> str:
    answer = house.owner.post(path, body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _new_user(house: House) -> str:
    number = next(_NUMBERS)
    return _post(house, "/users/", {"email": f"p{number}@people.example", "name": f"P {number}"})


def _shared_resource(house: House) -> str:
    """One in which all bookings of a house have room."""
    if house.id not in _RESOURCES:
        _RESOURCES[house.id] = house.resource(capacity=1000)
    return _RESOURCES[house.id]


def _slot(number: int) -> datetime:
    return at(day_ahead(40 + number // 20), number % 20)


def _booking(house: House, user_id: str, **more: Any) -> str:
    """At an hour of its own: nobody is in nobody's way."""
    start = _slot(next(_NUMBERS))
    answer = house.book(house.owner, _shared_resource(house), start, user_id=user_id, **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _series(house: House, user_id: str) -> str:
    start = _slot(next(_NUMBERS))
    body = {
        "resource_id": _shared_resource(house),
        "user_id": user_id,
        "starts_at": rfc(start),
        "ends_at": rfc(start + timedelta(hours=1)),
        "recurring_pattern": {**WEEKLY, "count": 2},
    }
    return _post(house, "/reservations/series/", body)


def _entry(house: House, user_id: str) -> str:
    """Somebody waits for an hour that nobody gives back."""
    start = at(day_ahead(), 10)
    body = {
        "resource_id": _shared_resource(house),
        "user_id": user_id,
        "from": rfc(start),
        "to": rfc(start + timedelta(hours=1)),
        "duration_minutes": 60,
    }
    return _post(house, "/reservations/waitlist/", body)


def _override(house: House, _user_id: str) -> str:
    path = f"/resources/{_shared_resource(house)}/overrides/"
    return _post(house, path, {"date": str(day_ahead(2000 + next(_NUMBERS))), "closed": True})


def _closure(house: House, _user_id: str) -> str:
    return _post(house, f"/tenants/{house.id}/closures/", {"date": "2099-12-25", "reason": "C"})


def _category(house: House, _user_id: str) -> str:
    return _post(house, "/resources/categories/", {"name": f"C {next(_NUMBERS)}"})


def _role(house: House, _user_id: str) -> str:
    body = {"name": f"R {next(_NUMBERS)}", "permissions": ["tenant:read"]}
    return _post(house, "/users/roles/", body)


def _key(house: House, _user_id: str) -> str:
    return _post(house, "/auth/api-keys/", {"name": "k", "scopes": ["tenant:read"]})


def _webhook(house: House, _user_id: str) -> str:
    body = {"url": "https://hooks.invalid/", "event_types": ["role.created"]}
    return _post(house, f"/tenants/{house.id}/webhooks/", body)


MAKERS: dict[str, Callable[[House, str], str]] = {
    "apikey": _key,
    "booking": _booking,
    "category": _category,
    "closure": _closure,
    "entry": _entry,
    "hold": lambda house, user_id: _booking(house, user_id, status="held"),
    "override": _override,
    "resource": lambda house, _: house.resource(),
    "role": _role,
    "series": _series,
    "user": lambda house, _: _new_user(house),
    "webhook": _webhook,
}
PATHS = {"category": "/resources/categories", "resource": "/resources", "role": "/users/roles"}


def _deleted(house: House, kind: str, user_id: str) -> str:
    made = MAKERS[kind](house, user_id)
    answer = house.owner.delete(f"{PATHS.get(kind, '/users')}/{made}")
    assert answer.status_code == 204, answer.text
    return made
