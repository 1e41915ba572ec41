"""Deleting what is booked, and changing the hours of what is booked."""

from datetime import timedelta

from tests.e2e.house import House, at, day_ahead
from tests.waiting import wait_until


def test_a_resource_with_future_bookings_is_deleted_on_demand(house: House) -> None:
    """409 `has_future_bookings`; with `cancel_bookings=true` 204, and each booking is cancelled
    with its event, by whoever asked."""
    house.open_always()
    resource = house.resource()
    customer = house.person("customer")
    booked = house.book(customer, resource, at(day_ahead(), 10)).json()
    path = f"/resources/{resource}"

    refused = house.owner.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_future_bookings")
    assert house.owner.get(path).status_code == 200
    assert house.owner.delete(f"{path}?cancel_bookings=false").status_code == 409

    assert house.owner.delete(f"{path}?cancel_bookings=true").status_code == 204
    assert house.owner.get(path).status_code == 404
    found = customer.get(f"/reservations/bookings/{booked['id']}").json()
    assert (found["status"], found["cancelled_by"]) == ("cancelled", f"user:{house.owner.id}")
    assert found["cancellation_reason"] == "resource_deleted"
    wait_until(lambda: len(house.events(booked["id"])) == 2, 10)
    assert [kind for kind, _, _ in house.events(booked["id"])] == [
        "booking.created",
        "booking.cancelled",
    ]


def test_the_parameter_is_read_strictly(house: House) -> None:
    """What is neither true nor false, or no parameter of it, is 400; a repetition with the same key
    and another answer to the question is 422."""
    path = f"/resources/{house.resource()}"
    for query, code in (("cancel_bookings=maybe", "validation_failed"), ("x=1", "unknown_field")):
        answer = house.owner.delete(f"{path}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    key = {"Idempotency_Key": "delete-it"}
    assert house.owner.delete(path, **key).status_code == 204
    again = house.owner.delete(path, **key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (204, "true")
    other = house.owner.delete(f"{path}?cancel_bookings=true", **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_staff_and_other_tenants_delete_nothing(house: House, other: House) -> None:
    """403 for staff, 404 for another tenant's owner."""
    path = f"/resources/{house.resource()}?cancel_bookings=true"
    assert house.person("staff").delete(path).status_code == 403
    assert other.owner.delete(path).status_code == 404


def test_a_capacity_goes_down_to_what_is_booked_and_no_further(house: House) -> None:
    """409 below the peak of what is to come, 200 at it; the next booking meets the new capacity."""
    house.open_always()
    resource = house.resource(capacity=5, kind="space")
    path = f"/resources/{resource}"
    start = at(day_ahead(), 10)
    assert house.book(house.owner, resource, start, quantity=3).status_code == 201
    low = house.owner.patch(path, {"capacity": 2})
    assert (low.status_code, low.json()["code"]) == (409, "has_future_bookings")
    assert low.json()["booked"] == 3
    changed = house.owner.patch(path, {"capacity": 3})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert house.book(house.owner, resource, start).status_code == 409


def test_closures_and_hours_say_whom_they_leave_outside(house: House) -> None:
    """`affected_bookings` in the answers to a closure, to changed business hours, to a schedule and
    to an override; the bookings stay as they are, and an unrelated change says nothing."""
    house.open_always()
    resource = house.resource()
    day = day_ahead()
    booked = house.book(house.owner, resource, at(day, 10)).json()
    after = house.book(house.owner, resource, at(day + timedelta(days=1), 10)).json()

    labels = house.owner.patch(f"/tenants/{house.id}/settings", {"hold_ttl_seconds": 60})
    assert "affected_bookings" not in labels.json()
    closed = house.owner.post(f"/tenants/{house.id}/closures/", {"date": day.isoformat()})
    assert closed.status_code == 201
    assert [one["id"] for one in closed.json()["affected_bookings"]] == [booked["id"]]
    hours = house.settings(business_hours={name: [] for name in WEEK})
    assert [one["id"] for one in hours["affected_bookings"]] == [booked["id"], after["id"]]
    assert hours["affected_bookings_count"] == 2
    override = house.owner.post(
        f"/resources/{resource}/overrides/",
        {
            "date": after["starts_at"][:10],
            "windows": [{"start": "08:00", "end": "12:00"}],
            "beyond_business_hours": True,
        },
    )
    assert [one["id"] for one in override.json()["affected_bookings"]] == [booked["id"]]
    made = override.json()["id"]
    gone = house.owner.delete(f"/resources/{resource}/overrides/{made}")
    assert gone.status_code == 200
    assert [one["id"] for one in gone.json()["affected_bookings"]] == [booked["id"], after["id"]]
    found = house.owner.get(f"/reservations/bookings/{booked['id']}").json()
    assert (found["status"], found["version"]) == ("confirmed", 1)


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
