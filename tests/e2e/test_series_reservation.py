"""Recurring bookings: made together, shown beforehand, skipped and tried again."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any

import httpx

from tests.e2e.costs import processor_seconds
from tests.e2e.house import House, Json, at, rfc
from tests.e2e.series import MONDAY, PATH, START, body_of, made, starts, told, weeks
from tests.installation import Installation
from tests.waiting import wait_until


def test_every_occurrence_is_a_booking_with_one_event(house: House) -> None:
    """Created together, each is an ordinary booking of its series and makes one event."""
    resource = house.resource()
    answer = house.owner.post(PATH, body_of(resource, notes="Choir", attributes={"seats": 3}))
    series = answer.json()
    assert answer.status_code == 201, answer.text
    assert set(series) == {"id", "rrule", "bookings", "skipped", "version"}
    assert (series["rrule"], series["skipped"], series["version"]) == ("FREQ=WEEKLY;COUNT=4", [], 1)
    assert answer.headers["etag"] == '"1"'
    assert starts(series) == weeks(0, 1, 2, 3)
    for booking in series["bookings"]:
        assert booking["series_id"] == series["id"]
        assert (booking["notes"], booking["attributes"]) == ("Choir", {"seats": 3})
        assert booking["user_id"] == house.owner.id
    assert house.owner.get(answer.headers["location"]).json() == series
    listed = house.owner.get("/reservations/bookings/", series_id=series["id"]).json()["items"]
    assert listed == series["bookings"]
    first = series["bookings"][0]["id"]
    wait_until(lambda: house.events(first) != [], 5)
    ((kind, sequence, state),) = house.events(first)
    assert (kind, sequence, state["series_id"]) == ("booking.created", 1, series["id"])
    assert "Choir" not in str(state)
    history = house.owner.get(f"/reservations/bookings/{first}/history").json()["items"]
    assert [entry["type"] for entry in history] == ["booking.created"]
    assert told(house.book(house.owner, resource, START)) == (409, "booking_conflict")


def test_patterns_are_those_of_the_rule(house: House) -> None:
    """Weekdays, positions in the month, days of the month, `until` and `exdates`."""
    house.open_always()
    first = at(date(MONDAY.year + 1, 1, 1), 10)

    def days(**pattern: Any) -> list[str]:
        resource = house.resource()
        body = body_of(resource, pattern, start=first)
        answer = house.owner.post(f"{PATH}preview", body)
        assert answer.status_code == 200, answer.text
        return [one["starts_at"][5:10] for one in answer.json()["occurrences"]]

    assert days(frequency="monthly", by_month_day=[31], count=3) == ["01-31", "03-31", "05-31"]
    assert days(frequency="monthly", by_month_day=[-1], count=2)[0] == "01-31"
    assert days(frequency="daily", interval=2, until=f"{first.year}-01-06") == [
        "01-01",
        "01-03",
        "01-05",
    ]
    assert days(frequency="daily", count=3, exdates=[f"{first.year}-01-02"]) == ["01-01", "01-03"]
    until = rfc(first + timedelta(days=1))
    assert days(frequency="daily", until=until) == ["01-01", "01-02"]
    second_tuesday, last_friday = (
        days(frequency="monthly", by_weekday=[day], count=1)[0] for day in ("2TU", "-1FR")
    )
    assert date(first.year, 1, int(second_tuesday[3:])).weekday() == 1
    assert 8 <= int(second_tuesday[3:]) <= 14
    assert date(first.year, 1, int(last_friday[3:])).weekday() == 4
    assert int(last_friday[3:]) > 24
    both = days(frequency="weekly", by_weekday=["MO", "WE"], count=4)
    assert {date(first.year, 1, int(day[3:])).weekday() for day in both} == {0, 2}


def test_what_makes_no_series_is_refused(house: House) -> None:
    """367 occurrences, none at all, some that overlap, and patterns that contradict themselves."""
    house.open_always()
    resource = house.resource(capacity=5)

    def refusal(pattern: Json, **more: Any) -> tuple[int, str, str]:
        answer = house.owner.post(PATH, {**body_of(resource, pattern), **more})
        errors = answer.json().get("errors") or [{"code": ""}]
        return answer.status_code, answer.json()["code"], errors[0]["code"]

    invalid = (400, "validation_failed")
    assert refusal({"frequency": "daily", "count": 367}) == (*invalid, "out_of_range")
    last = START + timedelta(days=366)
    assert refusal({"frequency": "daily", "until": rfc(last)}) == (*invalid, "too_many_occurrences")
    early = {"frequency": "daily", "until": rfc(START - timedelta(days=1))}
    assert refusal(early) == (*invalid, "no_occurrences")
    overlapping = rfc(START + timedelta(hours=25))
    daily = {"frequency": "daily", "count": 2}
    assert refusal(daily, ends_at=overlapping) == (*invalid, "occurrences_overlap")
    touching = {**body_of(resource, daily), "ends_at": rfc(START + timedelta(hours=24))}
    assert house.owner.post(PATH, touching).status_code == 201
    assert refusal({**daily, "until": rfc(last)}) == (*invalid, "one_of")
    assert refusal({"frequency": "daily"}) == (*invalid, "one_of")
    assert refusal({**daily, "by_weekday": ["MO"]}) == (*invalid, "invalid_value")
    assert refusal({"frequency": "yearly", "count": 2}) == (*invalid, "invalid_value")
    assert refusal({**daily, "colour": 1})[:2] == (400, "unknown_field")
    naive = {"frequency": "daily", "until": "2027-01-01T10:00:00"}
    assert refusal(naive)[:2] == (400, "naive_datetime")
    assert refusal(daily, ends_at=rfc(START))[:2] == (400, "invalid_interval")
    unknown = "0198b0d2-0000-7000-8000-000000000001"
    assert refusal(daily, resource_id=unknown)[:2] == (404, "not_found")
    assert refusal(daily, user_id=unknown)[:2] == (404, "not_found")


def test_a_year_of_days_is_one_request_of_less_than_a_second(
    installation: Installation, house: House
) -> None:
    """366 occurrences are decided and booked together, and each has its event."""
    house.open_always()
    resource = house.resource()
    daily = {"frequency": "daily", "count": 366}
    before = processor_seconds(installation)
    series = made(house.owner, body_of(resource, daily))
    took = processor_seconds(installation) - before
    assert len(starts(series)) == 366
    # Half a second of processors where little else is done; waiting for one is not counted.
    assert took < 2
    last = series["bookings"][-1]
    wait_until(lambda: house.events(last["id"]) != [], 10)
    assert house.owner.get(f"{PATH}{series['id']}").json() == series
    assert told(house.owner.post(PATH, body_of(resource, daily))) == (409, "booking_conflict")
    later = START + timedelta(days=1)
    moved = house.owner.patch(
        f"{PATH}{series['id']}",
        {"scope": "all", "starts_at": rfc(later), "ends_at": rfc(later + timedelta(hours=1))},
    )
    assert moved.status_code == 200, moved.text
    cancelled = house.owner.post(f"{PATH}{series['id']}/cancel", {"scope": "all"})
    assert len(starts(cancelled.json(), "cancelled")) == 366


def test_fail_books_nothing_and_lists_every_conflict(house: House) -> None:
    """409 `booking_conflict` with each occurrence that is taken; none of the rest is booked."""
    resource = house.resource()
    for week in (1, 3):
        assert house.book(house.owner, resource, START + timedelta(weeks=week)).status_code == 201
    answer = house.owner.post(PATH, body_of(resource))
    assert told(answer) == (409, "booking_conflict")
    errors = answer.json()["errors"]
    assert [one["occurrence"] for one in errors] == weeks(1, 3)
    assert {one["code"] for one in errors} == {"booking_conflict"}
    assert [one["starts_at"] for one in answer.json()["conflicts"]] == weeks(1, 3)
    assert answer.json()["next_available"]["starts_at"] == weeks(1, hours=1)[0]
    assert house.book(house.owner, resource, START).status_code == 201


def test_fail_names_a_broken_rule_before_a_conflict(house: House) -> None:
    """400 with the first broken rule's code, and whatever else is wrong is listed as well."""
    closed = (MONDAY + timedelta(weeks=2)).isoformat()
    shut = house.owner.post(f"/tenants/{house.id}/closures/", {"date": closed, "reason": "Holiday"})
    assert shut.status_code == 201, shut.text
    resource = house.resource()
    assert house.book(house.owner, resource, START + timedelta(weeks=1)).status_code == 201
    far = {"frequency": "weekly", "count": 20}
    answer = house.owner.post(PATH, body_of(resource, far))
    found = [(one["occurrence"], one["code"]) for one in answer.json()["errors"]]
    assert told(answer) == (400, "outside_business_hours")
    assert found[0] == (weeks(1)[0], "booking_conflict")
    assert found[1] == (weeks(2)[0], "outside_business_hours")
    assert found[-1] == (weeks(19)[0], "too_far_ahead")


