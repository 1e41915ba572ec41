"""Traces of an installation, as a collector is told them: one booking is one trace."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from contracts.wire.tracing import span_id_of
from tests.e2e.confiding import SECRET, confide, forge
from tests.e2e.house import House, at, close_clients, day_ahead, new_house, rfc, sign_in
from tests.e2e.sent import kept
from tests.installation import Installation
from tests.otlp import Collector, Told, collecting
from tests.waiting import wait_until

FOREIGN_SPAN = "b7ad6b7169203331"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="module")
def installation(collector: Collector) -> Iterator[Installation]:
    """One that tells its spans, soon."""
    found = Installation(
        {
            "RATE_LIMIT_ENABLED": "false",
            "WEBHOOK_ALLOW_PRIVATE": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20collectors",
            "OTEL_SERVICE_NAME": "shop",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
    )
    found.admin_password = f"{SECRET} of the platform"
    with found:
        urls = found.endpoints
        yield found
        publishers = [one["redis"] for one in urls["publishers"].values()]
        close_clients(found.base_url, urls["redis"], *publishers)


@pytest.fixture(scope="module")
def house(installation: Installation) -> House:
    """A tenant that is open, with a receiver of webhooks that answers 404."""
    platform = sign_in(
        installation.base_url, None, installation.admin_email, installation.admin_password
    )
    found = new_house(installation, platform)
    found.open_always()
    return found


def booked(house: House, resource: str, traceparent: str, hour: int = 10) -> int:
    """The status of a request for a booking that comes from a trace of the client's own."""
    times = {"starts_at": rfc(at(day_ahead(), hour)), "ends_at": rfc(at(day_ahead(), hour + 1))}
    answer = house.owner.request(
        "POST",
        "/reservations/bookings/",
        headers={"traceparent": traceparent, "X-Request-ID": SECRET},
        json={"resource_id": resource, "notes": SECRET, **times},
    )
    return answer.status_code


def the_one(spans: list[Told], name: str, **attributes: Any) -> Told:
    """The span of this name with these attributes, dots written as `__`."""
    wanted = {key.replace("__", "."): value for key, value in attributes.items()}
    (found,) = (
        span for span in spans if span.name == name and span.attributes.items() >= wanted.items()
    )
    return found


def traceparents(house: House, stream: str, trace_id: str) -> list[str]:
    """Of the messages on a stream that are of this trace."""
    entries: Any = house.redis.xrange(stream)
    found = [fields.get(b"traceparent", b"").decode() for _, fields in entries]
    return [one for one in found if trace_id in one]


HEARD = ("audit", "billing", "notification", "report", "webhook")


@pytest.fixture(scope="module")
def trace_and_commands(collector: Collector, house: House) -> tuple[list[Told], list[str]]:
    """Of one booking that comes from a client's trace, a webhook's attempt included."""
    hook = {"url": f"{collector.url}/hooks", "event_types": ["booking.*"]}
    assert house.owner.post(f"/tenants/{house.id}/webhooks/", hook).status_code == 201
    trace_id = uuid4().hex

    def whole() -> list[Told]:
        spans = collector.trace(trace_id)
        ends = {"POST /reservations/bookings", "publish reservation.events", "POST webhook"}
        there = ends <= {span.name for span in spans}
        # A process tells its spans in batches: what is below may come before what is above.
        known = {FOREIGN_SPAN, *(span.id for span in spans)}
        there = there and all(span.parent_id in known for span in spans)
        return spans if there and groups(spans) >= {"reservation", *HEARD} else []

    with kept(house.redis, "reservation.commands"):
        assert booked(house, house.resource(), f"00-{trace_id}-{FOREIGN_SPAN}-01") == 201
        spans = wait_until(whole, 20)
        return spans, traceparents(house, "reservation.commands", trace_id)


@pytest.fixture(scope="module")
def trace(trace_and_commands: tuple[list[Told], list[str]]) -> list[Told]:
    """The spans."""
    return trace_and_commands[0]


@pytest.fixture(scope="module")
def commands(trace_and_commands: tuple[list[Told], list[str]]) -> list[str]:
    """The trace contexts of the commands."""
    return trace_and_commands[1]


def groups(spans: list[Told]) -> set[Any]:
    """The consumer groups that have worked on something."""
    return {span.attributes.get("messaging.consumer.group.name") for span in spans}


def test_every_span_is_under_one_of_the_trace(trace: list[Told]) -> None:
    """Across processes: each is under another that began before it; but one, under the client's."""
    by_id = {span.id: span for span in trace}
    assert len(by_id) == len(trace)
    for span in trace:
        above = by_id.get(span.parent_id)
        assert (above is None) == (span.parent_id == FOREIGN_SPAN), span
        assert above is None or above.began <= span.began, (above, span)
    assert [span.parent_id for span in trace].count(FOREIGN_SPAN) == 1


