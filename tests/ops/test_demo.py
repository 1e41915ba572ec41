"""The demonstration tenant, against a gateway that answers by the book."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from ops import demo
from ops.demo import Refused, make_demonstration

TENANT = f"/tenants/{demo.TENANT_ID}"


class Book(http.server.BaseHTTPRequestHandler):
    """Remembers what is created; `scripted` answers come first, one for each request."""

    objects: ClassVar[dict[str, Any]] = {}
    scripted: ClassVar[dict[str, list[tuple[int, dict[str, Any], str | None]]]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self._answer(*self._next(200 if self.path in self.objects else 404, {}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer, location = self._next(201, body)
        if self.path == "/auth/token" and status == 201:
            status, answer = 200, {"access_token": "token"}
        elif status in (201, 202):
            self.objects[f"{self.path}{body['id']}"] = body
        self._answer(status, answer, location)

    def _next(self, status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any], str | None]:
        key = f"{self.command} {self.path}"
        self.asked.append(key)
        return self.scripted[key].pop(0) if self.scripted.get(key) else (status, body, None)

    def _answer(self, status: int, body: dict[str, Any], location: str | None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing is printed."""


@pytest.fixture
def url() -> Iterator[str]:
    for remembered in (Book.objects, Book.scripted, Book.asked):
        remembered.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Book)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def make(url: str) -> None:
    make_demonstration(url, "admin@slotstream.example", "a long enough phrase")


def test_made_once(url: str) -> None:
    """The tenant, a category and two resources are made, and found the second time."""
    make(url)
    assert len(Book.objects) == 4
    assert Book.objects[TENANT]["slug"] == "demo"
    assert Book.objects[TENANT]["settings"]["locale"] == "pt-BR"
    posted = [asked for asked in Book.asked if asked.startswith("POST")]
    make(url)
    again = [asked for asked in Book.asked if asked.startswith("POST")][len(posted) :]
    assert again == ["POST /auth/token"]


def test_slow_outcome_is_followed(url: str) -> None:
    """202 is followed to its final state; an overloaded gateway is asked again."""
    Book.scripted["POST /auth/token"] = [(503, {}, None)]
    Book.scripted["POST /tenants/"] = [(202, {}, "/operations/tenant/1")]
    Book.scripted["GET /operations/tenant/1"] = [
        (200, {"state": "pending"}, None),
        (200, {"state": "succeeded", "http_status": 201}, None),
    ]
    make(url)
    assert TENANT in Book.objects


def test_taken_name_is_no_trouble(url: str) -> None:
    """409 means that somebody made one like it."""
    Book.scripted["POST /resources/categories/"] = [(409, {"code": "name_taken"}, None)]
    make(url)


@pytest.mark.parametrize("path", ["/auth/token", "/tenants/", "/resources/"])
def test_refusal_is_said(url: str, path: str) -> None:
    """What the gateway refuses is said with its code."""
    Book.scripted[f"POST {path}"] = [(400, {"code": "unknown_field"}, None)]
    with pytest.raises(Refused, match="400 unknown_field"):
        make(url)
