"""Webhooks over HTTP: a booking is made, and a receiver is told, by an installation of its own."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.documented import check_payload
from tests.e2e.house import House, at, day_ahead, new_house, sign_in
from tests.installation import Installation
from tests.waiting import wait_until


@dataclass
class Told:
    """What came to a receiver, and what it answers next."""

    url: str = ""
    status: int = 200
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def told() -> Iterator[Told]:
    """A real HTTP server."""
    found = Told()

    class Receiver(BaseHTTPRequestHandler):
        server_version = "receiver"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.requests.append((dict(self.headers.items()), body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hooks"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def open_installation() -> Iterator[Installation]:
    """One whose webhooks reach this machine."""
    told = {"RATE_LIMIT_ENABLED": "false", "WORKERS": "1", "WEBHOOK_ALLOW_PRIVATE": "true"}
    with Installation(told) as found:
        yield found


@pytest.fixture
def shop(open_installation: Installation) -> House:
    found = open_installation
    platform = sign_in(found.base_url, None, found.admin_email, found.admin_password)
    return new_house(found, platform)


def test_a_booking_is_told(shop: House, told: Told) -> None:
    """The secret of the answer verifies what comes, and the log says that it came; what is done
    with the endpoint stands in the audit trail, whose events have their own stream."""
    path = f"/tenants/{shop.id}/webhooks/"
    made = shop.owner.post(path, {"url": told.url, "event_types": ["booking.*"]})
    assert made.status_code == 201, made.text
    hook = made.json()
    one = f"{path}{hook['id']}"
    assert made.headers["location"] == one
    assert "secret" not in shop.owner.get(one).json()
    shop.open_always()
    booked = shop.book(shop.owner, shop.resource(), at(day_ahead(), 10))
    assert booked.status_code == 201, booked.text
    wait_until(lambda: bool(told.requests), 15)
    headers, body = told.requests[0]
    event = Webhook(hook["secret"]).verify(body, headers)
    check_payload(event)
    assert (event["type"], event["subject"]) == (
        "booking.created",
        f"booking/{booked.json()['id']}",
    )

    def delivered() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = shop.owner.get(f"{one}/deliveries/").json()["items"]
        return [item for item in items if item["state"] == "delivered"]

    (sent,) = wait_until(delivered, 10)
    assert [attempt["status"] for attempt in sent["attempts"]] == [200]

    def on_the_trail() -> bool:
        items = shop.owner.get(f"/tenants/{shop.id}/audit/", subject=f"webhook/{hook['id']}")
        return [item["event_type"] for item in items.json()["items"]] == ["webhook.created"]

    assert wait_until(on_the_trail, 10)
    again = shop.owner.post(f"{one}/deliveries/{sent['id']}/redeliver", None)
    assert again.status_code == 200, again.text
    wait_until(lambda: len(told.requests) == 2, 10)
    assert told.requests[0][0]["webhook-id"] == told.requests[1][0]["webhook-id"]


def test_a_receiver_that_is_gone(shop: House, told: Told) -> None:
    """410 disables, and the tenant's trail says so; an asynchronous change has its operation."""
    path = f"/tenants/{shop.id}/webhooks/"
    # Nothing else is sent before: what is refused first switches it off, and then it has no test.
    hook = shop.owner.post(path, {"url": told.url, "event_types": ["webhook.test"]}).json()
    told.status = 410
    assert shop.owner.post(f"{path}{hook['id']}/test", None).status_code == 200
    wait_until(lambda: not shop.owner.get(f"{path}{hook['id']}").json()["enabled"], 15)
    check_payload(Webhook(hook["secret"]).verify(told.requests[0][1], told.requests[0][0]))

    def on_the_trail() -> bool:
        items = shop.owner.get(f"/tenants/{shop.id}/audit/", type="webhook.disabled")
        return len(items.json()["items"]) == 1

    assert wait_until(on_the_trail, 10)
    later = shop.owner.patch(f"{path}{hook['id']}", {"enabled": True}, Prefer="respond-async")
    assert later.status_code == 202, later.text
    link = later.headers["location"]
    assert link.startswith("/operations/webhook/")
    wait_until(lambda: shop.owner.get(link).json()["state"] == "succeeded", 10)


def test_what_is_sent_is_what_the_document_says(shop: House, told: Told) -> None:
    """Events of every context, as real handlers make them, against the OpenAPI document that the
    installation itself serves their types in."""
    path = f"/tenants/{shop.id}/webhooks/"
    hook = shop.owner.post(path, {"url": told.url, "event_types": ["*"]}).json()
    shop.open_always()
    resource = shop.resource()
    booked = shop.book(shop.owner, resource, at(day_ahead(), 10))
    one = f"/reservations/bookings/{booked.json()['id']}"
    assert shop.owner.post(f"{one}/cancel", {"reason": "no more"}).status_code == 200
    shop.owner.post(f"{path}{hook['id']}/rotate-secret", None)
    expected = {
        *("tenant.settings_updated", "resource.created", "booking.created", "booking.cancelled"),
        "webhook.secret_rotated",
    }

    def events() -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in list(told.requests)]

    wait_until(lambda: expected <= {event["type"] for event in events()}, 20)
    served = shop.owner.get("/tenants/openapi.json").json()
    for event in events():
        assert event["type"] in served["webhooks"]
        check_payload(event)
