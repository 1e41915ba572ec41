"""Many writers at the same instant: each race has the outcomes that the rules allow, and no other.

Who wins is left to the database; each test says what must hold whoever it was.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.reservation import commands
from contracts.wire.envelope import SYSTEM
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Message
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.routes import reservation_routes
from storage.delivery.known import KnownObjects
from tests.integration.desk import Desk, code_of
from tests.integration.postgres import SECRET, Databases
from tests.integration.reservation.salon import NoOwner, Salon, morning

CATEGORY = new_id()


def counted(replies: list[Reply]) -> dict[int, int]:
    return dict(Counter(reply.status for reply in replies))


async def moved(salon: Salon, booking_id: str, starts_at: datetime, **more: Any) -> Reply:
    fields = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), **more}
    return await salon.ask(commands.BookingUpdate, booking_id=booking_id, **fields)


async def confirmed(salon: Salon, booking_id: str) -> Reply:
    return await salon.ask(commands.BookingChangeStatus, booking_id=booking_id, status="confirmed")


async def swept(salon: Salon, booking_id: str) -> Reply:
    return await salon.ask(commands.BookingExpire, SYSTEM, booking_id=booking_id)


async def test_of_two_hundred_for_the_last_of_three_one_gets_it(salon: Salon) -> None:
    """Capacity 3 with two taken: one 201, 199 clean 409, and no deadlock in the server's count."""
    room = await salon.resource(new_id(), capacity=3, kind="space")
    for _ in range(2):
        assert (await salon.book(morning(), resource_id=room)).status == 201
    before = await salon.desk.deadlocks()
    replies = await asyncio.gather(*(salon.book(morning(), resource_id=room) for _ in range(200)))
    assert counted(list(replies)) == {201: 1, 409: 199}
    assert {code_of(one)[1] for one in replies if one.status == 409} == {"booking_conflict"}
    assert await salon.taken(room) == 3
    assert await salon.desk.deadlocks() == before


async def test_quantities_at_once_never_exceed_the_capacity(salon: Salon) -> None:
    """Ones, twos and threes for a capacity of 5; as ones are left to the end, 5 are granted."""
    for day in range(7, 12):
        room = await salon.resource(new_id(), capacity=5, kind="space")
        wanted = [1 + number % 3 for number in range(30)]
        replies = await asyncio.gather(
            *(salon.book(morning(day), resource_id=room, quantity=one) for one in wanted)
        )
        granted = sum(
            one for one, reply in zip(wanted, replies, strict=True) if reply.status == 201
        )
        assert set(counted(list(replies))) == {201, 409}
        assert granted == 5


async def test_a_pair_and_its_reverse_have_one_winner(salon: Salon) -> None:
    """{A,B} against {B,A} and against each alone, 20 times: all or none, and no deadlock."""
    other = await salon.resource(new_id())
    pair, reverse = (salon.resource_id, other), (other, salon.resource_id)
    before = await salon.desk.deadlocks()
    for day in range(7, 27):
        replies = await asyncio.gather(
            *(
                salon.book(morning(day), resource_id=one, additional_resource_ids=[two])
                for one, two in (pair, reverse, pair, reverse)
            )
        )
        assert counted(list(replies)) == {201: 1, 409: 3}
        assert (await salon.taken(), await salon.taken(other)) == (day - 6, day - 6)
    assert await salon.desk.deadlocks() == before


async def test_a_pair_and_one_of_it_exclude_each_other(salon: Salon) -> None:
    """{A,B}, {B,A}, A and B at once, 20 times: one of the pairs, or the single ones."""
    other = await salon.resource(new_id())
    before = await salon.desk.deadlocks()
    for day in range(7, 27):
        pair, reverse, single, another = await asyncio.gather(
            salon.book(morning(day), additional_resource_ids=[other]),
            salon.book(
                morning(day), resource_id=other, additional_resource_ids=[salon.resource_id]
            ),
            salon.book(morning(day)),
            salon.book(morning(day), resource_id=other),
        )
        won = tuple(one.status == 201 for one in (pair, reverse, single, another))
        assert won in {
            (True, False, False, False),
            (False, True, False, False),
            (False, False, True, True),
        }
    assert await salon.desk.deadlocks() == before


@pytest.mark.parametrize("then", ["confirm", "extend"])
async def test_a_hold_is_kept_or_runs_out_and_never_both(salon: Salon, then: str) -> None:
    """Its deadline passes while confirming (or extending) and the sweeper's command race, 40 times
    from far too early to far too late: one outcome, and one event for each version.
    """
    kind = "booking.status_changed" if then == "confirm" else "booking.updated"
    seen = set()
    for number in range(40):
        start = morning(7 + number)
        held = (await salon.book(start, status="held")).body["id"]
        in_seconds = {0: -1.0, 39: 60.0}.get(number, number / 2000)
        await salon.let_hold_run_out(held, in_seconds)
        keep = confirmed(salon, held) if then == "confirm" else extended(salon, held)
        first, kept, second = await asyncio.gather(swept(salon, held), keep, swept(salon, held))
        assert (first.status, second.status) == (200, 200)
        # What an extension leaves standing could run out later; this one lasts minutes.
        expected = kind if kept.status == 200 else "booking.hold_expired"
        assert code_of(kept) in ((200, None), (409, "hold_expired"))
        assert await salon.events(held) == [("booking.created", 1), (expected, 2)]
        assert (await salon.read(held))["version"] == 2
        free = await salon.book(start)
        assert (free.status == 201) is (kept.status == 409)
        seen.add(kept.status)
    assert seen == {200, 409}


