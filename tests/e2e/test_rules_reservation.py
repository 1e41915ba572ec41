"""Each rule of a booking over HTTP, with its code."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.clocks import change_over
from tests.e2e.house import House, at, day_ahead, rfc

DAY = day_ahead(weekday=2)


def code_of(house: House, start: datetime, end: datetime, **fields: object) -> tuple[int, str]:
    """Status and code of the answer to a booking by the owner."""
    resource = fields.pop("resource_id", None) or house.resource()
    body = {"resource_id": resource, "starts_at": rfc(start), "ends_at": rfc(end), **fields}
    answer = house.owner.post("/reservations/bookings/", body)
    return answer.status_code, answer.json().get("code", "")


def test_the_end_lies_after_the_start(house: House) -> None:
    """invalid_interval, also for an empty booking."""
    start = at(DAY, 10)
    assert code_of(house, start, start) == (400, "invalid_interval")
    assert code_of(house, start, start - timedelta(hours=1)) == (400, "invalid_interval")


def test_the_past_is_not_booked(house: House) -> None:
    """in_the_past, listed first even where more is wrong."""
    yesterday = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    assert code_of(house, yesterday, yesterday + timedelta(minutes=45)) == (400, "in_the_past")
    odd = yesterday + timedelta(microseconds=1500)
    assert code_of(house, odd, odd + timedelta(minutes=30)) == (400, "in_the_past")


def test_lead_time_and_horizon(house: House) -> None:
    """too_soon and too_far_ahead."""
    house.open_always(min_advance_minutes=60 * 24 * 30)
    assert code_of(house, at(DAY, 10), at(DAY, 11)) == (400, "too_soon")
    house.settings(min_advance_minutes=0, max_advance_days=3)
    assert code_of(house, at(DAY, 10), at(DAY, 11)) == (400, "too_far_ahead")


def test_durations(house: House) -> None:
    """duration_not_multiple and duration_out_of_bounds."""
    house.settings(min_duration_minutes=60, max_duration_minutes=120)
    start = at(DAY, 10)
    assert code_of(house, start, start + timedelta(minutes=45)) == (400, "duration_not_multiple")
    assert code_of(house, start, start + timedelta(minutes=30)) == (400, "duration_out_of_bounds")
    assert code_of(house, start, start + timedelta(minutes=150)) == (400, "duration_out_of_bounds")
    assert code_of(house, start, start + timedelta(minutes=90))[0] == 201


def test_opening_hours_and_closures(house: House) -> None:
    """outside_business_hours before opening, across closing, and on a closed date."""
    assert code_of(house, at(DAY, 8), at(DAY, 9)) == (400, "outside_business_hours")
    assert code_of(house, at(DAY, 17, 30), at(DAY, 18, 30)) == (400, "outside_business_hours")
    closure = house.owner.post(
        f"/tenants/{house.id}/closures/", {"date": DAY.isoformat(), "reason": "Feriado"}
    )
    assert closure.status_code == 201, closure.text
    assert code_of(house, at(DAY, 10), at(DAY, 11)) == (400, "outside_business_hours")
    gone = house.owner.delete(f"/tenants/{house.id}/closures/{closure.json()['id']}")
    assert gone.status_code == 204
    assert code_of(house, at(DAY, 10), at(DAY, 11))[0] == 201


def test_an_override_replaces_a_date(house: House) -> None:
    """Closed, or hours of its own; with beyond_business_hours also outside the tenant's."""
    resource = house.resource()
    path = f"/resources/{resource}/overrides/"
    made = house.owner.post(path, {"date": DAY.isoformat(), "closed": True})
    assert made.status_code == 201, made.text
    asked = {"resource_id": resource}
    assert code_of(house, at(DAY, 10), at(DAY, 11), **asked) == (400, "outside_business_hours")
    assert house.owner.delete(f"{path}{made.json()['id']}").status_code == 204
    late = {
        "date": DAY.isoformat(),
        "windows": [{"start": "20:00", "end": "22:00"}],
        "beyond_business_hours": True,
    }
    assert house.owner.post(path, late).status_code == 201
    assert code_of(house, at(DAY, 20), at(DAY, 22), **asked)[0] == 201


def test_alignment_where_it_is_enforced(house: House) -> None:
    """not_aligned for a start off the grid of its window."""
    house.settings(enforce_slot_alignment=True)
    assert code_of(house, at(DAY, 10, 10), at(DAY, 10, 40)) == (400, "not_aligned")
    assert code_of(house, at(DAY, 10, 30), at(DAY, 11))[0] == 201


def test_resource_and_quantity(house: House) -> None:
    """resource_unavailable, capacity_exceeded, and 404 for what is not there."""
    asleep = house.resource(active=False)
    hour = (at(DAY, 10), at(DAY, 11))
    assert code_of(house, *hour, resource_id=asleep) == (400, "resource_unavailable")
    assert code_of(house, *hour, quantity=2) == (400, "capacity_exceeded")
    unknown = "0198b0d2-0000-7000-8000-000000000001"
    assert code_of(house, *hour, resource_id=unknown) == (404, "not_found")
    assert code_of(house, *hour, user_id=unknown) == (404, "not_found")


