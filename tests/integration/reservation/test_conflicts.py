"""One place, many who want it: nobody has it twice, and who loses hears so cleanly."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

from contracts.reservation import commands
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from tests.integration.desk import code_of
from tests.integration.reservation.salon import Salon, morning


def counted(replies: list[Reply]) -> dict[int, int]:
    return dict(Counter(reply.status for reply in replies))


async def test_of_two_hundred_for_one_slot_one_gets_it(salon: Salon) -> None:
    """200 at once on one slot: one 201, 199 clean 409, and no deadlock in the server's count."""
    before = await salon.desk.deadlocks()
    replies = await asyncio.gather(*(salon.book(morning()) for _ in range(200)))

    assert counted(replies) == {201: 1, 409: 199}
    lost = next(one.problem for one in replies if one.problem)
    assert lost["code"] == "booking_conflict"
    wanted = {"starts_at": morning(), "ends_at": morning() + timedelta(hours=1)}
    shown = {name: at.isoformat().replace("+00:00", "Z") for name, at in wanted.items()}
    assert lost["conflicts"] == [shown]
    assert lost["next_available"]["starts_at"] > shown["starts_at"]
    assert "user" not in str(lost)
    assert await salon.taken() == 1
    assert await salon.desk.deadlocks() == before


async def test_half_overlapping_wishes_never_overlap_when_granted(salon: Salon) -> None:
    """200 wishes, each half over the next: what is granted is disjoint, the rest are 409."""
    starts = [morning() + timedelta(minutes=30 * (number % 20)) for number in range(200)]
    replies = await asyncio.gather(*(salon.book(start) for start in starts))

    granted = sorted(one.body["starts_at"] for one in replies if one.status == 201)
    ends = sorted(one.body["ends_at"] for one in replies if one.status == 201)
    assert set(counted(replies)) == {201, 409}
    assert all(end <= start for end, start in zip(ends, granted[1:], strict=False))
    assert len(granted) >= 7


async def test_a_capacity_of_three_is_three(salon: Salon) -> None:
    """60 at once on a resource of capacity 3: three get it."""
    room = await salon.resource(new_id(), capacity=3, kind="space")
    replies = await asyncio.gather(*(salon.book(morning(), resource_id=room) for _ in range(60)))
    assert counted(replies) == {201: 3, 409: 57}


async def test_the_true_peak_counts(salon: Salon) -> None:
    """Capacity 4 with [6,7) [7,8) [6,8) [6,8) taken: a fifth [6,8) fits, a sixth does not."""
    room = await salon.resource(new_id(), capacity=4, kind="space")
    six = morning(hour=6)
    for start, minutes in ((0, 60), (60, 60), (0, 120), (0, 120)):
        reply = await salon.book(six + timedelta(minutes=start), minutes, resource_id=room)
        assert reply.status == 201
    assert (await salon.book(six, 120, resource_id=room)).status == 201
    assert code_of(await salon.book(six, 120, resource_id=room)) == (409, "booking_conflict")


async def test_a_changed_capacity_is_one_place_all_the_same(salon: Salon) -> None:
    """Writers that know capacity 1 and writers that know capacity 2 exclude each other."""
    room = await salon.resource(new_id(), capacity=2, kind="space")
    assert (await salon.book(morning(), resource_id=room)).status == 201
    await salon.resource(room, capacity=1)
    assert code_of(await salon.book(morning(), resource_id=room)) == (409, "booking_conflict")


async def test_neighbours_buffers_add_up(salon: Salon) -> None:
    """After one booking its buffer and the next one's stay free, and no minute more."""
    await salon.settings(buffer_before_minutes=30, buffer_after_minutes=30)
    await salon.book(morning(hour=9))
    too_near = await salon.book(morning(hour=10, minute=30))
    just_right = await salon.book(morning(hour=11))
    assert code_of(too_near) == (409, "booking_conflict")
    assert just_right.status == 201


async def test_touching_bookings_do_not_conflict(salon: Salon) -> None:
    """Half-open intervals: one ends when the next begins."""
    replies = [await salon.book(morning(hour=hour)) for hour in (9, 10, 8)]
    assert counted(replies) == {201: 3}


async def test_a_move_against_a_creation_has_one_winner(salon: Salon) -> None:
    """A move and a creation for one place at once, 20 times: the place has one holder."""
    for day in range(7, 27):
        moved = (await salon.book(morning(day))).body["id"]
        target = morning(day, hour=15)
        both = await asyncio.gather(
            move(salon, moved, target), salon.book(target), return_exceptions=False
        )
        assert sorted(one.status < 300 for one in both) == [False, True]


async def test_crossing_moves_come_to_an_end(salon: Salon) -> None:
    """Two bookings that want each other's resource at once: no deadlock, both keep a place."""
    other = await salon.resource(new_id())
    one = (await salon.book(morning())).body["id"]
    two = (await salon.book(morning(), resource_id=other)).body["id"]
    replies = await asyncio.gather(
        salon.ask(commands.BookingUpdate, booking_id=one, resource_id=other),
        salon.ask(commands.BookingUpdate, booking_id=two, resource_id=salon.resource_id),
    )
    assert counted(list(replies)) == {409: 2}
    assert (await salon.taken(), await salon.taken(other)) == (1, 1)


async def test_a_refused_move_keeps_the_old_place(salon: Salon) -> None:
    """Where the new place is taken nothing has changed: version, place and events."""
    mine = (await salon.book(morning(hour=9))).body["id"]
    await salon.book(morning(hour=12))
    assert code_of(await move(salon, mine, morning(hour=12))) == (409, "booking_conflict")
    assert (await salon.read(mine))["version"] == 1
    assert code_of(await salon.book(morning(hour=9))) == (409, "booking_conflict")


async def test_a_move_may_overlap_its_own_old_place(salon: Salon) -> None:
    """A booking is not in its own way; the half it left is free."""
    mine = (await salon.book(morning(hour=9))).body["id"]
    assert (await move(salon, mine, morning(hour=9, minute=30))).status == 200
    assert (await salon.book(morning(hour=9), 30)).status == 201


async def test_a_quota_holds_when_all_come_at_once(salon: Salon) -> None:
    """A customer with a quota of 2 books 10 slots at once: two are granted."""
    await salon.settings(max_active_bookings_per_user=2)
    customer = await salon.customer()
    replies = await asyncio.gather(
        *(salon.book(morning(day), actor=customer) for day in range(7, 17))
    )
    assert counted(replies) == {201: 2, 400: 8}
    assert {one.problem["code"] for one in replies if one.problem} == {"quota_exceeded"}


async def move(salon: Salon, booking_id: str, starts_at: datetime) -> Reply:
    """To a place of an hour."""
    return await salon.ask(
        commands.BookingUpdate,
        booking_id=booking_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
    )
