"""Changes of opening time, and whom they leave outside."""

from contracts.reservation.commands import BookingChangeStatus
from contracts.resource import commands
from tests.integration.desk import Desk
from tests.integration.reservation.salon import Salon, morning
from tests.integration.resource.furniture import furnished
from tests.integration.resource.people import MANAGER


async def test_changed_hours_say_who_is_left_outside(desk: Desk, house: Salon) -> None:
    """A narrower schedule, a closed date and an inactive resource list the bookings they leave
    outside, and leave them alone; a change of name says nothing."""
    made = await furnished(desk, house)
    it = {"resource_id": made["id"]}
    early = (await house.book(morning(hour=8), **it)).body
    late = (await house.book(morning(hour=15), **it)).body
    renamed = await desk.ask(commands.ResourceUpdate, house.tenant_id, MANAGER, name="New", **it)
    assert "affected_bookings" not in renamed.body

    noon = {
        day: [{"start": "12:00", "end": "18:00"}]
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    }
    narrow = await desk.ask(
        commands.ResourceUpdate, house.tenant_id, MANAGER, availability_schedule=noon, **it
    )
    assert [one["id"] for one in narrow.body["affected_bookings"]] == [early["id"]]
    assert narrow.body["affected_bookings_count"] == 1
    (shown,) = narrow.body["affected_bookings"]
    assert shown == {
        name: early[name]
        for name in ("id", "resource_id", "user_id", "starts_at", "ends_at", "status", "version")
    }

    day = late["starts_at"][:10]
    closed = await desk.ask(
        commands.OverrideCreate,
        house.tenant_id,
        MANAGER,
        override={"date": day, "closed": True},
        **it,
    )
    assert closed.status == 201
    both = [early["id"], late["id"]]
    assert [one["id"] for one in closed.body["affected_bookings"]] == both
    off = await desk.ask(commands.ResourceUpdate, house.tenant_id, MANAGER, active=False, **it)
    assert [one["id"] for one in off.body["affected_bookings"]] == both
    assert [(await house.read(one))["version"] for one in both] == [1, 1]


async def test_a_hold_on_a_closed_resource_is_still_confirmed(desk: Desk, house: Salon) -> None:
    """Changed hours leave made bookings alone, holds among them."""
    made = await furnished(desk, house)
    it = {"resource_id": made["id"]}
    held = await house.book(morning(), status="held", **it)
    off = await desk.ask(commands.ResourceUpdate, house.tenant_id, MANAGER, active=False, **it)
    assert off.body["affected_bookings_count"] == 1
    confirmed = await house.ask(BookingChangeStatus, booking_id=held.body["id"], status="confirmed")
    assert confirmed.status == 200
