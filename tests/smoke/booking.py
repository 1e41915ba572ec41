"""A booking on a running installation: over HTTP in, as an event out. Standard library only.

Told where by the environment of `make run`: GATEWAY_PORT, DATA_DIR, PLATFORM_ADMIN_EMAIL and
PLATFORM_ADMIN_PASSWORD.
"""

import http.client
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from tests.waiting import wait_until

READY_SECONDS = 60.0
EVENT_SECONDS = 10.0
ALL_DAY = [{"start": "00:00", "end": "24:00"}]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ALL_DAY)


class Client:
    """A caller that knows the HTTP interface and nothing else."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            content = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json", **self.headers}
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text) if text else None

    def make(self, path: str, body: object, expected: int = 201) -> Any:
        status, answer = self.ask("POST", path, body)
        if status != expected:
            sys.exit(f"POST {path} answered {status}: {answer}")
        return answer

    def is_ready(self) -> bool:
        try:
            return self.ask("GET", "/ready")[0] == 200
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def sign_in(self, tenant: str | None, email: str, password: str) -> bool:
        status, answer = self.ask(
            "POST", "/auth/token", {"tenant": tenant, "email": email, "password": password}
        )
        if status == 200:
            self.headers["Authorization"] = f"Bearer {answer['access_token']}"
        return bool(status == 200)


class Stream:
    """A Redis connection that reads one stream."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port or 6379), timeout=10)
        self._file: IO[bytes] = self._socket.makefile("rb")
        if parts.password:
            self.ask("AUTH", unquote(parts.username or "default"), unquote(parts.password))

    def ask(self, *words: str) -> Any:
        encoded = [word.encode() for word in words]
        self._socket.sendall(
            b"*%d\r\n" % len(encoded)
            + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
        )
        return self._answer()

    def entries(self, name: str) -> list[dict[str, str]]:
        found = self.ask("XRANGE", name, "-", "+")
        return [dict(zip(fields[::2], fields[1::2], strict=True)) for _, fields in found]

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _answer(self) -> Any:
        line = self._file.readline()
        kind, rest = line[:1], line[1:].strip()
        if kind == b"-":
            sys.exit(f"Redis says: {rest.decode()}")
        if kind in (b"+", b":"):
            return rest.decode()
        count = int(rest)
        if kind == b"*":
            return [self._answer() for _ in range(count)]
        return None if count < 0 else self._file.read(count + 2)[:-2].decode()


def book(client: Client) -> str:
    """The id of a booking at ten tomorrow, in a tenant made for it."""
    slug = f"smoke-{secrets.token_hex(4)}"
    owner = {"email": "owner@smoke.example", "name": "Owner", "password": "the owner's own phrase"}
    settings = {"timezone": "UTC", "business_hours": WEEK}
    client.make("/tenants/", {"name": "Smoke", "slug": slug, "owner": owner, "settings": settings})
    if not client.sign_in(slug, owner["email"], owner["password"]):
        sys.exit("the owner of the new tenant cannot sign in")
    category = client.make("/resources/categories/", {"name": "Rooms"})
    resource = client.make(
        "/resources/",
        {"name": "Red room", "category_id": category["id"], "kind": "space", "capacity": 1},
    )
    start = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(1)
    wanted = {
        "resource_id": resource["id"],
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(),
    }
    booking = client.make("/reservations/bookings/", wanted)
    client.make("/reservations/bookings/", wanted, expected=409)
    return str(booking["id"])


def main(environment: Mapping[str, str]) -> None:
    client = Client(int(environment["GATEWAY_PORT"]))
    wait_until(client.is_ready, READY_SECONDS)
    email, password = (
        environment["PLATFORM_ADMIN_EMAIL"],
        environment["PLATFORM_ADMIN_PASSWORD"],
    )
    wait_until(lambda: client.sign_in(None, email, password), READY_SECONDS)
    booking_id = book(client)
    endpoints = Path(environment["DATA_DIR"]) / "endpoints.json"
    stream = Stream(json.loads(endpoints.read_text(encoding="utf-8"))["redis"])

    def was_told() -> bool:
        return any(
            entry.get("type") == "booking.created"
            and entry.get("subject") == f"booking/{booking_id}"
            for entry in stream.entries("reservation.events")
        )

    wait_until(was_told, EVENT_SECONDS)
    stream.close()
    print(f"booking {booking_id} is made and reservation.events tells of it")  # noqa: T201 - its answer


if __name__ == "__main__":
    main(os.environ)
