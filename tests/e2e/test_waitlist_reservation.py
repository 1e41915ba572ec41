"""The waitlist over HTTP: what is given back is offered to whoever waits, until it is taken up."""

from typing import Any

from tests.e2e.house import House, Person, at, day_ahead, rfc
from tests.waiting import wait_until

WAITLIST = "/reservations/waitlist/"


def wait_for(who: Person, hours: tuple[int, int] = (9, 12), **fields: Any) -> Any:
    """An hour within some hours of the day that tests book."""
    day = day_ahead()
    since, until = (rfc(at(day, hour)) for hour in hours)
    return who.post(WAITLIST, {"from": since, "to": until, "duration_minutes": 60, **fields})


def status_of(who: Person, entry: str) -> str:
    return str(who.get(f"{WAITLIST}{entry}").json()["status"])


def becomes(who: Person, entry: str, status: str) -> dict[str, Any]:
    """The entry, once it has this status."""
    wait_until(lambda: status_of(who, entry) == status, 10)
    return dict(who.get(f"{WAITLIST}{entry}").json())


def test_a_cancellation_is_offered_to_the_first_in_line(house: House) -> None:
    """Cancelled → offered, with its events → confirmed → fulfilled; the second waits on."""
    house.open_always()
    chair = house.resource()
    booked = house.book(house.owner, chair, at(day_ahead(), 10)).json()
    first, second = house.person("customer"), house.person("customer")
    made = wait_for(first, resource_id=chair)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.headers["Location"] == f"{WAITLIST}{made.json()['id']}"
    entry, other = made.json()["id"], wait_for(second, resource_id=chair).json()["id"]

    assert house.owner.post(f"/reservations/bookings/{booked['id']}/cancel").status_code == 200
    offered = becomes(first, entry, "offered")
    hold = first.get(f"/reservations/bookings/{offered['offered_booking_id']}").json()
    assert (hold["status"], hold["user_id"], hold["starts_at"], hold["can_cancel"]) == (
        "held",
        first.id,
        booked["starts_at"],
        True,
    )
    done = first.post(f"/reservations/bookings/{hold['id']}/status", {"status": "confirmed"})
    assert done.status_code == 200
    becomes(first, entry, "fulfilled")
    assert status_of(second, other) == "waiting"
    assert status_of(house.owner, other) == "waiting"

    def told() -> list[str]:
        entries: Any = house.redis.xrange("reservation.events")
        return [
            fields[b"type"].decode()
            for _, fields in entries
            if fields[b"subject"].decode() == f"waitlist/{entry}"
        ]

    wait_until(lambda: len(told()) == 3, 10)
    assert told() == ["waitlist.joined", "waitlist.offered", "waitlist.fulfilled"]


def test_an_offer_that_runs_out_goes_to_the_next(house: House) -> None:
    """Nobody takes it up: it lapses by itself, and the next in line is offered it."""
    house.open_always(hold_ttl_seconds=2)
    chair = house.resource()
    booked = house.book(house.owner, chair, at(day_ahead(), 10)).json()
    people = [house.person("customer") for _ in range(2)]
    entries = [wait_for(one, resource_id=chair).json()["id"] for one in people]
    house.owner.post(f"/reservations/bookings/{booked['id']}/cancel")
    becomes(people[0], entries[0], "lapsed")
    wait_until(lambda: status_of(people[1], entries[1]) in ("offered", "lapsed"), 10)


def test_any_resource_of_a_category_will_do(house: House) -> None:
    """Whoever waits for a category is offered whichever of it is given back."""
    house.open_always()
    category = house.owner.post("/resources/categories/", {"name": "Chairs"}).json()["id"]
    chairs = [house.resource(category_id=category) for _ in range(2)]
    booked = [house.book(house.owner, chair, at(day_ahead(), 10)).json()["id"] for chair in chairs]
    customer = house.person("customer")
    entry = wait_for(customer, (10, 11), category_id=category).json()["id"]
    house.owner.post(f"/reservations/bookings/{booked[1]}/cancel")
    offered = becomes(customer, entry, "offered")
    hold = customer.get(f"/reservations/bookings/{offered['offered_booking_id']}").json()
    assert hold["resource_id"] == chairs[1]


def test_leaving_gives_the_offer_back(house: House) -> None:
    """204, the hold is cancelled; afterwards 409, for another customer 404, elsewhere 404."""
    house.open_always()
    chair = house.resource()
    booked = house.book(house.owner, chair, at(day_ahead(), 10)).json()
    customer, stranger = house.person("customer"), house.person("customer")
    entry = wait_for(customer, resource_id=chair).json()["id"]
    house.owner.post(f"/reservations/bookings/{booked['id']}/cancel")
    hold = becomes(customer, entry, "offered")["offered_booking_id"]
    assert stranger.delete(f"{WAITLIST}{entry}").status_code == 404
    assert stranger.get(f"{WAITLIST}{entry}").status_code == 404
    assert stranger.get(WAITLIST).json()["items"] == []
    assert customer.delete(f"{WAITLIST}{entry}", If_Match='"1"').status_code == 412
    assert customer.delete(f"{WAITLIST}{entry}").status_code == 204
    found = customer.get(f"/reservations/bookings/{hold}").json()
    assert found["status"] == "cancelled"
    again = customer.delete(f"{WAITLIST}{entry}")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


def test_a_deleted_resource_offers_nothing(house: House) -> None:
    """Its bookings are cancelled with it, and nobody is offered what is not there any more."""
    house.open_always()
    chair = house.resource()
    house.book(house.owner, chair, at(day_ahead(), 10))
    customer = house.person("customer")
    entry = wait_for(customer, resource_id=chair).json()["id"]
    assert house.owner.delete(f"/resources/{chair}?cancel_bookings=true").status_code == 204
    other = house.resource()
    booked = house.book(house.owner, other, at(day_ahead(), 10)).json()
    second = wait_for(customer, resource_id=other).json()["id"]
    house.owner.post(f"/reservations/bookings/{booked['id']}/cancel")
    # What was cancelled first was heard of first.
    becomes(customer, second, "offered")
    assert status_of(customer, entry) == "waiting"


def test_more_room_is_offered_too(house: House) -> None:
    """A raised capacity, and a resource that opens again, are offered to whoever waits."""
    house.open_always()
    room = house.resource(kind="space")
    path = f"/resources/{room}"
    house.book(house.owner, room, at(day_ahead(), 10))
    first, second = house.person("customer"), house.person("customer")
    one = wait_for(first, (10, 11), resource_id=room).json()["id"]
    assert house.owner.patch(path, {"name": "Only another name"}).status_code == 200
    assert house.owner.patch(path, {"capacity": 2}).status_code == 200
    becomes(first, one, "offered")

    two = wait_for(second, (10, 11), resource_id=room).json()["id"]
    assert house.owner.patch(path, {"active": False}).status_code == 200
    assert house.owner.patch(path, {"active": True, "capacity": 3}).status_code == 200
    becomes(second, two, "offered")
