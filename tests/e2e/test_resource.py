"""Categories and resources over HTTP."""

from tests.e2e.house import House, at, day_ahead

SCHEMA = {
    "type": "object",
    "properties": {"seats": {"type": "integer", "minimum": 1}, "projector": {"type": "boolean"}},
    "required": ["seats"],
}


def test_attributes_fit_their_category(house: House) -> None:
    """The category's JSON Schema is enforced, with each field that does not fit."""
    category = house.owner.post(
        "/resources/categories/", {"name": "Rooms", "attribute_schema": SCHEMA}
    )
    assert category.status_code == 201, category.text
    body = {"name": "R1", "kind": "space", "category_id": category.json()["id"]}
    bad = house.owner.post("/resources/", {**body, "attributes": {"seats": 0}})
    assert (bad.status_code, bad.json()["code"]) == (400, "invalid_attributes")
    good = house.owner.post("/resources/", {**body, "attributes": {"seats": 8}})
    assert good.status_code == 201
    in_use = house.owner.delete(f"/resources/categories/{category.json()['id']}")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "in_use")


def test_lists_are_filtered_by_attributes(house: House) -> None:
    """`attribute=key:value`, several at once, on numbers, booleans and strings alike."""
    big = house.resource(name="Big", attributes={"seats": 20, "projector": True, "floor": "2"})
    house.resource(name="Small", attributes={"seats": 4, "projector": False, "floor": "2"})

    def found(*filters: str) -> list[str]:
        answer = house.owner.get("/resources/", attribute=list(filters))
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert found("floor:2") == ["Big", "Small"]
    assert found("floor:2", "projector:true") == ["Big"]
    assert found("seats:4") == ["Small"]
    assert found("seats:5") == []
    assert [item["id"] for item in house.owner.get("/resources/", q="bi").json()["items"]] == [big]


def test_a_schedule_of_its_own_is_cut_by_the_business_hours(house: House) -> None:
    """The resource's week, within the tenant's."""
    day = day_ahead(weekday=2)
    name = "wed"
    resource = house.resource(availability_schedule={name: [{"start": "07:00", "end": "10:00"}]})
    slots = house.owner.get(
        f"/resources/{resource}/availability", date=day.isoformat(), duration_minutes=60
    ).json()["days"][0]["slots"]
    assert [slot["start"][11:16] for slot in slots] == ["09:00"]
    bad = house.owner.patch(
        f"/resources/{resource}",
        {
            "availability_schedule": {
                name: [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}]
            }
        },
    )
    assert (bad.status_code, bad.json()["code"]) == (400, "invalid_schedule")


def test_what_was_changed_holds_for_the_next_booking(house: House) -> None:
    """Whoever closes a resource and then books it meets what they just said."""
    resource = house.resource()
    start = at(day_ahead(weekday=2), 10)
    assert house.owner.patch(f"/resources/{resource}", {"active": False}).status_code == 200
    assert house.book(house.owner, resource, start).json()["code"] == "resource_unavailable"
    assert house.owner.patch(f"/resources/{resource}", {"active": True}).status_code == 200
    assert house.book(house.owner, resource, start).status_code == 201


def test_a_deleted_resource_is_not_booked(house: House) -> None:
    """404 to read and to book, and back after a restore."""
    resource = house.resource()
    path = f"/resources/{resource}"
    start = at(day_ahead(weekday=2), 10)
    assert house.owner.delete(path).status_code == 204
    assert house.owner.get(path).status_code == 404
    assert house.book(house.owner, resource, start).status_code == 404
    assert house.owner.post(f"{path}/restore").status_code == 200
    assert house.book(house.owner, resource, start).status_code == 201
