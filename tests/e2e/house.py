"""Clients of an installation, and tenants to try it with. Each test has a tenant of its own."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import redis

from tests.documented import check_answer
from tests.installation import Installation
from tests.waiting import wait_until

PASSWORD = "correct horse battery"
# An access token is good for ten minutes; whoever is about for longer takes another in time.
ANOTHER_TOKEN_AFTER = 240.0
OPEN_ALWAYS = {
    day: [{"start": "00:00", "end": "24:00"}]
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}
Json = dict[str, Any]


_http_clients: dict[str, httpx.Client] = {}
_redis_clients: dict[str, "redis.Redis"] = {}
# What `day_ahead` counts from, where that is settled; see `one_day`.
_days: list[date] = []


def http_client(base_url: str) -> httpx.Client:
    """The connections to one installation, shared by everybody; see `close_clients`. Whatever is
    answered has to be as the OpenAPI documents have it."""
    if base_url not in _http_clients:
        hooks = {"response": [check_answer]}
        made = httpx.Client(base_url=base_url, timeout=30, event_hooks=hooks)
        _http_clients[base_url] = made
    return _http_clients[base_url]


def redis_client(url: str) -> "redis.Redis":
    """The connections to one Redis; see `close_clients`."""
    if url not in _redis_clients:
        _redis_clients[url] = redis.Redis.from_url(url)
    return _redis_clients[url]


def close_clients(base_url: str, *redis_urls: str) -> None:
    """Called by whoever ends an installation: the next one at the same address is asked anew."""
    if base_url in _http_clients:
        _http_clients.pop(base_url).close()
    for url in redis_urls:
        if url in _redis_clients:
            _redis_clients.pop(url).close()


@dataclass
class Person:
    """Somebody who is signed in, or nobody in particular."""

    base_url: str
    token: str = ""
    id: str = ""
    tenant_id: str = ""
    refresh_token: str = ""
    signed_in_at: float = field(default_factory=time.monotonic)

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **content: Any,
    ) -> httpx.Response:
        """One request, with whatever headers and content it is given; of an answer that lasts the
        head alone."""
        self.stay_signed_in()
        client = http_client(self.base_url)
        sent = {**self.authorization, **(headers or {})}
        request = client.build_request(method, path, headers=sent, **content)
        answer = client.send(request, stream=True)
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.close()
            return httpx.Response(answer.status_code, headers=answer.headers, request=request)
        answer.read()
        return answer

    def stay_signed_in(self) -> None:
        """The token is not about to run out, unless the session was ended."""
        if not self.refresh_token or time.monotonic() - self.signed_in_at < ANOTHER_TOKEN_AFTER:
            return
        self.signed_in_at = time.monotonic()
        body = {"refresh_token": self.refresh_token}
        answer = http_client(self.base_url).post("/auth/refresh", json=body)
        if answer.status_code == 200:
            tokens = answer.json()
            self.token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.request("GET", path, params=params)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self._send("PATCH", path, body, headers)

    def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self._send("PUT", path, body, headers)

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self._send("DELETE", path, None, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request(method, path, json=body, headers=named)


@dataclass
class House:
    """A tenant with an owner, and what a booking needs."""

    base_url: str
    id: str
    slug: str
    owner: Person
    redis: "redis.Redis"

    def person(self, *roles: str) -> Person:
        """A new user of this tenant with these roles, signed in."""
        email = f"{uuid4().hex[:10]}@people.example"
        made = self.owner.post(
            "/users/",
            {"email": email, "name": "Somebody", "password": PASSWORD, "roles": list(roles)},
        )
        assert made.status_code == 201, made.text
        return sign_in(self.base_url, self.slug, email, PASSWORD)

    def settings(self, **patch: Any) -> Json:
        """Changes the settings."""
        answer = self.owner.patch(f"/tenants/{self.id}/settings", patch)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def open_always(self, **more: Any) -> Json:
        """Opening hours that no rule of a test stumbles over."""
        return self.settings(business_hours=OPEN_ALWAYS, max_advance_days=3650, **more)

    def resource(self, **fields: Any) -> str:
        """The id of a new resource."""
        body = {"name": "Chair", "kind": "equipment", **fields}
        answer = self.owner.post("/resources/", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def book(
        self, who: Person, resource_id: str, start: datetime, minutes: int = 60, **fields: Any
    ) -> httpx.Response:
        """Asks for a booking."""
        return who.post(
            "/reservations/bookings/",
            {
                "resource_id": resource_id,
                "starts_at": rfc(start),
                "ends_at": rfc(start + timedelta(minutes=minutes)),
                **fields,
            },
        )

    def events(self, booking_id: str) -> list[tuple[str, int, Json]]:
        """Type, sequence and data of a booking's events, read by plain XRANGE."""
        found = []
        entries: Any = self.redis.xrange("reservation.events")
        for _, fields in entries:
            if fields[b"subject"].decode() == f"booking/{booking_id}":
                found.append(
                    (
                        fields[b"type"].decode(),
                        int(fields[b"sequence"]),
                        json.loads(fields[b"data"]),
                    )
                )
        return found


