"""What is held about a person: given out whole, never in the open on a stream, erased for good."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.e2e.house import (
    PASSWORD,
    House,
    Person,
    at,
    day_ahead,
    new_house,
    rfc,
    sign_in,
    so_far,
)
from tests.installation import Installation
from tests.waiting import wait_until

NAME, PHONE, WORDS = "Perpetua Plumtree", "+55 11 90000-7777", "sneezes near plumblossom"
EMAIL = "perpetua@plumtree.example"
HOME = "127.0.0.1"
CANARIES = ("perpetua", "plumtree", "90000-7777", "plumblossom")


class Plumtree:
    """Somebody who has left a trace in every place that there is."""

    def __init__(self, house: House) -> None:
        house.open_always()
        self.house = house
        made = house.owner.post(
            "/users/",
            {
                "email": EMAIL,
                "name": NAME,
                "phone": PHONE,
                "password": PASSWORD,
                "attributes": {"told": WORDS},
            },
        )
        assert made.status_code == 201, made.text
        self.id = made.json()["id"]
        self.person = sign_in(house.base_url, house.slug, EMAIL, PASSWORD)
        self.resource = house.resource()
        start = at(day_ahead(), 9)
        booked = house.book(
            self.person, self.resource, start, notes=WORDS, attributes={"told": WORDS}
        )
        assert booked.status_code == 201, booked.text
        self.booking = booked.json()["id"]
        self._wait_for(day_ahead())
        self._change()
        self._forget_the_password()

    def _wait_for(self, day: Any) -> None:
        joined = self.person.post(
            "/reservations/waitlist/",
            {
                "resource_id": self.resource,
                "from": rfc(at(day, 9)),
                "to": rfc(at(day, 10)),
                "duration_minutes": 60,
            },
        )
        assert joined.status_code == 201, joined.text
        self.entry = joined.json()["id"]

    def _change(self) -> None:
        path = f"/reservations/bookings/{self.booking}"
        changed = self.person.patch(path, {"notes": f"really {WORDS}"})
        assert changed.status_code == 200, changed.text
        for ask in (path, f"{path}/history", "/reservations/bookings/", f"/users/{self.id}"):
            assert self.person.get(ask).status_code == 200
        for ask, word in (("/reservations/bookings/", "plumblossom"), ("/users/", "plumtree")):
            assert len(self.house.owner.get(ask, q=word).json()["items"]) == 1

    def _forget_the_password(self) -> None:
        body = {"tenant": self.house.slug, "email": EMAIL}
        assert self.person.post("/auth/password/forgot", body).status_code == 202


@pytest.fixture(scope="module")
def plumtree(installation: Installation, platform: Person) -> Plumtree:
    return Plumtree(new_house(installation, platform))


def in_redis(house: House) -> list[str]:
    """The keys under which a canary can be read."""
    redis: Any = house.redis
    readers = {
        b"stream": redis.xrange,
        b"hash": redis.hgetall,
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"string": redis.get,
    }
    found = []
    for key in redis.keys("*"):
        kind = redis.type(key)
        # It has run out since.
        if kind == b"none":
            continue
        text = str(readers[kind](key)).casefold()
        if any(canary in text for canary in CANARIES):
            found.append(key.decode())
    return found


def in_databases(installation: Installation) -> list[str]:
    """The tables that say a canary, in any of the databases."""

    async def search() -> list[str]:
        found = []
        for name, url in installation.endpoints["databases"].items():
            connection = await asyncpg.connect(url)
            tables = await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            )
            for table in tables:
                rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {table[0]} t")
                text = str(rows).casefold()
                if any(canary in text for canary in CANARIES):
                    found.append(f"{name}.{table[0]}")
            await connection.close()
        return sorted(found)

    return asyncio.run(search())


def page_of(who: Person, user_id: str, **cursor: str) -> dict[str, Any]:
    """One page, once everybody has answered who is asked for it."""
    page = wait_until(lambda: so_far(who.get(f"/users/{user_id}/export", **cursor)), 30)
    return dict(page)


def exported(who: Person, user_id: str) -> dict[str, Any]:
    """The export, its pages put together."""
    whole: dict[str, Any] = {}
    cursor: dict[str, str] = {}
    while True:
        for name, value in page_of(who, user_id, **cursor).items():
            if isinstance(value, list):
                whole.setdefault(name, []).extend(value)
            elif value is not None:
                whole[name] = value
        if "next_cursor" not in whole:
            return whole
        cursor = {"cursor": whole.pop("next_cursor")}


def without_exports(whole: dict[str, Any]) -> dict[str, Any]:
    """Each export leaves one more record of itself."""
    audit = [one for one in whole["audit"] if one["event_type"] != "user.exported"]
    return {**whole, "audit": audit}


def test_an_export_has_everything(plumtree: Plumtree) -> None:
    """The person and the owner get the same, once nothing is under way any more: account, sign-ins,
    bookings with their history, waits and what they did; and that it was given to them is in the
    trail from then on."""

    def audited() -> dict[str, Any] | None:
        found = exported(plumtree.person, plumtree.id)
        kinds = {one["event_type"] for one in found["audit"]}
        wanted = {"user.created", "booking.created", "booking.updated", "waitlist.joined"}
        wanted |= {"auth.signed_in", "auth.password_reset_requested"}
        theirs = without_exports(exported(plumtree.house.owner, plumtree.id))
        there = wanted <= kinds and bool(found["notifications"])
        return found if there and theirs == without_exports(found) else None

    mine = wait_until(audited, 120)
    assert mine is not None
    assert {one["address"] for one in mine["audit"] if one["actor"]["id"] == plumtree.id} == {HOME}
    user = mine["user"]
    assert (user["name"], user["phone"], user["email"]) == (NAME, PHONE, EMAIL)
    assert user["has_password"] is True
    assert "password_hash" not in user
    (booking,) = mine["bookings"]
    assert booking["notes"] == f"really {WORDS}"
    notes = [one["changes"]["notes"]["after"] for one in mine["history"]]
    assert notes == [WORDS, f"really {WORDS}"]
    assert {one["booking_id"] for one in mine["history"]} == {plumtree.booking}
    assert [one["id"] for one in mine["waitlist"]] == [plumtree.entry]
    assert mine["notifications"], "a booking was made: they were told so"
    assert mine["has_calendar_token"] is False
    assert len(mine["sessions"]) == 1


def test_who_gives_data_out_is_known_to_whose_it_is(plumtree: Plumtree) -> None:
    """The owner's export stands in the person's own, without the owner's address."""
    exported(plumtree.house.owner, plumtree.id)

    def by_the_owner() -> list[Any]:
        found = exported(plumtree.person, plumtree.id)["audit"]
        given = [one for one in found if one["event_type"] == "user.exported"]
        return [one for one in given if one["actor"]["id"] == plumtree.house.owner.id]

    given = wait_until(by_the_owner, 10)
    # Whose address that was is not the person's to know.
    assert {one["address"] for one in given} == {None}


