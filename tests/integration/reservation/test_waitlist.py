"""Who is offered what becomes free, and what becomes of an offer."""

import asyncio
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from contracts.reservation import commands
from contracts.reservation.waitlist import WaitlistView
from contracts.wire.identity import new_id
from handlers.reservation import waitlist_offering
from tests.integration.desk import code_of
from tests.integration.reservation.ripples import Ripples
from tests.integration.reservation.salon import Salon, morning
from tests.integration.reservation.waiting import cancel, entry, full_morning, join


async def test_the_first_in_line_is_offered_what_is_given_back(
    salon: Salon, ripples: Ripples
) -> None:
    """A hold of theirs, with its event and the entry's; the next one goes on waiting."""
    booked = await full_morning(salon)
    first, second = await salon.customer(), await salon.customer()
    one, two = await join(salon, first), await join(salon, second)
    assert (one.status, one.body["status"], one.body["version"]) == (201, "waiting", 1)
    await cancel(salon, booked[1])
    await ripples.run()

    offered = await entry(salon, one, first)
    WaitlistView.model_validate_json(orjson.dumps(offered))
    assert offered["status"] == "offered"
    hold = await salon.read(offered["offered_booking_id"], first)
    assert (hold["status"], hold["user_id"], hold["starts_at"]) == (
        "held",
        first.id,
        booked[1].body["starts_at"],
    )
    assert hold["hold_expires_at"] == offered["offer_expires_at"]
    assert await salon.events(hold["id"]) == [("booking.created", 1)]
    assert await salon.events(offered["id"]) == [("waitlist.joined", 1), ("waitlist.offered", 2)]
    assert (await entry(salon, two))["status"] == "waiting"


async def test_only_who_fits_is_offered_it(salon: Salon, ripples: Ripples) -> None:
    """Too long, too late, of another resource, too many: they are passed over, in their place."""
    booked = await full_morning(salon)
    other = await salon.resource(new_id())
    waiting = [
        await join(salon, duration_minutes=120, user_id=salon.staff.id),
        await join(salon, since=morning(hour=11), user_id=salon.staff.id),
        await join(salon, since=morning(8), user_id=salon.staff.id),
        await join(salon, resource_id=other, user_id=salon.staff.id),
    ]
    fits = await join(salon, user_id=salon.staff.id)
    await cancel(salon, booked[1])
    await ripples.run()
    assert [(await entry(salon, one))["status"] for one in waiting] == ["waiting"] * 4
    assert (await entry(salon, fits))["status"] == "offered"


async def test_what_was_free_all_along_is_not_offered(salon: Salon, ripples: Ripples) -> None:
    """The offer is of what was given back, not of another slot that they could have booked."""
    late = await salon.book(morning(hour=15))
    waits = await join(salon, since=morning(hour=0), hours=24)
    await ripples.run()
    assert (await entry(salon, waits))["status"] == "waiting"
    await cancel(salon, late)
    await ripples.run()
    hold = await salon.read((await entry(salon, waits))["offered_booking_id"])
    assert hold["starts_at"] == late.body["starts_at"]


async def test_a_move_and_a_smaller_quantity_give_back_too(salon: Salon, ripples: Ripples) -> None:
    """Whatever frees capacity is heard of."""
    room = await salon.resource(new_id(), capacity=2, kind="space")
    booked = await salon.book(morning(), resource_id=room, quantity=2)
    one = await join(salon, resource_id=room)
    smaller = await salon.ask(commands.BookingUpdate, booking_id=booked.body["id"], quantity=1)
    assert smaller.status == 200
    await ripples.run()
    assert (await entry(salon, one))["status"] == "offered"

    moved = await salon.book(morning(9))
    two = await join(salon, since=morning(9))
    await salon.ask(
        commands.BookingUpdate,
        booking_id=moved.body["id"],
        starts_at=morning(12),
        ends_at=morning(12) + timedelta(hours=1),
    )
    await ripples.run()
    assert (await entry(salon, two))["status"] == "offered"