def sign_in(base_url: str, tenant: str | None, email: str, password: str) -> Person:
    """Somebody who has signed in."""
    answer = Person(base_url).post(
        "/auth/token", {"tenant": tenant, "email": email, "password": password}
    )
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    person = Person(base_url, tokens["access_token"], refresh_token=tokens["refresh_token"])
    me = person.get("/auth/me").json()
    person.id, person.tenant_id = me["id"], me["tenant_id"] or ""
    return person


def new_house(installation: Installation, platform: Person) -> House:
    """A tenant of its own for a test."""
    slug = f"house-{uuid4().hex[:12]}"
    email = f"owner@{slug}.example"
    answer = platform.post(
        "/tenants/",
        {
            "name": "A house",
            "slug": slug,
            "owner": {"email": email, "name": "The owner", "password": PASSWORD},
        },
    )
    assert answer.status_code == 201, answer.text
    owner = sign_in(installation.base_url, slug, email, PASSWORD)
    client = redis_client(installation.endpoints["redis"])
    return House(installation.base_url, answer.json()["id"], slug, owner, client)


def code_for(installation: Installation, email: str) -> str:
    """The code of the last mail to this address: in development mails are printed."""

    def printed() -> str | None:
        lines = [line for line in installation.log.read_text().splitlines() if email in line]
        found = re.search(r"code='([^']+)'", lines[-1]) if lines else None
        return found[1] if found else None

    code = wait_until(printed, 10)
    assert code is not None
    return code


def published(installation: Installation, house: House, kind: str, body: Json) -> Json:
    """The reply to a message that the publisher `demo` sends for a tenant, with its own user."""
    publisher = installation.endpoints["publishers"]["demo"]
    client = redis_client(publisher["redis"])
    entry_id = str(uuid4())
    fields: dict[Any, Any] = {"specversion": "1.0", "id": entry_id, "type": kind}
    fields |= {"tenantid": house.id, "data": json.dumps(body)}
    client.xadd(publisher["stream"], fields)

    def answer() -> Json | None:
        entries: Any = client.xrange("replies.ingress.demo")
        for _, found in entries:
            if found[b"subject"].decode() == entry_id:
                return dict(json.loads(found[b"data"]))
        return None

    reply = wait_until(answer, 10)
    assert reply is not None
    return reply


def so_far(answer: httpx.Response) -> Any:
    """What is answered, for a wait: None while a part is away or has to catch up."""
    if answer.status_code in (503, 504):
        return None
    assert answer.status_code == 200, answer.text
    return answer.json()


def rfc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@contextmanager
def one_day() -> Iterator[None]:
    """While it lasts every day ahead is counted from the same one, past midnight, too."""
    _days.append(day_ahead(0))
    yield
    _days.pop()


def day_ahead(days: int = 10, weekday: int | None = None) -> date:
    """A date some days ahead; the next of a weekday (0 is Monday) from there on."""
    found = (_days[-1] if _days else datetime.now(UTC).date()) + timedelta(days=days)
    while weekday is not None and found.weekday() != weekday:
        found += timedelta(days=1)
    return found


def at(day: date, hour: int, minute: int = 0, zone: str = "UTC") -> datetime:
    """An instant by the wall clock of a zone."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
