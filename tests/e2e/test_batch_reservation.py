"""Batches of bookings, and the search across resources."""

from datetime import datetime, timedelta
from typing import Any

from tests.e2e.house import House, at, day_ahead, rfc

START = at(day_ahead(weekday=2), 10)


def asked(resource: str, hours: int = 0, **fields: Any) -> dict[str, Any]:
    start = START + timedelta(hours=hours)
    return {
        "resource_id": resource,
        "starts_at": rfc(start),
        "ends_at": rfc(start + timedelta(hours=1)),
        **fields,
    }


def test_each_of_a_batch_has_its_outcome(house: House) -> None:
    """Those that can be had are booked; each of the others says why not."""
    resource = house.resource()
    unknown = "0198b0d2-0000-7000-8000-000000000001"
    answer = house.owner.post(
        "/reservations/bookings/batch",
        {"bookings": [asked(resource), asked(resource), asked(unknown), asked(resource, 12)]},
    )
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [found["http_status"] for found in results] == [201, 409, 404, 400]
    assert results[1]["problem"]["code"] == "booking_conflict"
    assert results[3]["problem"]["code"] == "outside_business_hours"
    booking = house.owner.get(f"/reservations/bookings/{results[0]['booking']['id']}")
    assert booking.status_code == 200


def test_an_atomic_batch_is_all_or_nothing(house: House) -> None:
    """One conflict takes everything back, and no event comes of it."""
    resource, other = house.resource(), house.resource()
    assert house.book(house.owner, other, START).status_code == 201
    body = {"atomic": True, "bookings": [asked(resource), asked(other)]}
    refused = house.owner.post("/reservations/bookings/batch", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_conflict")
    results = refused.json()["results"]
    assert [found["index"] for found in results] == [0, 1]
    assert [found["http_status"] for found in results] == [409, 409]
    codes = [found["problem"]["code"] for found in results]
    assert codes == ["not_booked", "booking_conflict"]
    assert not any("booking" in found for found in results)
    listed = house.owner.get("/reservations/bookings/", resource_id=resource).json()["items"]
    assert listed == []
    body["bookings"] = [asked(resource), asked(other, 1)]
    made = house.owner.post("/reservations/bookings/batch", body)
    assert [found["http_status"] for found in made.json()["results"]] == [201, 201]


def test_a_refused_atomic_batch_has_an_outcome_for_each(house: House) -> None:
    """In the order asked: those refused say why, the others that they were not booked; the answer
    is that of the first refusal."""
    resource = house.resource()
    unknown = "0198b0d2-0000-7000-8000-000000000001"
    wanted = [asked(resource), asked(resource, 12), asked(resource, 1), asked(unknown)]
    body = {"atomic": True, "bookings": wanted}
    refused = house.owner.post("/reservations/bookings/batch", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "outside_business_hours")
    found = [
        (one["index"], one["http_status"], one["problem"]["code"])
        for one in refused.json()["results"]
    ]
    assert found == [
        (0, 409, "not_booked"),
        (1, 400, "outside_business_hours"),
        (2, 409, "not_booked"),
        (3, 404, "not_found"),
    ]


def test_a_search_says_which_resources_are_free_when(house: House) -> None:
    """By category and attributes; what one resource has booked is taken there alone."""
    category = house.owner.post("/resources/categories/", {"name": "Rooms"}).json()["id"]
    big = house.resource(name="Big", category_id=category, attributes={"seats": 20})
    small = house.resource(name="Small", category_id=category, attributes={"seats": 4})
    house.resource(name="Elsewhere")
    assert house.book(house.owner, big, START).status_code == 201
    day = START.date().isoformat()

    def search(**params: Any) -> dict[str, list[dict[str, Any]]]:
        answer = house.owner.get("/resources/availability", date=day, **params)
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        return {item["resource_id"]: item["days"][0]["slots"] for item in items}

    found = search(category_id=category, duration_minutes=60)
    assert set(found) == {big, small}
    at_ten = {
        resource: next(slot for slot in slots if datetime.fromisoformat(slot["start"]) == START)
        for resource, slots in found.items()
    }
    assert (at_ten[big]["available"], at_ten[small]["available"]) == (False, True)
    assert set(search(category_id=category, attribute="seats:4")) == {small}
    assert len(search()) == 3