async def test_a_capacity_is_offered_to_as_many_as_it_holds(
    salon: Salon, ripples: Ripples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of a booking of three are given back: the first three in line get one each, also where
    the line is gone through in parts."""
    monkeypatch.setattr(waitlist_offering, "AT_ONCE", 2)
    room = await salon.resource(new_id(), capacity=3, kind="space")
    booked = await salon.book(morning(), resource_id=room, quantity=3)
    waiting = [
        await join(salon, await salon.customer(), resource_id=room, hours=1) for _ in range(5)
    ]
    await cancel(salon, booked)
    await ripples.run()
    statuses = [(await entry(salon, one))["status"] for one in waiting]
    assert statuses == ["offered"] * 3 + ["waiting"] * 2
    assert ripples.commands.count("waitlist.offer") > 1


async def test_any_of_a_category_will_do(salon: Salon, ripples: Ripples) -> None:
    """Whoever waits for a category is offered whichever of its resources becomes free."""
    category = new_id()
    await salon._remember("category", category, {"id": str(category)})
    room = await salon.resource(new_id(), category_id=str(category))
    booked = await salon.book(morning(), resource_id=room)
    # Joined by hand: who owns resources is asked for the members of a category.
    (row,) = [await join(salon, resource_id=room)]
    async with salon.desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE waitlist_entry SET resource_id = NULL, category_id = '{category}'"
            f" WHERE entry_id = '{row.body['id']}'"
        )
    await cancel(salon, booked)
    await ripples.run()
    found = await entry(salon, row)
    assert found["status"] == "offered"
    assert (await salon.read(found["offered_booking_id"]))["resource_id"] == str(room)


async def test_who_is_gone_or_has_used_up_their_quota_is_passed_over(
    salon: Salon, ripples: Ripples
) -> None:
    """The next one is offered it; they keep their place in the line."""
    await salon.settings(max_active_bookings_per_user=1)
    booked = await salon.book(morning(), actor=salon.manager)
    gone, busy, next_one = [await salon.customer() for _ in range(3)]
    entries = [await join(salon, person) for person in (gone, busy, next_one)]
    assert (await salon.book(morning(20), actor=busy)).status == 201
    await salon._remember("user", UUID(str(gone.id)), {"id": gone.id, "active": False})
    await cancel(salon, booked)
    await ripples.run()
    assert [(await entry(salon, one))["status"] for one in entries] == [
        "waiting",
        "waiting",
        "offered",
    ]


async def test_events_that_come_twice_offer_once(salon: Salon, ripples: Ripples) -> None:
    """Every event is delivered three times: one hold, one offer."""
    booked = await full_morning(salon)
    entries = [await join(salon, await salon.customer()) for _ in range(2)]
    await cancel(salon, booked[0])
    await ripples.run(times=3)
    assert [(await entry(salon, one))["status"] for one in entries] == ["offered", "waiting"]
    assert await salon.taken() == 3


async def test_a_walk_in_and_an_offer_never_both_get_it(salon: Salon, ripples: Ripples) -> None:
    """A place is given back and wanted by somebody who does not wait, 10 times: one has it."""
    for day in range(7, 17):
        booked = await salon.book(morning(day))
        waits = await join(salon, await salon.customer(), since=morning(day), hours=1)
        await cancel(salon, booked)
        _, walk_in = await asyncio.gather(ripples.run(), salon.book(morning(day)))
        offered = (await entry(salon, waits))["status"] == "offered"
        assert offered is (walk_in.status == 409)
        await cancel_all(salon)
        await ripples.run()


async def cancel_all(salon: Salon) -> None:
    rows = await salon.desk.rows(
        "SELECT booking_id FROM booking WHERE tenant_id = :it AND status IN ('held','confirmed')",
        it=salon.tenant_id,
    )
    for row in rows:
        await salon.ask(commands.BookingCancel, salon.manager, booking_id=str(row[0]))


async def test_two_places_given_back_at_once_go_to_two(salon: Salon, ripples: Ripples) -> None:
    """Two cancellations at once offer two different entries, one place each."""
    booked = await full_morning(salon)
    entries = [await join(salon, await salon.customer()) for _ in range(3)]
    await asyncio.gather(cancel(salon, booked[0]), cancel(salon, booked[2]))
    await ripples.run()
    found = [await entry(salon, one) for one in entries]
    assert [one["status"] for one in found] == ["offered", "offered", "waiting"]
    assert await salon.taken() == 3


async def test_a_slot_that_a_buffer_kept_is_offered(salon: Salon, ripples: Ripples) -> None:
    """An hour after each booking is kept free: whoever waits for that hour is offered it."""
    await salon.settings(buffer_after_minutes=60)
    booked = await salon.book(morning(hour=10))
    waits = await join(salon, since=morning(hour=11), hours=1)
    assert code_of(await salon.book(morning(hour=11))) == (409, "booking_conflict")
    await cancel(salon, booked)
    await ripples.run()
    assert (await entry(salon, waits))["status"] == "offered"


async def test_who_missed_a_certain_place_by_a_moment_is_offered_it(
    salon: Salon, ripples: Ripples
) -> None:
    """Given back between the 409 and the joining: whoever waits for just that hour gets it, behind
    those who came before."""
    booked = await salon.book(morning())
    assert code_of(await salon.book(morning())) == (409, "booking_conflict")
    await cancel(salon, booked)
    await ripples.run()
    waits = await join(salon, await salon.customer(), hours=1)
    await ripples.run()
    assert (await entry(salon, waits))["status"] == "offered"
