"""What an event of a booking says: enough to know how the booking stood before it."""

from typing import Any

from contracts.reservation import commands
from contracts.wire.identity import new_id
from tests.integration.reservation.salon import Salon, morning

# What a bill is made of; the rest of it never changes.
BILLED = ("resource_id", "resource_ids", "starts_at", "ends_at", "timezone", "quantity", "status")


async def test_each_event_leads_back_to_the_one_before(salon: Salon) -> None:
    """Whatever a bill is made of and an event changes stands in its `changes` with what it was."""
    far = await salon.resource(new_id(), timezone="America/Sao_Paulo", capacity=3)
    near = await salon.resource(new_id(), capacity=3)
    made = await salon.book(
        morning(), resource_id=near, additional_resource_ids=[far], status="held", quantity=2
    )
    booking = made.body["id"]
    await salon.ask(commands.BookingChangeStatus, booking_id=booking, status="confirmed")
    # The second becomes the first, and so the only one; its clocks are others.
    moved = await salon.ask(
        commands.BookingUpdate, booking_id=booking, resource_id=far, ends_at=morning(hour=12)
    )
    assert moved.status == 200
    await salon.ask(commands.BookingCancel, booking_id=booking)
    events = [event.data for event in await salon.desk.events(booking)]
    states = [{name: event[name] for name in BILLED} for event in events]
    assert [before_of(event) for event in events[1:]] == states[:-1]
    assert [state["timezone"] for state in states] == ["UTC", "UTC", *["America/Sao_Paulo"] * 2]
    assert before_of(events[0]) == dict.fromkeys(BILLED)


async def test_an_event_says_the_window_it_was_made_under(salon: Salon) -> None:
    """`cancellation_window_hours` stays what it was when the booking was made."""
    await salon.settings(cancellation_window_hours=48)
    booking = (await salon.book(morning())).body["id"]
    await salon.settings(cancellation_window_hours=2)
    cancelled = await salon.ask(commands.BookingCancel, booking_id=booking)
    assert cancelled.body["cancellation_window_hours"] == 48
    events = await salon.desk.events(booking)
    assert [event.data["cancellation_window_hours"] for event in events] == [48, 48]


def before_of(event: dict[str, Any]) -> dict[str, Any]:
    """The same fields as they were before the event."""
    changes = event["changes"]
    return {name: changes[name]["before"] if name in changes else event[name] for name in BILLED}