def test_skip_books_the_rest_and_keeps_the_reason(house: House) -> None:
    """Both kinds are skipped; a retry books what has become free, and moves the version."""
    house.settings(max_advance_days=40)
    resource = house.resource()
    taken = house.book(house.owner, resource, START + timedelta(weeks=1)).json()
    pattern = {"frequency": "weekly", "count": 8}
    body = body_of(resource, pattern, on_conflict="skip")
    preview = house.owner.post(f"{PATH}preview", body).json()["occurrences"]
    series = made(house.owner, body)
    skipped = [(one["starts_at"], one["code"]) for one in series["skipped"]]
    assert skipped[0] == (weeks(1)[0], "booking_conflict")
    assert {code for _, code in skipped[1:]} == {"too_far_ahead"}
    assert skipped[-1][0] == weeks(7)[0]
    assert [one["starts_at"] for one in preview if one["ok"]] == starts(series)
    assert [(one["starts_at"], one["code"]) for one in preview if not one["ok"]] == skipped
    path = f"{PATH}{series['id']}"
    same = house.owner.post(f"{path}/retry-skipped")
    assert (same.status_code, same.json()) == (200, series)
    assert house.owner.post(f"/reservations/bookings/{taken['id']}/cancel").status_code == 200
    again = house.owner.post(f"{path}/retry-skipped").json()
    assert weeks(1)[0] in starts(again)
    assert [one["code"] for one in again["skipped"]] == ["too_far_ahead"] * (len(skipped) - 1)
    assert again["version"] == 2
    assert house.owner.get(path).json() == again
    retried = next(one for one in again["bookings"] if one["starts_at"] == weeks(1)[0])
    wait_until(lambda: house.events(retried["id"]) != [], 5)
    assert [kind for kind, _, _ in house.events(retried["id"])] == ["booking.created"]


