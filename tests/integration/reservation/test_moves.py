"""Moving a booking: what it is decided under, and what is said of one that cannot be moved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.reservation import commands
from contracts.wire.envelope import SYSTEM
from contracts.wire.identity import new_id
from tests.integration.desk import code_of
from tests.integration.reservation.salon import Salon, morning


async def test_a_hold_that_ran_out_is_not_moved(salon: Salon) -> None:
    """Moving too late is 409 `hold_expired`, and one event says what time has done."""
    held = (await salon.book(morning(), status="held")).body["id"]
    await salon.let_hold_run_out(held)
    for _ in range(2):
        reply = await salon.ask(
            commands.BookingUpdate,
            booking_id=held,
            starts_at=morning(hour=11),
            ends_at=morning(hour=12),
        )
        assert code_of(reply) == (409, "hold_expired")
    assert (await salon.read(held))["status"] == "expired"
    assert await salon.taken() == 0
    assert await salon.events(held) == [("booking.created", 1), ("booking.hold_expired", 2)]


async def test_a_swept_hold_is_not_moved_with_the_same_answer(salon: Salon) -> None:
    """Whether the sweeper came first makes no difference to who moves it too late."""
    held = (await salon.book(morning(), status="held")).body["id"]
    await salon.let_hold_run_out(held)
    await salon.ask(commands.BookingExpire, SYSTEM, booking_id=held)
    reply = await salon.ask(commands.BookingUpdate, booking_id=held, quantity=2)
    assert code_of(reply) == (409, "hold_expired")


async def test_every_resource_keeps_its_buffers(salon: Salon) -> None:
    """A move keeps the buffers of all resources of the booking, whatever the rules are now."""
    room, nurse = await salon.resource(new_id()), await salon.resource(new_id())
    await salon.settings(buffer_before_minutes=30, buffer_after_minutes=60)
    made = await salon.book(morning(), additional_resource_ids=[room])
    await salon.settings(buffer_before_minutes=240, buffer_after_minutes=240)
    booking = made.body["id"]
    moved = await salon.ask(
        commands.BookingUpdate,
        booking_id=booking,
        starts_at=morning(hour=12),
        ends_at=morning(hour=13),
    )
    assert moved.status == 200
    kept = (morning(hour=11, minute=30), morning(hour=14))
    assert await blocked(salon, booking) == {salon.resource_id: kept, room: kept}

    other = await salon.ask(commands.BookingUpdate, booking_id=booking, resource_id=nurse)
    assert other.status == 200
    new = (morning(hour=8), morning(hour=17))
    assert await blocked(salon, booking) == {nurse: new, room: kept}

    again = await salon.ask(commands.BookingUpdate, booking_id=booking, resource_id=room)
    assert (again.status, again.body["resource_ids"]) == (200, [str(room)])
    assert await blocked(salon, booking) == {room: kept}


async def blocked(salon: Salon, booking_id: str) -> dict[UUID, tuple[datetime, datetime]]:
    """What the booking keeps free, of each resource that it has."""
    rows = await salon.desk.rows(
        "SELECT resource_id, blocked_from, blocked_to FROM allocation"
        " WHERE booking_id = :it AND active",
        it=UUID(booking_id),
    )
    return {row.resource_id: (row.blocked_from, row.blocked_to) for row in rows}


async def test_rules_are_set_aside_by_who_may_alone(salon: Salon) -> None:
    """Whether the booking is moved or only edited: 403 without the permission."""
    mine = await salon.customer()
    booked = (await salon.book(morning(), actor=mine)).body["id"]
    asked: dict[str, Any] = {"booking_id": booked, "notes": "a", "override_rules": ["too_soon"]}
    refused = await salon.ask(commands.BookingUpdate, mine, **asked)
    assert code_of(refused) == (403, "forbidden")
    assert (await salon.ask(commands.BookingUpdate, salon.manager, **asked)).status == 200


async def test_every_resource_has_its_say(salon: Salon) -> None:
    """The first is inactive (step 7) and the other closed (step 5): the earlier step is told, and
    what both break of steps 1 to 6 stands in `errors`, once and in order."""
    chair = await salon.resource(new_id(), active=False)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    never: dict[str, list[Any]] = {day: [] for day in days}
    shut = await salon.resource(new_id(), availability_schedule=never)
    other: dict[str, Any] = {"resource_id": chair, "additional_resource_ids": [str(shut)]}
    reply = await salon.book(morning(), **other)
    assert code_of(reply) == (400, "outside_business_hours")
    late = await salon.book(morning(400), minutes=45, **other)
    assert late.problem is not None
    assert [one["code"] for one in late.problem["errors"]] == [
        "too_far_ahead",
        "duration_not_multiple",
        "outside_business_hours",
    ]
    alone = await salon.book(morning(), resource_id=chair)
    assert code_of(alone) == (400, "resource_unavailable")
