"""Moving a booking: what it is decided under, and what is said of one that cannot be moved."""

from contracts.reservation import commands
from contracts.wire.envelope import SYSTEM
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