def test_nothing_of_a_person_is_in_the_open_in_redis(
    installation: Installation, plumtree: Plumtree
) -> None:
    """No stream and no key says a name, an address, a phone or free text; in the databases they
    stand where they are read from, and nowhere else."""
    assert in_redis(plumtree.house) == []
    assert in_databases(installation) == [
        "reservation.booking",
        "user.account",
        # The address, while a code that was mailed to it is good for something.
        "user.one_time_code",
    ]


def test_an_erased_person_is_nowhere(installation: Installation, plumtree: Plumtree) -> None:
    """Within the call everything is gone from every database, their tokens are good for nothing,
    and what they booked is still booked."""
    house = plumtree.house
    path = f"/reservations/bookings/{plumtree.booking}"
    before = house.owner.get(path).json()
    answer = house.owner.post(f"/users/{plumtree.id}/erase")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"id", "erased_at"}
    assert in_databases(installation) == []
    assert in_redis(house) == []

    after = house.owner.get(path).json()
    assert (after["notes"], after["attributes"]) == (None, {})
    same = ("id", "user_id", "starts_at", "ends_at", "status", "version", "updated_at")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    taken = house.book(house.owner, plumtree.resource, at(day_ahead(), 9))
    assert taken.json()["code"] == "booking_conflict"
    entry = house.owner.get(f"/reservations/waitlist/{plumtree.entry}").json()
    assert entry["status"] == "cancelled"
    wait_until(lambda: plumtree.person.get("/auth/me").status_code == 401, 5)
    assert house.owner.get(f"/users/{plumtree.id}").status_code == 404
    restored = house.owner.post(f"/users/{plumtree.id}/restore")
    assert (restored.status_code, restored.json()["code"]) == (409, "erased")


def test_what_is_left_can_still_be_given_out(plumtree: Plumtree) -> None:
    """The export of somebody who was erased has an id, times and bookings, and no words."""
    left = exported(plumtree.house.owner, plumtree.id)
    assert not any(canary in str(left).casefold() for canary in CANARIES)
    assert left["user"]["erased_at"] is not None
    assert [one["id"] for one in left["bookings"]] == [plumtree.booking]
