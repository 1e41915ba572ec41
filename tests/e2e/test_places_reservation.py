"""Capacity, several resources in one booking, and any resource of a category."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx

from tests.e2e.house import House, at, day_ahead, rfc
from tests.waiting import wait_until

START = at(day_ahead(weekday=2), 10)


async def at_once(house: House, *bodies: dict[str, Any]) -> list[httpx.Response]:
    """All bookings asked for at the same time by the owner."""
    headers = {"Authorization": f"Bearer {house.owner.token}"}
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=house.base_url, limits=limits, timeout=30) as client:
        return await asyncio.gather(
            *(client.post("/reservations/bookings/", json=body, headers=headers) for body in bodies)
        )


def body_of(minutes: int = 60, **fields: Any) -> dict[str, Any]:
    return {"starts_at": rfc(START), "ends_at": rfc(START + timedelta(minutes=minutes)), **fields}


async def test_a_capacity_of_three_takes_three(house: House) -> None:
    """Of forty at once exactly three are booked, and quantities add up."""
    resource = house.resource(capacity=3)
    answers = await at_once(house, *[body_of(resource_id=resource)] * 40)
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 37}
    other = house.resource(capacity=3)
    assert house.book(house.owner, other, START, quantity=2).status_code == 201
    assert house.book(house.owner, other, START, quantity=2).json()["code"] == "booking_conflict"
    assert house.book(house.owner, other, START, quantity=1).status_code == 201


def test_the_true_peak_counts(house: House) -> None:
    """Capacity 4 with [6,7) [7,8) [6,8) [6,8): a new [6,8) fits."""
    house.open_always()
    resource = house.resource(capacity=4)
    for start, minutes in ((0, 60), (60, 60), (0, 120), (0, 120)):
        made = house.book(house.owner, resource, START + timedelta(minutes=start), minutes)
        assert made.status_code == 201
    assert house.book(house.owner, resource, START, 120).status_code == 201
    assert house.book(house.owner, resource, START, 120).status_code == 409


async def test_all_resources_or_none_without_deadlock(house: House) -> None:
    """{A,B} against {B,A}: one wins each time, and nothing is left behind by the loser."""
    room, projector = house.resource(name="Room"), house.resource(name="Projector")
    bodies = [
        body_of(resource_id=room, additional_resource_ids=[projector]),
        body_of(resource_id=projector, additional_resource_ids=[room]),
    ]
    answers = await at_once(house, *bodies * 10)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    won = next(answer.json() for answer in answers if answer.status_code == 201)
    assert set(won["resource_ids"]) == {room, projector}
    assert house.book(house.owner, projector, START).status_code == 409
    cancelled = house.owner.post(f"/reservations/bookings/{won['id']}/cancel", {})
    assert cancelled.status_code == 200
    assert house.book(house.owner, projector, START).status_code == 201


async def test_a_category_fills_every_free_resource(house: House) -> None:
    """A hundred requests at once for any of five: each of the five is taken once."""
    category = house.owner.post("/resources/categories/", {"name": "Desks"}).json()["id"]
    desks = {house.resource(name=f"Desk {n}", category_id=category) for n in range(5)}
    answers = await at_once(house, *[body_of(category_id=category)] * 100)
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 95}
    booked = {answer.json()["resource_id"] for answer in answers if answer.status_code == 201}
    assert booked == desks


def test_the_least_booked_of_a_category_is_chosen(house: House) -> None:
    """By the bookings of that day; `first` takes them as they are listed."""
    category = house.owner.post("/resources/categories/", {"name": "Chairs"}).json()["id"]
    first = house.resource(name="First", category_id=category)
    second = house.resource(name="Second", category_id=category)
    assert house.book(house.owner, first, START).status_code == 201
    later = START + timedelta(hours=2)
    asked = {"starts_at": rfc(later), "ends_at": rfc(later + timedelta(hours=1))}
    any_chair = house.owner.post("/reservations/bookings/", {**asked, "category_id": category})
    assert any_chair.json()["resource_id"] == second
    in_order = house.owner.post(
        "/reservations/bookings/", {**asked, "category_id": category, "assignment": "first"}
    )
    assert in_order.json()["resource_id"] == first
    unknown = "0198b0d2-0000-7000-8000-000000000001"
    missing = house.owner.post("/reservations/bookings/", {**asked, "category_id": unknown})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_a_booking_of_several_resources_is_moved_whole(house: House) -> None:
    """Every place moves, or the old ones are kept."""
    room, projector = house.resource(name="Room"), house.resource(name="Projector")
    made = house.owner.post(
        "/reservations/bookings/",
        body_of(resource_id=room, additional_resource_ids=[projector]),
    ).json()
    later = START + timedelta(hours=3)
    assert house.book(house.owner, projector, later).status_code == 201
    path = f"/reservations/bookings/{made['id']}"
    place = {"starts_at": rfc(later), "ends_at": rfc(later + timedelta(hours=1))}
    refused = house.owner.patch(path, place)
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_conflict")
    assert house.book(house.owner, projector, START).status_code == 409
    free = later + timedelta(hours=1)
    moved = house.owner.patch(
        path, {"starts_at": rfc(free), "ends_at": rfc(free + timedelta(hours=1))}
    )
    assert moved.status_code == 200
    assert house.book(house.owner, projector, START).status_code == 201
    assert house.book(house.owner, projector, free).status_code == 409


def test_a_hold_keeps_its_place_until_it_is_confirmed(house: House) -> None:
    """Held, extended, confirmed."""
    house.open_always()
    resource = house.resource()
    held = house.book(house.owner, resource, START, status="held")
    assert (held.status_code, held.json()["status"]) == (201, "held")
    assert "server_time" in held.json()
    assert house.book(house.owner, resource, START).status_code == 409
    path = f"/reservations/bookings/{held.json()['id']}"
    assert house.owner.post(f"{path}/extend-hold").status_code == 200
    confirmed = house.owner.post(f"{path}/status", {"status": "confirmed"})
    assert (confirmed.status_code, confirmed.json()["hold_expires_at"]) == (200, None)


def test_a_hold_that_runs_out_is_free_at_once(house: House) -> None:
    """It can be booked, is confirmed no more, and makes its one event."""
    house.open_always(hold_ttl_seconds=2)
    resource = house.resource()
    lost = house.book(house.owner, resource, START, status="held").json()
    wait_until(lambda: house.book(house.owner, resource, START).status_code == 201, 8)
    late = house.owner.post(f"/reservations/bookings/{lost['id']}/status", {"status": "confirmed"})
    assert (late.status_code, late.json()["code"]) == (409, "hold_expired")
    wait_until(lambda: len(house.events(lost["id"])) == 2, 5)
    kinds = [kind for kind, _, _ in house.events(lost["id"])]
    assert kinds == ["booking.created", "booking.hold_expired"]
