"""The main job: a booking goes in over HTTP and over a stream and comes out as an event."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx

from tests.e2e.house import House, at, day_ahead, published, rfc
from tests.installation import Installation
from tests.waiting import wait_until


def test_a_booking_lives_from_request_to_event(house: House) -> None:
    """Created, moved, confirmed by status and cancelled: one event for each version, no gap."""
    house.open_always(requires_approval=True)
    resource = house.resource()
    start = at(day_ahead(), 10)
    made = house.book(house.owner, resource, start)
    assert made.status_code == 201
    booking = made.json()
    path = f"/reservations/bookings/{booking['id']}"
    assert booking["status"] == "pending"
    assert made.headers["etag"] == '"1"'
    moved = house.owner.patch(
        path,
        {"starts_at": rfc(start + timedelta(hours=1)), "ends_at": rfc(start + timedelta(hours=2))},
    )
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    confirmed = house.owner.post(f"{path}/status", {"status": "confirmed"})
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "confirmed")
    cancelled = house.owner.post(f"{path}/cancel", {"reason": "rain"})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["cancelled_by"] == f"user:{house.owner.id}"

    wait_until(lambda: len(house.events(booking["id"])) == 4, 5)
    assert [(kind, sequence) for kind, sequence, _ in house.events(booking["id"])] == [
        ("booking.created", 1),
        ("booking.updated", 2),
        ("booking.status_changed", 3),
        ("booking.cancelled", 4),
    ]
    history = house.owner.get(f"{path}/history").json()["items"]
    assert [entry["version"] for entry in history] == [1, 2, 3, 4]
    assert history[3]["reason"] == "rain"


async def test_two_hundred_at_once_on_one_slot_leave_one_booking(house: House) -> None:
    """One 201, 199 times 409 with what is taken and what is free next, and nothing else."""
    house.open_always()
    resource = house.resource()
    start = at(day_ahead(), 10)
    body = {
        "resource_id": resource,
        "starts_at": rfc(start),
        "ends_at": rfc(start + timedelta(hours=1)),
    }
    headers = {"Authorization": f"Bearer {house.owner.token}"}
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=house.base_url, limits=limits, timeout=30) as client:
        answers = await asyncio.gather(
            *(
                client.post("/reservations/bookings/", json=body, headers=headers)
                for _ in range(200)
            )
        )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 199}
    lost = next(answer.json() for answer in answers if answer.status_code == 409)
    assert lost["code"] == "booking_conflict"
    assert lost["conflicts"] == [
        {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(hours=1))}
    ]
    assert lost["next_available"]["starts_at"] == rfc(start + timedelta(hours=1))
    assert house.owner.id not in json.dumps(lost["conflicts"])


def test_a_customer_cancels_inside_the_window_and_not_beyond_it(house: House) -> None:
    """`can_cancel` says beforehand what cancelling then answers."""
    house.open_always(cancellation_window_hours=24, slot_interval_minutes=5)
    resource = house.resource()
    customer = house.person("customer")
    far = house.book(customer, resource, at(day_ahead(), 10)).json()
    soon = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=2)
    soon -= timedelta(minutes=soon.minute % 5)
    near = house.book(customer, resource, soon).json()
    assert far["can_cancel"] is True
    assert far["can_cancel_until"] == rfc(at(day_ahead(9), 10))
    assert (near["can_cancel"], near["cannot_cancel_reason"]) == (
        False,
        "cancellation_window_passed",
    )
    assert customer.post(f"/reservations/bookings/{far['id']}/cancel", {}).status_code == 200
    refused = customer.post(f"/reservations/bookings/{near['id']}/cancel", {})
    assert (refused.status_code, refused.json()["code"]) == (400, "cancellation_window_passed")
    moved = customer.patch(
        f"/reservations/bookings/{near['id']}", {"ends_at": rfc(soon + timedelta(minutes=90))}
    )
    assert (moved.status_code, moved.json()["code"]) == (400, "reschedule_window_passed")
    by_staff = house.person("staff").post(f"/reservations/bookings/{near['id']}/cancel", {})
    assert by_staff.status_code == 200


def test_availability_offers_what_a_booking_then_gets(house: House) -> None:
    """A slot that was free is booked, and is then listed as booked."""
    house.settings(timezone="America/Sao_Paulo", slot_interval_minutes=60)
    resource = house.resource()
    day = day_ahead(weekday=2)
    path = f"/resources/{resource}/availability"
    before = house.owner.get(path, date=day.isoformat()).json()
    slots = before["days"][0]["slots"]
    assert before["timezone"] == "America/Sao_Paulo"
    assert len(slots) == 9
    assert slots[0]["start"] == f"{day.isoformat()}T09:00:00-03:00"
    first = datetime.fromisoformat(slots[0]["start"])
    assert house.book(house.owner, resource, first).status_code == 201
    after = house.owner.get(path, date=day.isoformat()).json()["days"][0]["slots"]
    assert (after[0]["available"], after[0]["reason"], after[0]["remaining"]) == (
        False,
        "booked",
        0,
    )
    assert all(slot["available"] for slot in after[1:])


def test_an_internal_system_books_with_nothing_but_a_redis_client(
    installation: Installation, house: House
) -> None:
    """Published on its own stream, answered on its own reply stream, and out comes the event."""
    house.open_always()
    resource = house.resource()
    start = at(day_ahead(), 10)
    body = {
        "resource_id": resource,
        "starts_at": rfc(start),
        "ends_at": rfc(start + timedelta(hours=1)),
    }
    reply = published(installation, house, "booking.create", body)
    assert reply["status"] == 201
    body = reply["body"]
    assert body["user_id"] is None
    assert body["created_by"] == "service:demo"
    wait_until(lambda: len(house.events(body["id"])) == 1, 5)
    seen = house.owner.get(f"/reservations/bookings/{body['id']}")
    assert seen.json()["status"] == "confirmed"


def test_the_audit_trail_says_who_did_what(house: House) -> None:
    """The subscriber has a record of each event, with actor, before and after."""
    house.open_always()
    resource = house.resource()
    booking = house.book(house.owner, resource, at(day_ahead(), 10)).json()
    subject = f"booking/{booking['id']}"

    def records() -> list[dict[str, object]]:
        answer = house.owner.get(f"/tenants/{house.id}/audit/", subject=subject)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    found = wait_until(records, 10)
    assert [record["event_type"] for record in found] == ["booking.created"]
    assert found[0]["actor"] == {"kind": "user", "id": house.owner.id, "roles": ["owner"]}
    refused = house.person("staff").get(f"/tenants/{house.id}/audit/")
    assert refused.status_code == 403
