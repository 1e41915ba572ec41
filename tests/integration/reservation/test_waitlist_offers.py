"""What becomes of an offer."""

import pytest

from contracts.reservation import commands
from tests.integration.desk import code_of
from tests.integration.reservation.ripples import Ripples
from tests.integration.reservation.salon import Salon
from tests.integration.reservation.waiting import cancel, entry, full_morning, join


async def test_an_offer_that_is_taken_up_is_fulfilled(salon: Salon, ripples: Ripples) -> None:
    """The customer confirms the hold; a later cancellation changes nothing about that, and goes to
    whoever comes next."""
    (booked, *_) = await full_morning(salon)
    first, second = await salon.customer(), await salon.customer()
    one, two = await join(salon, first), await join(salon, second)
    await cancel(salon, booked)
    await ripples.run()
    hold = (await entry(salon, one))["offered_booking_id"]
    confirmed = await salon.ask(
        commands.BookingChangeStatus, first, booking_id=hold, status="confirmed"
    )
    assert confirmed.status == 200
    await ripples.run()
    assert (await entry(salon, one))["status"] == "fulfilled"
    await cancel(salon, confirmed)
    await ripples.run()
    assert (await entry(salon, one))["status"] == "fulfilled"
    assert (await entry(salon, two))["status"] == "offered"


@pytest.mark.parametrize("how", ["runs out", "is given back", "is swept"])
async def test_an_offer_lapses_to_the_next(salon: Salon, ripples: Ripples, how: str) -> None:
    """Whether its hold runs out or is given back; who let it lapse is not asked again."""
    (booked, *_) = await full_morning(salon)
    people = [await salon.customer() for _ in range(2)]
    entries = [await join(salon, person) for person in people]
    await cancel(salon, booked)
    await ripples.run()
    hold = (await entry(salon, entries[0]))["offered_booking_id"]
    if how == "is given back":
        released = await salon.ask(commands.BookingCancel, people[0], booking_id=hold)
        assert released.status == 200
    else:
        await salon.let_hold_run_out(hold)
        if how == "is swept":
            await salon.desk.ask(commands.BookingExpire, salon.tenant_id, booking_id=hold)
        else:
            late = await salon.ask(
                commands.BookingChangeStatus, people[0], booking_id=hold, status="confirmed"
            )
            assert code_of(late) == (409, "hold_expired")
    await ripples.run()

    lapsed, offered = [await entry(salon, one) for one in entries]
    assert (lapsed["status"], offered["status"]) == ("lapsed", "offered")
    assert offered["offered_booking_id"] != hold
    assert [kind for kind, _ in await salon.events(lapsed["id"])] == [
        "waitlist.joined",
        "waitlist.offered",
        "waitlist.lapsed",
    ]


async def test_what_became_of_the_offer_counts_not_of_the_booking(
    salon: Salon, ripples: Ripples
) -> None:
    """Confirmed and cancelled before anybody heard of it: the offer was taken up."""
    (booked, *_) = await full_morning(salon)
    person = await salon.customer()
    waits = await join(salon, person)
    await cancel(salon, booked)
    await ripples.run()
    hold = (await entry(salon, waits))["offered_booking_id"]
    confirmed = await salon.ask(
        commands.BookingChangeStatus, person, booking_id=hold, status="confirmed"
    )
    await cancel(salon, confirmed)
    await ripples.run()
    assert (await entry(salon, waits))["status"] == "fulfilled"


async def test_a_hold_with_more_time_is_on_offer_for_longer(salon: Salon, ripples: Ripples) -> None:
    """The entry says until when, and an event does."""
    (booked, *_) = await full_morning(salon)
    person = await salon.customer()
    waits = await join(salon, person)
    await cancel(salon, booked)
    await ripples.run()
    hold = (await entry(salon, waits))["offered_booking_id"]
    longer = await salon.ask(commands.BookingExtendHold, person, booking_id=hold)
    await ripples.run()
    found = await entry(salon, waits)
    assert found["offer_expires_at"] == longer.body["hold_expires_at"]
    told = (await salon.desk.events(found["id"]))[-1]
    assert (told.type, told.data["offer"]["hold_expires_at"]) == (
        "waitlist.extended",
        found["offer_expires_at"],
    )
    await ripples.run()
    assert (await entry(salon, waits))["version"] == found["version"]


async def test_an_offer_says_what_it_is_of(salon: Salon, ripples: Ripples) -> None:
    """The event names place, time and deadline."""
    booked = await full_morning(salon)
    waits = await join(salon, await salon.customer())
    await cancel(salon, booked[1])
    await ripples.run()
    found = await entry(salon, waits)
    told = (await salon.desk.events(found["id"]))[-1]
    assert told.data["offer"] == {
        "booking_id": found["offered_booking_id"],
        "resource_id": str(salon.resource_id),
        "starts_at": booked[1].body["starts_at"],
        "ends_at": booked[1].body["ends_at"],
        "hold_expires_at": found["offer_expires_at"],
    }