async def test_many_at_once_never_share_a_place(house: House) -> None:
    """Of ten equal series at once one is made; single bookings in its way get what it leaves."""
    resource = house.resource()
    series = [(PATH, body_of(resource))] * 10
    start = START + timedelta(weeks=2)
    single = {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(hours=1))}
    singles = [("/reservations/bookings/", {"resource_id": resource, **single})] * 10
    headers = {"Authorization": f"Bearer {house.owner.token}"}
    async with httpx.AsyncClient(base_url=house.base_url, headers=headers, timeout=30) as client:
        answers = await asyncio.gather(
            *(client.post(path, json=body) for path, body in [*series, *singles])
        )
    found = Counter(answer.status_code for answer in answers)
    assert found == {201: 1, 409: 19}
    listed = house.owner.get("/reservations/bookings/", resource_id=resource).json()["items"]
    assert len({one["starts_at"] for one in listed}) == len(listed)
    assert len(listed) in (1, 4)


def test_a_series_waits_for_approval_where_that_is_required(house: House) -> None:
    """Every booking of it is pending, and is decided by itself."""
    house.settings(requires_approval=True)
    series = made(house.person("customer"), body_of(house.resource()))
    assert starts(series, "pending") == weeks(0, 1, 2, 3)
    first = f"/reservations/bookings/{series['bookings'][0]['id']}/status"
    assert house.owner.post(first, {"status": "confirmed"}).status_code == 200
    found = house.owner.get(f"{PATH}{series['id']}").json()
    assert starts(found) == weeks(0)