async def extended(salon: Salon, booking_id: str) -> Reply:
    return await salon.ask(commands.BookingExtendHold, booking_id=booking_id)


async def test_a_lapsing_place_goes_to_one(salon: Salon) -> None:
    """The hold's confirmation and two creations for its place, as it runs out, 30 times: one of
    them has the place, and the hold has one event more.
    """
    for number in range(30):
        start = morning(7 + number)
        held = (await salon.book(start, status="held")).body["id"]
        await salon.let_hold_run_out(held, number / 1500)
        replies = await asyncio.gather(salon.book(start), confirmed(salon, held), salon.book(start))
        won = [one for one in replies if one.status in (200, 201)]
        assert len(won) <= 1
        # Whoever was refused while the hold still stood may come again.
        again = await salon.book(start)
        assert len(won) + (again.status == 201) == 1
        kept = replies[1].status == 200
        expected = "booking.status_changed" if kept else "booking.hold_expired"
        assert await salon.events(held) == [("booking.created", 1), (expected, 2)]


async def test_many_moves_to_one_place_fill_it(salon: Salon) -> None:
    """Twelve bookings that move to the same hour of a capacity of 3, and twelve new ones for it."""
    room = await salon.resource(new_id(), capacity=3, kind="space")
    target = morning(60)
    mine = [
        (await salon.book(morning(7 + number), resource_id=room)).body["id"] for number in range(12)
    ]
    before = await salon.desk.deadlocks()
    replies = await asyncio.gather(
        *(moved(salon, one, target) for one in mine),
        *(salon.book(target, resource_id=room) for _ in range(12)),
    )
    assert sum(one.status < 300 for one in replies) == 3
    assert {code_of(one) for one in replies if one.status >= 300} == {(409, "booking_conflict")}
    assert await salon.desk.deadlocks() == before
    created = sum(one.status == 201 for one in replies)
    assert await salon.taken(room) == 12 + created


async def test_a_cancellation_and_a_move_leave_one_event_for_each_version(salon: Salon) -> None:
    """At once, 20 times: whichever comes first, versions and events have no gap and no double."""
    for day in range(7, 27):
        booking = (await salon.book(morning(day))).body["id"]
        gone, away = await asyncio.gather(
            salon.ask(commands.BookingCancel, booking_id=booking),
            moved(salon, booking, morning(day, hour=15)),
        )
        assert gone.status == 200
        expected = ["booking.created", "booking.cancelled"]
        if away.status == 200:
            expected.insert(1, "booking.updated")
        else:
            assert code_of(away) == (409, "invalid_transition")
        assert await salon.events(booking) == [
            (kind, number) for number, kind in enumerate(expected, 1)
        ]
    assert await salon.taken() == 0


class OwnerOfDesks(NoOwner):
    """The resource context, as far as its list of a category goes."""

    def __init__(self) -> None:
        self.desks: list[dict[str, Any]] = []

    async def ask(
        self,
        message: Message,
        tenant_id: UUID | None,
        traceparent: str = "",
        message_id: UUID | None = None,
    ) -> Reply:
        if message.type == "resource.list":
            return Reply(200, {"items": self.desks, "next_cursor": None})
        return await super().ask(message, tenant_id, traceparent, message_id)


@pytest_asyncio.fixture
async def office(databases: Databases, known: KnownObjects) -> AsyncIterator[Salon]:
    """A tenant with twelve desks in one category."""
    owner = OwnerOfDesks()
    desk = Desk.at("reservation", databases.of("reservation"))
    desk.serve(reservation_routes(Knowledge(known, owner), desk.engine, SECRET))
    found = Salon(desk, known)
    await found.open()
    await found.category(CATEGORY)
    for number in range(12):
        made = await found.resource(new_id(), category_id=str(CATEGORY))
        owner.desks.append(
            {"id": str(made), "category_id": str(CATEGORY), "capacity": 1, "kind": "space",
             "name": f"Desk {number}", "timezone": None, "price": None, "version": 1}
        )  # fmt: skip
    yield found
    await desk.close()


@pytest.mark.parametrize("assignment", ["least_booked", "first"])
async def test_a_hundred_for_any_of_a_category_fill_it_and_only_then_fail(
    office: Salon, assignment: str
) -> None:
    """Twelve desks, a hundred at once: twelve 201 on twelve desks, 88 clean 409, no deadlock."""
    before = await office.desk.deadlocks()
    replies = await asyncio.gather(
        *(
            office.book(morning(), resource_id=None, category_id=CATEGORY, assignment=assignment)
            for _ in range(100)
        )
    )
    assert counted(list(replies)) == {201: 12, 409: 88}
    assert len({one.body["resource_id"] for one in replies if one.status == 201}) == 12
    assert await office.desk.deadlocks() == before
