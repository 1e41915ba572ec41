"""What happens, as it happens: GET /reservations/events of a real installation."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.e2e.house import House, Person, at, day_ahead
from tests.waiting import wait_until

EVENTS = "/reservations/events"
BOOKINGS = "/reservations/bookings"


class Ear:
    """Whoever follows; `heard` are type and data, `last` the last id, `ended` when it is over."""

    def __init__(self, who: Person, last: str = "") -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.last = last
        self.ended = threading.Event()
        self._who = who
        self._rest = ""

    @contextmanager
    def listening(self) -> Iterator["Ear"]:
        """Hears while the block lasts, and from its beginning on."""
        sent = {**self._who.authorization, **({"Last-Event-ID": self.last} if self.last else {})}
        with (
            httpx.Client(base_url=self._who.base_url, timeout=30) as client,
            client.stream("GET", EVENTS, headers=sent) as answer,
        ):
            assert answer.status_code == 200, answer.read()
            self.ended.clear()
            self._rest = ""
            stop = threading.Event()
            thread = threading.Thread(target=self._hear, args=(answer, stop))
            thread.start()
            wait_until(lambda: self.last, 10)
            try:
                yield self
            finally:
                stop.set()
                # A heart-beat comes in between; without any the client gives up by itself.
                thread.join()

    def _hear(self, answer: httpx.Response, stop: threading.Event) -> None:
        for piece in answer.iter_text():
            *blocks, self._rest = (self._rest + piece).split("\n\n")
            for block in blocks:
                self._take(
                    dict(line.split(": ", 1) for line in block.split("\n") if line[0] != ":")
                )
            if stop.is_set():
                return
        self.ended.set()

    def _take(self, fields: dict[str, str]) -> None:
        self.last = fields.get("id", self.last)
        if "data" in fields:
            self.heard.append((fields["event"], json.loads(fields["data"])))

    @property
    def types(self) -> list[str]:
        return [kind for kind, _ in self.heard]

    def about(self, booking: str) -> list[str]:
        return [kind for kind, data in self.heard if data["id"] == booking]


def booked(house: House, who: Person, chair: str, hour: int) -> str:
    answer = house.book(who, chair, at(day_ahead(), hour))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def cancelled(house: House, booking: str) -> None:
    assert house.owner.post(f"{BOOKINGS}/{booking}/cancel").status_code == 200


def test_each_hears_what_they_may(house: House, other: House) -> None:
    """An owner hears of every booking, a customer of their own, another tenant of none of it; what
    is told is the state after it, without a name or a note."""
    for one in (house, other):
        one.open_always()
    chair, foreign = house.resource(), other.resource()
    customer = house.person("customer")
    with (
        Ear(house.owner).listening() as owner,
        Ear(customer).listening() as own,
        Ear(other.owner).listening() as neighbour,
    ):
        theirs = booked(house, house.owner, chair, 9)
        his = booked(house, customer, chair, 10)
        away = booked(other, other.owner, foreign, 11)
        cancelled(house, theirs)
        cancelled(house, his)
        cancelled(other, away)
        wait_until(lambda: len(owner.heard) == 4 and len(own.heard) == 2, 10)
        wait_until(lambda: len(neighbour.heard) == 2, 10)
        # Each connection is ended by what it hears last.
        for one, place in ((house, chair), (other, foreign)):
            booked(one, one.owner, place, 15)
        booked(house, customer, chair, 16)
    both = ["booking.created", "booking.cancelled"]
    assert (owner.about(theirs), owner.about(his), own.about(his)) == (both, both, both)
    assert (own.about(theirs), owner.about(away), neighbour.about(away)) == ([], [], both)
    assert {data["tenant_id"] for _, data in owner.heard} == {house.id}
    assert not {"notes", "name", "email"} & set(owner.heard[0][1])


def test_who_comes_back_has_missed_nothing(house: House) -> None:
    """With Last-Event-ID what happened while nobody listened is told first, then what happens."""
    house.open_always()
    chair = house.resource()
    ear = Ear(house.owner)
    with ear.listening():
        first = booked(house, house.owner, chair, 9)
        wait_until(lambda: ear.about(first), 10)
        second = booked(house, house.owner, chair, 10)
    missed = [booked(house, house.owner, chair, hour) for hour in (11, 12, 13)]
    with ear.listening():
        last = booked(house, house.owner, chair, 14)
        wait_until(lambda: ear.about(last), 10)
        booked(house, house.owner, chair, 15)
    told = [data["id"] for _, data in ear.heard]
    assert told[:6] == [first, second, *missed, last]


def logged_out(house: House, who: Person, platform: Person) -> None:
    del house, platform
    answer = who.post("/auth/logout", {"refresh_token": who.refresh_token})
    assert answer.status_code == 204


def disabled(house: House, who: Person, platform: Person) -> None:
    del platform
    assert house.owner.patch(f"/users/{who.id}", {"active": False}).status_code == 200


def suspended(house: House, who: Person, platform: Person) -> None:
    del who
    assert platform.post(f"/tenants/{house.id}/suspend").status_code == 200


def deleted(house: House, who: Person, platform: Person) -> None:
    del who
    assert platform.delete(f"/tenants/{house.id}").status_code == 204


@pytest.mark.parametrize("end", [logged_out, disabled, suspended, deleted])
def test_it_ends_with_whoever_follows(house: House, platform: Person, end: Any) -> None:
    """Session over, user disabled, tenant suspended or deleted: within seconds nothing is told any
    more, and whoever comes back is refused."""
    who = house.person("staff")
    with Ear(who).listening() as ear:
        end(house, who, platform)
        assert ear.ended.wait(15)
    assert who.get(EVENTS).status_code in (401, 403, 404)
    assert ear.heard == []
