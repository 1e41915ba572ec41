"""Every context and every subscriber in a process of its own: one booking passes through all."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.reservation.commands import BookingCreate
from contracts.wire.codec import decode, encode
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply, decode_reply
from contracts.wire.streams import HANDLED, SUBSCRIBERS, replies_to
from tests.e2e.house import (
    House,
    Person,
    at,
    close_clients,
    day_ahead,
    new_house,
    redis_client,
    sign_in,
    so_far,
)
from tests.e2e.mailbox import next_mail
from tests.e2e.test_reports_subscriber import becomes
from tests.installation import Installation
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def apart() -> Iterator[Installation]:
    """An installation of this module's own."""
    with Installation({"RATE_LIMIT_ENABLED": "false", "PROCESS_PER_CONTEXT": "true"}) as found:
        told = found.endpoints
        yield found
        publishers = [publisher["redis"] for publisher in told["publishers"].values()]
        close_clients(found.base_url, told["redis"], *publishers)


@pytest.fixture
def house(apart: Installation) -> House:
    """A tenant of the test's own."""
    platform = sign_in(apart.base_url, None, apart.admin_email, apart.admin_password)
    found = new_house(apart, platform)
    found.open_always(min_advance_minutes=0)
    return found


def carrying(apart: Installation, role: str, option: str) -> dict[str, list[int]]:
    """The processes of a role by what each was started to carry alone."""
    found: dict[str, list[int]] = {}
    for pid in apart.pids(role):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        found.setdefault(words[words.index(option) + 1], []).append(pid)
    return found


def test_each_has_a_process_of_its_own(apart: Installation) -> None:
    """Four contexts and the ingress, and five subscribers, each once."""
    assert set(carrying(apart, "handler", "--context")) == set(HANDLED)
    assert len(apart.pids("handler")) == len(HANDLED)
    assert set(carrying(apart, "subscriber", "--only")) == set(SUBSCRIBERS)
    assert len(apart.pids("subscriber")) == len(SUBSCRIBERS)


def bookings_made(house: House) -> int | None:
    """Today; None while nobody answers."""
    day = str(day_ahead(0))
    answer = so_far(house.owner.get(f"/tenants/{house.id}/usage", **{"from": day, "to": day}))
    return None if answer is None else int(answer["days"][0]["bookings_made"])


def audited(house: House, booking_id: str) -> list[str]:
    """The types of what the trail has about a booking, newest first."""
    subject = f"booking/{booking_id}"
    answer = house.owner.get(f"/tenants/{house.id}/audit/", subject=subject)
    assert answer.status_code == 200, answer.text
    return [record["event_type"] for record in answer.json()["items"]]


def deliveries(house: House, webhook: str) -> list[dict[str, Any]]:
    answer = house.owner.get(f"{webhook}/deliveries/")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def customer_of(house: House) -> tuple[Person, str]:
    email = f"{uuid4().hex[:10]}@people.example"
    password = "correct horse battery"
    body = {"email": email, "name": "Ana", "password": password, "roles": ["customer"]}
    assert house.owner.post("/users/", body).status_code == 201
    return sign_in(house.base_url, house.slug, email, password), email


def test_a_booking_reaches_them_all(apart: Installation, house: House) -> None:
    """Made over HTTP, it is in the trail, on the bill, in the figures, mailed, and on its way to a
    tenant's endpoint; one that an internal system publishes is booked as well."""
    endpoint = {"url": "https://hooks.example.com/one", "event_types": ["booking.created"]}
    made = house.owner.post(f"/tenants/{house.id}/webhooks/", endpoint)
    assert made.status_code == 201, made.text
    webhook = f"/tenants/{house.id}/webhooks/{made.json()['id']}"
    ana, email = customer_of(house)
    chair = house.resource()
    booked = house.book(ana, chair, at(day_ahead(), 9))
    assert booked.status_code == 201, booked.text
    wait_until(lambda: audited(house, booked.json()["id"]) == ["booking.created"], 20)
    wait_until(lambda: bookings_made(house) == 1, 20)
    becomes(house.owner, "bookings", "bookings", 1, within_seconds=20)
    wait_until(
        lambda: "booking.created" in {one["event_type"] for one in deliveries(house, webhook)}, 20
    )
    assert next_mail(apart, email, 0)["subject"]

    refused = published(apart, house, chair, at(day_ahead(), 9))
    assert (refused.status, (refused.problem or {})["code"]) == (409, "booking_conflict")
    assert published(apart, house, chair, at(day_ahead(), 11)).status == 201
    wait_until(lambda: bookings_made(house) == 2, 20)


def published(apart: Installation, house: House, chair: str, start: datetime) -> Reply:
    """What an internal system is answered that publishes a booking."""
    access = apart.endpoints["publishers"]["demo"]
    command = BookingCreate(
        resource_id=UUID(chair), starts_at=start, ends_at=start + timedelta(hours=1)
    )
    entry = Envelope(
        id=new_id(),
        type=command.type,
        source="tests",
        tenant_id=UUID(house.id),
        data=command.model_dump_json(exclude_unset=True).encode(),
    )
    fields: Any = encode(entry)
    redis_client(access["redis"]).xadd(access["stream"], fields)

    def answer() -> Reply | None:
        answers: Any = house.redis.xrange(replies_to("ingress.demo"))
        found = [decode(fields) for _, fields in answers]
        ours = [one for one in found if one.subject == str(entry.id)]
        return decode_reply(ours[0].data) if ours else None

    return wait_until(answer, 20) or pytest.fail("no answer")


def test_one_that_hangs_holds_up_no_other(apart: Installation, house: House) -> None:
    """While billing is stopped the others hear of a booking; once it goes on, so does the bill."""
    (billing,) = carrying(apart, "subscriber", "--only")["billing"]
    ana, _ = customer_of(house)
    chair = house.resource()
    os.kill(billing, signal.SIGSTOP)
    try:
        booked = house.book(ana, chair, at(day_ahead(), 9))
        assert booked.status_code == 201, booked.text
        wait_until(lambda: audited(house, booked.json()["id"]) == ["booking.created"], 20)
        becomes(house.owner, "bookings", "bookings", 1, within_seconds=20)
    finally:
        os.kill(billing, signal.SIGCONT)
    wait_until(lambda: bookings_made(house) == 1, 40)