def test_a_preview_books_nothing(house: House) -> None:
    """Each occurrence and whether it could be had; asked again it is the same."""
    resource = house.resource()
    assert house.book(house.owner, resource, START).status_code == 201
    for _ in range(2):
        answer = house.owner.post(f"{PATH}preview", body_of(resource))
        assert answer.status_code == 200
        found = [(one["starts_at"], one["ok"]) for one in answer.json()["occurrences"]]
        assert found == list(zip(weeks(0, 1, 2, 3), [False, True, True, True], strict=True))
        assert answer.json()["occurrences"][0]["code"] == "booking_conflict"
        assert "code" not in answer.json()["occurrences"][1]
    assert len(house.owner.get("/reservations/bookings/").json()["items"]) == 1


def test_the_quota_holds_for_every_occurrence(house: House) -> None:
    """With room for three the fourth is refused, or skipped with that reason."""
    house.settings(max_active_bookings_per_user=3)
    customer, resource = house.person("customer"), house.resource()
    answer = customer.post(PATH, body_of(resource))
    assert told(answer) == (400, "quota_exceeded")
    assert [one["occurrence"] for one in answer.json()["errors"]] == weeks(3)
    series = made(customer, body_of(resource, on_conflict="skip"))
    assert starts(series) == weeks(0, 1, 2)
    assert [one["code"] for one in series["skipped"]] == ["quota_exceeded"]
    assert told(house.book(customer, resource, START + timedelta(hours=2)))[1] == "quota_exceeded"


def test_who_may_what(house: House, other: House) -> None:
    """Customers have series of their own, staff everybody's; another tenant has none of them."""
    resource = house.resource()
    customer, stranger = house.person("customer"), house.person("customer")
    body = body_of(resource, user_id=customer.id)
    assert told(stranger.post(PATH, body)) == (403, "forbidden")
    assert told(stranger.post(f"{PATH}preview", body)) == (403, "forbidden")
    series = made(house.person("staff"), body)
    assert {one["user_id"] for one in series["bookings"]} == {customer.id}
    path = f"{PATH}{series['id']}"
    assert starts(customer.get(path).json()) == starts(series)
    for outsider in (stranger, other.owner):
        assert told(outsider.get(path)) == (404, "not_found")
        assert told(outsider.patch(path, {"scope": "all", "notes": "x"})) == (404, "not_found")
        assert told(outsider.post(f"{path}/cancel", {"scope": "all"})) == (404, "not_found")
        assert told(outsider.post(f"{path}/retry-skipped")) == (404, "not_found")
    assert customer.post(f"{path}/cancel", {"scope": "all"}).status_code == 200
    assert house.owner.get(f"{PATH}no-uuid").status_code == 404


def test_a_repetition_gets_the_same_series(house: House) -> None:
    """By Idempotency-Key byte for byte, and by an id that the caller gives."""
    resource = house.resource()
    key = "one-series"
    first = house.owner.post(PATH, body_of(resource), Idempotency_Key=key)
    again = house.owner.post(PATH, body_of(resource), Idempotency_Key=key)
    assert (first.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    given = "0198b0d2-0000-7000-8000-00000000abcd"
    later = body_of(resource, start=START + timedelta(hours=2), id=given)
    assert made(house.owner, later)["id"] == given
    assert made(house.owner, later)["id"] == given
    taken = house.owner.post(PATH, {**later, "starts_at": weeks(0, hours=1)[0]})
    assert taken.status_code == 422
    reused = house.owner.post(PATH, later, Idempotency_Key="another")
    assert told(reused) == (409, "id_in_use")
