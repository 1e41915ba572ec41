"""What Prometheus gets to read of a whole installation, and whether board and alerts can use it."""

import shutil
import subprocess
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from tests.e2e.house import House, Person, at, day_ahead, new_house, rfc
from tests.e2e.pages import Pages
from tests.installation import Installation
from tests.ops.monitoring import OF_PROMETHEUS, Asked, everything_asked
from tests.waiting import wait_until

CREATE = {"context": "reservation", "type": "booking.create"}
HEARD, AUDIT = "slotstream_events_consumed_total", {"consumer": "audit"}
PROMTOOL = shutil.which("promtool")
PROCESSES = ["gateway-1", "handler-1", "relay-1", "subscriber-1"]


@dataclass(frozen=True)
class Lively:
    """A tenant, and what the gateway and the streams have been told of it and its people."""

    house: House
    told: tuple[str, ...]


@pytest.fixture(scope="module")
def lively(installation: Installation, platform: Person) -> Lively:
    """A booking was made, moved, refused to somebody else and cancelled."""
    house = new_house(installation, platform)
    house.open_always()
    resource = house.resource()
    start = at(day_ahead(), 10)
    made = house.book(house.owner, resource, start)
    assert made.status_code == 201, made.text
    assert house.book(house.owner, resource, start).status_code == 409
    path = f"/reservations/bookings/{made.json()['id']}"
    later = {
        "starts_at": rfc(start + timedelta(hours=2)),
        "ends_at": rfc(start + timedelta(hours=3)),
    }
    assert house.owner.patch(path, later).status_code == 200
    assert house.owner.post(f"{path}/cancel", {"reason": "rain"}).status_code == 200
    wait_until(lambda: len(house.events(made.json()["id"])) == 3, 10)
    told = (house.id, house.slug, house.owner.id, resource, made.json()["id"], house.owner.token)
    return Lively(house, told)


@pytest.fixture(scope="module")
def pages(installation: Installation, lively: Lively) -> Pages:
    """As they were once all of that had been heard of, and the relay had looked at the streams."""

    def said() -> Pages | None:
        found = Pages(installation)
        length = found.total("slotstream_stream_length", stream="reservation.events")
        return found if found.total(HEARD, **AUDIT) > 0 and length > 0 else None

    found = wait_until(said, 30)
    assert found is not None
    return found


def test_each_process_has_a_page(installation: Installation, lively: Lively) -> None:
    """Four processes, four pages; what a booking goes through is counted in each of them."""
    before = Pages(installation)
    assert list(before.texts) == PROCESSES
    house = lively.house
    assert house.book(house.owner, house.resource(), at(day_ahead(), 9)).status_code == 201

    def worked() -> Pages | None:
        """The pages, once those who work on it when it is answered have said so, too."""
        found = Pages(installation)
        done = [("slotstream_messages_total", {"outcome": "done", **CREATE}), (HEARD, AUDIT)]
        more = [found.total(name, **of) > before.total(name, **of) for name, of in done]
        return found if all(more) else None

    after = wait_until(worked, 30)
    assert after is not None

    def more(name: str, **labels: str) -> float:
        return after.total(name, **labels) - before.total(name, **labels)

    route = {"method": "POST", "route": "/reservations/bookings", "status": "201"}
    assert more("slotstream_http_requests_total", **route) == 1
    assert more("slotstream_http_request_seconds_count", **route) == 1
    assert more("slotstream_messages_total", outcome="done", **CREATE) == 1
    assert more("slotstream_message_seconds_count", **CREATE) == 1
    assert more("slotstream_bookings_total", outcome="created") == 1
    assert after.total("slotstream_messages_refused_total", code="booking_conflict", **CREATE) >= 1
    assert after.total("slotstream_bookings_total", outcome="moved") >= 1
    assert after.total("slotstream_bookings_total", outcome="cancelled") >= 1
    assert after.total("slotstream_http_problems_total", code="booking_conflict") >= 1
    assert after.total("slotstream_database_pool_size", pool="reservation") > 0
    assert after.total("slotstream_cache_lookups_total", cache="known_settings", result="hit") > 0
    assert after.total("slotstream_cache_lookups_total", cache="tokens", result="hit") > 0


def test_the_relay_says_how_far_behind_everything_is(pages: Pages) -> None:
    """Every stream with its groups, dead letters, outboxes; one active relay for each context."""
    assert pages.total("slotstream_relay_active") == 5
    assert pages.total("slotstream_redis_up") == 2
    assert pages.total("slotstream_stream_length", stream="reservation.events") > 0
    groups = {"stream": "reservation.events", "group": "audit"}
    assert pages.has_label("slotstream_stream_lag", "group")
    for name in ("stream_lag", "stream_pending", "stream_oldest_pending_seconds"):
        assert pages.total(f"slotstream_{name}", **groups) >= 0
        assert (
            f'slotstream_{name}{{group="audit",stream="reservation.events"}}'
            in pages.texts["relay-1"]
        )
    assert 'slotstream_dead_letter_depth{stream="reservation.dead"}' in pages.texts["relay-1"]
    assert 'slotstream_outbox_oldest_seconds{context="webhook"}' in pages.texts["relay-1"]


@pytest.mark.parametrize(
    "asked", everything_asked(), ids=lambda asked: f"{asked.place}: {asked.expression}"
)
def test_what_is_asked_for_is_there(pages: Pages, asked: Asked) -> None:
    """Every metric in board and alerts is exposed, and has every label that is used of it."""
    missing = asked.metrics - pages.labels.keys()
    assert not missing, f"{asked.place} asks for what no process has"
    for metric, label in asked.labels():
        known = pages.has_label(metric, label) or label in OF_PROMETHEUS
        assert known, f"{asked.place}: {metric} has no {label}"
    for label in asked.shown - OF_PROMETHEUS:
        assert any(pages.has_label(metric, label) for metric in asked.metrics), (
            f"{asked.place}: {label}"
        )


def test_nobody_is_on_a_page(installation: Installation, lively: Lively) -> None:
    """No tenant's id or slug, no person, no object, no token, no path that somebody asked for."""
    assert lively.house.owner.get("/canary-path/of-somebody").status_code == 404
    for name, text in Pages(installation).texts.items():
        for said in (*lively.told, "canary", "@"):
            assert said not in text, f"{said} on the page of {name}"


def test_a_gateways_own_port_has_its_page_and_nothing_else(installation: Installation) -> None:
    """Whoever may read metrics gets to no route from there; on the common port both are."""
    own = installation.endpoints["metrics"]["gateway-1"].removesuffix("/metrics")
    for path in ("/health", "/resources/", "/", "/metrics/"):
        assert httpx.get(own + path).status_code == 404, path
    common = httpx.get(f"{installation.base_url}/metrics")
    assert common.status_code == 200
    assert common.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "slotstream_http_requests_total{" in common.text


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed here")
@pytest.mark.parametrize("process", PROCESSES)
def test_promtool_has_nothing_to_say(installation: Installation, process: str) -> None:
    """Names, types and help texts are as Prometheus wants them."""
    page = Pages(installation).texts[process]
    found = subprocess.run(
        (str(PROMTOOL), "check", "metrics"), input=page.encode(), capture_output=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
