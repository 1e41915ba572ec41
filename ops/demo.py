"""The demonstration tenant: made over HTTP like anybody's, the same however often it is run."""

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

SLUG = "demo"
TENANT_ID = "0d0e0a00-0000-4000-8000-000000000001"
CATEGORY_ID = "0d0e0a00-0000-4000-8000-000000000002"
RESOURCE_IDS = ("0d0e0a00-0000-4000-8000-000000000011", "0d0e0a00-0000-4000-8000-000000000012")
OWNER_EMAIL = "owner@demo.example"
OWNER_PASSWORD = "demonstration-only"  # noqa: S105 - known to all; not made in production
SECONDS = 30.0
ANSWER_SECONDS = 15.0
SETTLED = {"succeeded", "failed", "expired"}

Json = dict[str, Any]

TENANT: Json = {
    "id": TENANT_ID,
    "name": "Barbearia Demonstração",
    "slug": SLUG,
    "owner": {"email": OWNER_EMAIL, "name": "Dona da Demonstração", "password": OWNER_PASSWORD},
    "settings": {
        "timezone": "America/Sao_Paulo",
        "locale": "pt-BR",
        "currency": "BRL",
        "labels": {"resource": "Barbeiro", "booking": "Horário"},
    },
}
CATEGORY: Json = {
    "id": CATEGORY_ID,
    "name": "Barbeiros",
    "description": "Quem corta o cabelo e faz a barba",
}
RESOURCES: tuple[Json, ...] = tuple(
    {
        "id": resource_id,
        "name": name,
        "category_id": CATEGORY_ID,
        "kind": "person",
        "capacity": 1,
        "attributes": {},
    }
    for resource_id, name in zip(RESOURCE_IDS, ("Rafael", "Beatriz"), strict=True)
)


class Refused(Exception):
    """The gateway said no to something that a new installation must allow."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the body if it was a JSON object, where to look further."""

    status: int
    body: Json
    location: str | None


@dataclass(slots=True)
class Visitor:
    """A client of the gateway, signed in or not."""

    url: str
    headers: dict[str, str]
    deadline: float

    def ask(self, method: str, path: str, body: Json | None = None) -> Answer:
        parts = urlsplit(self.url)
        connection = HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port, timeout=ANSWER_SECONDS
        )
        try:
            content = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json", **self.headers}
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            text = response.read()
            location = response.getheader("Location")
        finally:
            connection.close()
        found = json.loads(text) if text else {}
        return Answer(response.status, found if isinstance(found, dict) else {}, location)

    def change(self, method: str, path: str, body: Json) -> Answer:
        """The final outcome: asked again while overloaded, followed where it takes longer."""
        answer = self.ask(method, path, body)
        while answer.status in (202, 503, 504) and time.monotonic() < self.deadline:
            time.sleep(0.2)
            if answer.location is None:
                answer = self.ask(method, path, body)
                continue
            operation = self.ask("GET", answer.location)
            if operation.body.get("state") in SETTLED:
                return Answer(int(operation.body.get("http_status") or 500), operation.body, None)
        return answer

    def ensure(self, folder: str, thing: Json) -> None:
        """The object of this id exists; one that is there already is left as it is."""
        if self.ask("GET", f"{folder}{thing['id']}").status == 200:
            return
        answer = self.change("POST", folder, thing)
        # 409: somebody made one meanwhile, or the name is taken by something like it.
        if answer.status not in (200, 201, 409):
            raise Refused(f"POST {folder} answers {answer.status} {_reason(answer)}")


def make_demonstration(url: str, email: str, password: str) -> None:
    """The tenant with its owner, a category and two resources are there."""
    deadline = time.monotonic() + SECONDS
    visitor = Visitor(url, {}, deadline)
    sign_in = {"tenant": None, "email": email, "password": password}
    answer = visitor.change("POST", "/auth/token", sign_in)
    if answer.status != 200:
        raise Refused(f"the sign-in answers {answer.status} {_reason(answer)}")
    visitor.headers["Authorization"] = f"Bearer {answer.body['access_token']}"
    visitor.ensure("/tenants/", TENANT)
    visitor.headers["X-Tenant-ID"] = TENANT_ID
    visitor.ensure("/resources/categories/", CATEGORY)
    for resource in RESOURCES:
        visitor.ensure("/resources/", resource)


def _reason(answer: Answer) -> str:
    said: Mapping[str, Any] = answer.body.get("problem") or answer.body
    return str(said.get("code") or said.get("detail") or "")


if __name__ == "__main__":
    try:
        make_demonstration(
            os.environ["DEMO_GATEWAY_URL"],
            os.environ["PLATFORM_ADMIN_EMAIL"],
            os.environ["PLATFORM_ADMIN_PASSWORD"],
        )
    except (Refused, OSError, HTTPException, ValueError) as wrong:
        sys.exit(str(wrong) or type(wrong).__name__)
