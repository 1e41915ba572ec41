"""nginx in front of a real installation: what passes, how, and what the gateway is told of it."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from tests.deploy.nginx import Nginx
from tests.e2e.house import House, at, day_ahead
from tests.gateway.sse import EVENTS, Listener
from tests.waiting import wait_until

MEBIBYTE = 1_048_576
PRIVATE = ["/metrics", "/ready", "/metrics/", "//metrics", "/%6detrics", "/x/../ready", "/ready/x"]


def test_a_booking_goes_through(house: House) -> None:
    """A booking is made, and made again is refused, as without nginx."""
    house.open_always()
    resource, start = house.resource(), at(day_ahead(), 10)
    booked = house.book(house.owner, resource, start)
    assert booked.status_code == 201, booked.text
    assert booked.headers["server"] == "nginx"
    again = house.book(house.owner, resource, start)
    assert (again.status_code, again.json()["code"]) == (409, "booking_conflict")


async def test_events_come_as_they_happen(house: House, nginx: Nginx) -> None:
    """An event is with a follower while the connection lasts: nothing on the way gathers them."""
    house.open_always()
    resource = house.resource()
    listener = Listener(nginx.address, {**house.owner.authorization, "Accept-Encoding": "gzip"})
    listening = asyncio.create_task(listener.listen(enough=1))
    start = at(day_ahead(), 12)
    try:
        for hours in range(8):
            # Before the follower is connected nothing is told; one of these comes after.
            moment = start + timedelta(hours=hours)
            answer = await asyncio.to_thread(house.book, house.owner, resource, moment)
            assert answer.status_code == 201, answer.text
            done, _ = await asyncio.wait({listening}, timeout=2)
            if done:
                break
        await asyncio.wait_for(listening, 20)
    finally:
        listening.cancel()
    assert listener.heard[0].type == "booking.created"


async def test_events_are_not_compressed(house: House, nginx: Nginx) -> None:
    """A stream of events is sent as it is, to whoever takes gzip too."""
    headers = {**house.owner.authorization, "Accept-Encoding": "gzip"}
    async with (
        httpx.AsyncClient(base_url=nginx.address) as client,
        client.stream("GET", f"{EVENTS}/", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers


def test_answers_are_compressed(nginx: Nginx) -> None:
    """A large document comes compressed to whoever takes it so, and as it is to others."""
    path = f"{nginx.address}/tenants/openapi.json"
    small = httpx.get(path, headers={"Accept-Encoding": "gzip"})
    plain = httpx.get(path, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.json() == plain.json()
    assert "accept-encoding" in small.headers["vary"].lower()


def test_a_compressed_etag_can_be_given_back(house: House) -> None:
    """The ETag of an answer that was compressed on the way is good in If-Match, and an older one
    is not."""
    owner = house.owner
    resource = owner.get(f"/resources/{house.resource(description='long ' * 400)}")
    weak = resource.headers["etag"]
    assert (weak[:2], resource.headers["content-encoding"]) == ("W/", "gzip")
    path = f"/resources/{resource.json()['id']}"
    assert owner.patch(path, {"name": "Table"}, if_match=weak).status_code == 200
    stale = owner.patch(path, {"name": "Bench"}, if_match=weak)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


@pytest.mark.parametrize("forged", ["198.51.100.7", "127.0.0.1", "198.51.100.7, 127.0.0.1"])
def test_a_forged_address_is_not_believed(nginx: Nginx, forged: str) -> None:
    """Whatever a client says of its address, the gateway counts the one that it has."""
    claims = {
        "X-Forwarded-For": forged,
        "Forwarded": f"for={forged.partition(',')[0]}",
        "X-Real-IP": forged.partition(",")[0],
    }
    with (
        httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.3")) as liar,
        httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.4")) as other,
    ):
        path = f"{nginx.address}/public/nobody"
        before = _left(liar.get(path))
        assert _left(liar.get(path, headers=claims)) == before - 1
        assert _left(liar.get(path)) == before - 2
        assert _left(other.get(path)) > before - 2


def _left(answer: httpx.Response) -> int:
    """How many requests the gateway grants this address yet: `"address";r=2999;t=60`."""
    policy, left, _ = answer.headers["ratelimit"].split(";")
    assert policy == '"address"', answer.text
    return int(left.removeprefix("r="))


@pytest.mark.parametrize("path", PRIVATE)
def test_what_is_not_for_the_outside(nginx: Nginx, path: str) -> None:
    """Metrics and readiness are not passed on, however they are spelled."""
    target = httpx.URL(nginx.address).copy_with(raw_path=path.encode())
    answer = httpx.get(target)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "x-request-id" not in answer.headers, "the gateway was asked"


def test_health_is_for_everybody(nginx: Nginx) -> None:
    """Whether there is somebody may be asked from outside."""
    answer = httpx.get(f"{nginx.address}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_body_of_a_mebibyte(nginx: Nginx) -> None:
    """The largest body that the gateway reads is passed on; of a larger one it hears nothing."""
    path = f"{nginx.address}/auth/token"
    json = {"Content-Type": "application/json"}
    fits = httpx.post(path, content=b"{" + b" " * (MEBIBYTE - 2) + b"}", headers=json)
    assert (fits.status_code, "x-request-id" in fits.headers) == (400, True)
    large = httpx.post(path, content=b" " * (MEBIBYTE + 1), headers=json)
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    assert "x-request-id" not in large.headers


def test_log_holds_no_secret_and_no_address(house: House, nginx: Nginx) -> None:
    """The access log has a line for a request, without its query and without the client's
    address."""
    answer = httpx.get(f"{nginx.address}/users/{house.owner.id}/calendar.ics?token=canary")
    own = answer.headers["x-request-id"]
    # It is written once the answer is out.
    line = wait_until(lambda: next((one for one in nginx.log.splitlines() if own in one), ""), 20)
    assert f'"path":"/users/{house.owner.id}/calendar.ics"' in line
    assert "canary" not in nginx.log
    assert "127.0.0.1" not in nginx.log
