"""A hold and whoever made it: its maker can release and extend it, a machine too."""

from contracts.reservation import commands
from contracts.wire.envelope import KEY_ROLE, Actor
from contracts.wire.identity import new_id
from tests.integration.desk import code_of
from tests.integration.reservation.salon import Salon, morning

ALLOWED = frozenset(
    {"booking:create:any", "booking:read:any", "booking:cancel:own", "booking:update:own"}
)


def key() -> Actor:
    """A machine's key, with the permissions over what is its own."""
    return Actor("service", str(new_id()), (KEY_ROLE,), ALLOWED)


async def test_a_machine_releases_the_hold_that_it_made(salon: Salon) -> None:
    """An API key extends and releases its own hold, also one that is for a customer."""
    maker, customer = key(), await salon.customer()
    for day, user_id in ((7, None), (8, customer.id)):
        made = await salon.book(morning(day), actor=maker, status="held", user_id=user_id)
        held = made.body["id"]
        extended = await salon.ask(commands.BookingExtendHold, maker, booking_id=held)
        assert (made.body["can_cancel"], extended.status) == (True, 200)
        released = await salon.ask(commands.BookingCancel, maker, booking_id=held)
        assert (released.status, released.body["cancelled_by"]) == (200, maker.label)


async def test_another_machines_hold_is_not_its_own(salon: Salon) -> None:
    """A key neither extends nor releases what another key holds."""
    held = (await salon.book(morning(), actor=key(), status="held")).body["id"]
    other = key()
    assert (await salon.read(held, other))["cannot_cancel_reason"] == "forbidden"
    for message in (commands.BookingCancel, commands.BookingExtendHold):
        reply = await salon.ask(message, other, booking_id=held)
        assert code_of(reply) == (403, "forbidden")


async def test_a_machine_has_no_bookings_of_its_own(salon: Salon) -> None:
    """What a key booked for good it cannot cancel without the right to cancel anybody's."""
    maker = key()
    booked = (await salon.book(morning(), actor=maker)).body
    assert booked["cannot_cancel_reason"] == "forbidden"
    reply = await salon.ask(commands.BookingCancel, maker, booking_id=booked["id"])
    assert code_of(reply) == (403, "forbidden")


async def test_an_event_has_what_figures_are_made_of(salon: Salon) -> None:
    """It says the category that was booked and the window of its cancellation."""
    category = new_id()
    await salon.settings(cancellation_window_hours=7)
    await salon.resource(salon.resource_id, category_id=str(category))
    booked = (await salon.book(morning())).body
    (event,) = await salon.desk.events(booked["id"])
    told = {name: event.data[name] for name in ("category_id", "cancellation_window_hours")}
    assert told == {"category_id": str(category), "cancellation_window_hours": 7}