def test_a_booking_is_one_trace(trace: list[Told], commands: list[str], house: House) -> None:
    """From the gateway by the handler and the relay to every subscriber and a webhook's attempt:
    each is under what brought it about, and the ids are those on the wire."""
    served = the_one(trace, "POST /reservations/bookings", http__response__status_code=201)
    sent = the_one(trace, "send reservation.commands")
    worked = the_one(trace, "process booking.create", slotstream__outcome="answered 201")
    published = the_one(trace, "publish reservation.events")
    heard = {
        group: the_one(trace, "process booking.created", messaging__consumer__group__name=group)
        for group in HEARD
    }
    attempts = [span for span in trace if span.name == "POST webhook"]
    # Five seconds later there is another one of the same delivery.
    first = min(attempts, key=lambda span: span.began)
    tried = the_one([first], "POST webhook", http__response__status_code=404)
    chain = (served, sent, worked, published, heard["webhook"], tried)
    assert [one.parent_id for one in chain] == [FOREIGN_SPAN, *(one.id for one in chain[:-1])]
    kinds = ["server", "client", "consumer", "producer", "consumer", "client"]
    assert [one.kind for one in chain] == kinds
    assert [one.failed for one in chain] == [False] * 5 + [True]
    assert {one.parent_id for one in heard.values()} == {published.id}
    (command,) = commands
    (event,) = traceparents(house, "reservation.events", served.trace_id)
    assert (span_id_of(command), span_id_of(event)) == (sent.id, published.id)
    assert [(one.service, one.instance) for one in (served, worked, published, tried)] == [
        ("shop-gateway", "gateway-1"),
        ("shop-handler", "handler-1"),
        ("shop-relay", "relay-1"),
        ("shop-subscriber", "subscriber-1"),
    ]


def test_statements_are_under_the_work_that_they_are_for(trace: list[Told]) -> None:
    """Of the handler and of each subscriber, with the database's name and no parameter."""
    text = "SELECT take_place($1, $2, $3, $4, $5, $6)"
    placed = the_one(trace, "SELECT slotstream_reservation", db__query__text=text)
    worked = the_one(trace, "process booking.create")
    assert placed.parent_id == worked.id
    assert placed.attributes["db.namespace"] == "slotstream_reservation"
    for one in (worked, *(span for span in trace if span.name == "process booking.created")):
        below = [span.attributes for span in trace if span.parent_id == one.id]
        assert any("db.query.text" in told for told in below), one


def test_the_collector_is_signed_in_to(trace: list[Told], collector: Collector) -> None:
    """With the headers of the settings, by every process."""
    assert collector.headers["authorization"] == "Bearer collectors"
    assert len({span.service for span in collector.spans}) == 4


def test_what_the_client_wants_kept_is_kept(collector: Collector, house: House) -> None:
    """A trace that comes in unsampled leaves no span, and travels on as it came."""
    resource = house.resource()
    unwanted, wanted = uuid4().hex, uuid4().hex
    assert booked(house, resource, f"00-{unwanted}-{FOREIGN_SPAN}-00", 8) == 201
    assert booked(house, resource, f"00-{wanted}-{FOREIGN_SPAN}-01", 9) == 201
    wait_until(lambda: groups(collector.trace(wanted)) >= {"reservation", *HEARD}, 20)
    assert collector.trace(unwanted) == []
    found = traceparents(house, "reservation.events", unwanted)
    assert [one[-2:] for one in found] == ["00"]


def test_no_span_says_what_was_confided(
    collector: Collector, installation: Installation, house: House
) -> None:
    """Secrets, addresses, tokens and free text of every field, right and wrong: nothing of them is
    in a byte of what the collector was sent."""
    made = confide(house, house.owner)
    forge(installation, house)
    last = uuid4().hex
    assert booked(house, house.resource(), f"00-{last}-{FOREIGN_SPAN}-01", 12) == 201

    wait_until(lambda: groups(collector.trace(last)) >= {"reservation", *HEARD}, 20)
    said = b"".join(collector.bodies)
    assert b"process user.create" in said
    assert b"INSERT INTO" in said
    for confided in (SECRET, "forged", ".example", house.slug, *made):
        assert confided.encode() not in said, confided


def test_a_collector_that_goes_away_is_missed_by_nobody(
    collector: Collector, installation: Installation, house: House
) -> None:
    """Bookings are made, and every part stops by itself in its time."""
    collector.hang_up()
    resource = house.resource()
    for hour in range(8, 14):
        assert booked(house, resource, f"00-{uuid4().hex}-{FOREIGN_SPAN}-01", hour) == 201
    assert installation.stop() == 0
    assert "did not stop in time" not in installation.last_lines(1000)
