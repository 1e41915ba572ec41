"""Answers that are large: whole, or a page at a time, or refused with a reason; never lost."""

from typing import Any

from tests.e2e.house import House, at, day_ahead, rfc

SEARCH = "/resources/availability"


def two_months() -> dict[str, str]:
    """The longest range there is."""
    return {"from": day_ahead(1).isoformat(), "to": day_ahead(62).isoformat()}


def test_two_months_of_five_minutes_are_answered(house: House) -> None:
    """62 days, open day and night, a slot every five minutes: some 17,800 of them."""
    house.open_always(slot_interval_minutes=5)
    found = house.owner.get(f"/resources/{house.resource()}/availability", **two_months())
    assert found.status_code == 200, found.text[:300]
    assert sum(len(day["slots"]) for day in found.json()["days"]) > 17_000


def test_a_search_goes_on_where_it_ended(house: House) -> None:
    """A page at a time, every resource once, by age; another list's cursor is none."""
    house.open_always()
    category = house.owner.post("/resources/categories/", {"name": "Rooms"}).json()["id"]
    made = [house.resource(category_id=category) for _ in range(5)]
    asked: dict[str, Any] = {"category_id": category, "date": day_ahead().isoformat(), "limit": 2}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        more: dict[str, str] = {} if cursor is None else {"cursor": cursor}
        page = house.owner.get(SEARCH, **asked, **more).json()
        seen += [one["resource_id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made
    bad = house.owner.get(SEARCH, **asked, cursor="rubbish")
    assert (bad.status_code, bad.json()["code"]) == (400, "invalid_cursor")


def test_a_search_that_no_answer_holds_is_refused(house: House) -> None:
    """400 `range_too_long` at once; fewer resources at a time, or fewer days, are answered."""
    house.open_always(slot_interval_minutes=5)
    for _ in range(7):
        house.resource()
    refused = house.owner.get(SEARCH, **two_months())
    assert (refused.status_code, refused.json()["code"]) == (400, "range_too_long")
    assert house.owner.get(SEARCH, **two_months(), limit=2).status_code == 200
    assert house.owner.get(SEARCH, date=day_ahead().isoformat()).status_code == 200


def test_a_year_of_bookings_with_attributes_is_one_answer(house: House) -> None:
    """366 occurrences that carry eight thousand bytes each: made, read, and cancelled."""
    house.open_always()
    start = at(day_ahead(), 10)
    body = {
        "resource_id": house.resource(),
        "starts_at": rfc(start),
        "ends_at": rfc(start.replace(hour=11)),
        "recurring_pattern": {"frequency": "daily", "count": 366},
        "attributes": {"a": "x" * 8_000},
    }
    made = house.owner.post("/reservations/series/", body)
    assert made.status_code == 201, made.text[:300]
    series = made.json()["id"]
    read = house.owner.get(f"/reservations/series/{series}")
    assert (read.status_code, len(read.json()["bookings"])) == (200, 366)
    too_much = house.owner.post("/reservations/series/", body | {"attributes": {"a": "x" * 9_000}})
    assert (too_much.status_code, too_much.json()["code"]) == (400, "invalid_attributes")


def test_a_page_of_bookings_holds_what_an_answer_holds(house: House) -> None:
    """Bookings with sixty thousand bytes each: pages end early and go on, each booking once; what
    has more is refused, at creation and at a change."""
    house.open_always()
    chair, day = house.resource(), day_ahead()
    ids = [
        house.book(house.owner, chair, at(day, hour), attributes={"a": "x" * 60_000}).json()["id"]
        for hour in range(20)
    ]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        more: dict[str, str] = {} if cursor is None else {"cursor": cursor}
        answer = house.owner.get("/reservations/bookings/", limit=200, **more)
        assert answer.status_code == 200
        seen += [one["id"] for one in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    assert seen == ids
    large = {"a": "x" * 70_000}
    made = house.book(house.owner, chair, at(day, 22), attributes=large)
    changed = house.owner.patch(f"/reservations/bookings/{ids[0]}", {"attributes": large})
    for refused in (made, changed):
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_attributes")