def test_the_quota_of_a_user(house: House) -> None:
    """quota_exceeded for one booking too many; cancelling makes room again."""
    house.settings(max_active_bookings_per_user=1)
    resource = house.resource()
    customer = house.person("customer")
    first = house.book(customer, resource, at(DAY, 10))
    assert first.status_code == 201
    second = house.book(customer, resource, at(DAY, 12))
    assert (second.status_code, second.json()["code"]) == (400, "quota_exceeded")
    customer.post(f"/reservations/bookings/{first.json()['id']}/cancel", {})
    assert house.book(customer, resource, at(DAY, 12)).status_code == 201


def test_neighbours_touch_and_buffers_add_up(house: House) -> None:
    """Touching bookings do not conflict; with buffers the gap is after plus before."""
    resource = house.resource()
    assert house.book(house.owner, resource, at(DAY, 10)).status_code == 201
    assert house.book(house.owner, resource, at(DAY, 11)).status_code == 201
    tidy = house.resource(buffer_before_minutes=30, buffer_after_minutes=30)
    assert house.book(house.owner, tidy, at(DAY, 10)).status_code == 201
    assert house.book(house.owner, tidy, at(DAY, 11, 30)).json()["code"] == "booking_conflict"
    assert house.book(house.owner, tidy, at(DAY, 12)).status_code == 201


def test_staff_set_rules_aside_one_by_one(house: House) -> None:
    """`override_rules` needs the permission, helps with what it names, never with a conflict."""
    resource = house.resource()
    night = at(DAY, 22)
    manager, customer = house.person("manager"), house.person("customer")
    rules = ["outside_business_hours"]
    assert house.book(customer, resource, night, override_rules=rules).status_code == 403
    made = house.book(manager, resource, night, override_rules=rules)
    assert made.status_code == 201
    history = manager.get(f"/reservations/bookings/{made.json()['id']}/history").json()
    assert history["items"][0]["overridden"] == rules
    again = house.book(manager, resource, night, override_rules=[*rules, "in_the_past"])
    assert again.json()["code"] == "booking_conflict"
    odd = house.book(manager, resource, night, override_rules=["booking_conflict"])
    assert odd.json()["code"] == "unknown_override"


def test_several_violations_are_all_listed(house: House) -> None:
    """The top-level code is the first; `errors` has every one of steps 1 to 6."""
    house.settings(min_duration_minutes=60, max_advance_days=2)
    body = {
        "resource_id": house.resource(),
        "starts_at": rfc(at(DAY, 22)),
        "ends_at": rfc(at(DAY, 22, 45)),
    }
    problem = house.owner.post("/reservations/bookings/", body).json()
    assert problem["code"] == "too_far_ahead"
    assert [error["code"] for error in problem["errors"]] == [
        "too_far_ahead",
        "duration_not_multiple",
        "duration_out_of_bounds",
        "outside_business_hours",
    ]


@pytest.mark.parametrize(
    ("zone", "lasts", "hours", "starts"),
    [
        ("America/New_York", 23.0, ("01:00", "05:00"), (0, [6, 7, 8])),
        ("America/New_York", 25.0, ("01:00", "03:00"), (0, [5, 6, 7])),
        ("Australia/Lord_Howe", 24.5, ("01:00", "03:00"), (-1, [14, 15])),
    ],
)
def test_days_on_which_clocks_change(
    house: House,
    zone: str,
    lasts: float,
    hours: tuple[str, str],
    starts: tuple[int, list[int]],
) -> None:
    """Slots step in elapsed time, and each that is listed can be booked. `starts` are hours of UTC,
    on a day so many days later: clocks have changed on a Sunday at the same hour for long."""
    day = change_over(zone, timedelta(hours=lasts))
    later, begun = starts
    week: dict[str, list[dict[str, str]]] = {
        name: [] for name in ("mon", "tue", "wed", "thu", "fri", "sat")
    }
    window = [{"start": hours[0], "end": hours[1]}]
    house.settings(
        timezone=zone,
        business_hours={**week, "sun": window},
        slot_interval_minutes=60,
        max_advance_days=3650,
    )
    resource = house.resource()
    answer = house.owner.get(
        f"/resources/{resource}/availability", date=day.isoformat(), timezone="UTC"
    ).json()
    slots = answer["days"][0]["slots"]
    on = day + timedelta(days=later)
    assert [slot["start"] for slot in slots] == [f"{on}T{hour:02}:00:00Z" for hour in begun]
    for slot in slots:
        start = datetime.fromisoformat(slot["start"])
        assert house.book(house.owner, resource, start).status_code == 201
