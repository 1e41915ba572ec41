"""Reports of a running installation: from its own events, in JSON and as a table."""

import csv
import io
from typing import Any

import httpx

from tests.e2e.house import House, Person, at, day_ahead, rfc, so_far
from tests.installation import Installation
from tests.waiting import wait_until


def asked(who: Person, name: str, group_by: str = "day") -> httpx.Response:
    day = str(day_ahead())
    return who.get(f"/reservations/reports/{name}", group_by=group_by, **{"from": day, "to": day})


def report(who: Person, name: str, group_by: str = "day") -> dict[str, Any]:
    answer = asked(who, name, group_by)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def total(who: Person, name: str, field: str) -> Any:
    return report(who, name)["total"][field]


def becomes(who: Person, name: str, field: str, amount: int, within_seconds: float = 10) -> None:
    """The total has been this much."""

    def is_so() -> bool:
        found = so_far(asked(who, name))
        return found is not None and found["total"][field] == amount

    wait_until(is_so, within_seconds)


def test_figures_follow_what_happens(installation: Installation, house: House) -> None:
    """Bookings that are made, moved, cancelled and missed are in every report, also after the
    subscriber was killed; open time is what the rules say."""
    house.open_always(cancellation_window_hours=1)
    category = house.owner.post("/resources/categories/", {"name": "Chairs"}).json()["id"]
    chair = house.resource(capacity=2, category_id=category)
    ana, start = house.person("customer"), at(day_ahead(), 9)
    made = [house.book(ana, chair, at(day_ahead(), hour)).json()["id"] for hour in (9, 11, 13)]
    one, two, three = (f"/reservations/bookings/{booking_id}" for booking_id in made)
    becomes(house.owner, "bookings", "bookings", 3)

    killed = installation.kill("subscriber")
    later = {"starts_at": rfc(at(day_ahead(), 15)), "ends_at": rfc(at(day_ahead(), 17))}
    assert ana.patch(one, later).status_code == 200
    assert ana.post(f"{two}/cancel", {"reason": "plums"}).status_code == 200
    missed = house.owner.post(f"{three}/status", {"status": "no_show"})
    assert missed.status_code == 200, missed.text
    installation.wait_for_role("subscriber", killed)
    becomes(house.owner, "no-shows", "no_shows", 1, within_seconds=40)
    becomes(house.owner, "cancellations", "cancelled", 1)
    becomes(house.owner, "occupancy", "booked_minutes", 180)

    (row,) = report(house.owner, "occupancy", "resource")["items"]
    assert row == {
        "resource_id": chair,
        "booked_minutes": 180,
        "open_minutes": 2 * 1440,
        "occupancy": 0.0625,
    }
    (row,) = report(house.owner, "cancellations", "category")["items"]
    assert (row["category_id"], row["by_customer"], row["in_time"]) == (category, 1, 1)
    hours = report(house.owner, "bookings", "weekday_hour")["items"]
    weekday = start.strftime("%a").lower()
    busy = {(item["weekday"], item["hour"]): item["bookings"] for item in hours}
    assert {key: count for key, count in busy.items() if count} == {
        (weekday, hour): 1 for hour in (11, 13, 15)
    }
    assert total(house.owner, "bookings", "minutes") == 180


def test_reports_say_nothing_of_anybody(house: House) -> None:
    """They are for owners and managers, and have neither who booked nor what was written."""
    house.open_always()
    chair, ana = house.resource(), house.person("customer")
    booking_id = house.book(ana, chair, at(day_ahead(), 9)).json()["id"]
    cancelled = ana.post(f"/reservations/bookings/{booking_id}/cancel", {"reason": "plums"})
    assert cancelled.status_code == 200
    becomes(house.owner, "cancellations", "cancelled", 1)
    assert report(house.person("manager"), "bookings")["total"]["cancelled"] == 1
    text = str([report(house.owner, name) for name in ("bookings", "cancellations", "no-shows")])
    me = ana.get("/auth/me").json()["id"]
    assert "plums" not in text
    assert me not in text
    for role in ("staff", "customer"):
        path = f"/reservations/reports/bookings?from={day_ahead()}&to={day_ahead()}"
        assert house.person(role).request("GET", path).status_code == 403


def test_a_report_is_a_table_too(house: House) -> None:
    """By `Accept: text/csv`: the rows of the JSON answer under their names, numbers as numbers."""
    house.open_always()
    chair = house.resource()

    def is_surveyed() -> bool:
        found = so_far(asked(house.owner, "occupancy", "resource"))
        return found is not None and len(found["items"]) == 1

    wait_until(is_surveyed, 10)
    day = str(day_ahead())
    for name in ("occupancy", "bookings", "cancellations", "no-shows"):
        for group_by in ("day", "week", "month", "resource", "category", "weekday_hour"):
            items = report(house.owner, name, group_by)["items"]
            path = f"/reservations/reports/{name}?from={day}&to={day}&group_by={group_by}"
            answer = house.owner.request("GET", path, headers={"accept": "text/csv"})
            assert answer.headers["content-type"] == "text/csv; charset=utf-8"
            rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
            assert rows == [
                {field: "" if value is None else str(value) for field, value in item.items()}
                for item in items
            ]
    occupancy = report(house.owner, "occupancy", "resource")["items"]
    assert [item["resource_id"] for item in occupancy] == [chair]


def test_a_range_that_cannot_be_is_refused(house: House) -> None:
    """Both dates are needed, in their order, and a year of them at most; groups are those named."""
    for query, code in (
        ("from=2026-01-01", "validation_failed"),
        ("from=2026-02-01&to=2026-01-01", "validation_failed"),
        ("from=2026-01-01&to=2027-06-01", "range_too_long"),
        ("from=2026-01-01&to=2026-01-02&group_by=user", "validation_failed"),
        ("from=2026-01-01&to=2026-01-02&who=1", "unknown_field"),
    ):
        answer = house.owner.request("GET", f"/reservations/reports/occupancy?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
