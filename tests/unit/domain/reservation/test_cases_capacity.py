"""Seats and parallel bookings as the suites of other engines count them."""

import pytest

from domain.reservation.acceptance import Accepted
from domain.reservation.capacity import Busy, peak
from domain.time.interval import Interval
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    reasons,
    room,
    slots,
    taken,
    tenant,
)

DAY = "2024-05-10"
CONFLICT = ["booking_conflict"]
OPEN = tenant(every_day(("00:00", "24:00")), slot_interval_minutes=5)


def at(minutes: int) -> str:
    return f"{DAY} {minutes // 60:02d}:{minutes % 60:02d}"


def one_by_one(capacity: int, asked: list[tuple[int, int, int]]) -> list[bool]:
    """Whether each of the bookings (start, end, quantity) fits with those that fitted before."""
    busy: list[Busy] = []
    found = []
    for start, end, quantity in asked:
        answer = ask(
            OPEN, room(capacity=capacity), at(start), at(end), quantity=quantity, busy=busy
        )
        found.append(isinstance(answer, Accepted))
        if found[-1]:
            busy.append(taken(at(start), at(end), quantity, name=f"{len(busy)}"))
        else:
            assert codes(answer) in (CONFLICT, ["capacity_exceeded"])
    return found


@pytest.mark.parametrize(
    ("capacity", "asked", "fits"),
    [
        # Easy!Appointments' attendants number: three at the same time, and no fourth.
        (3, [(600, 660, 1)] * 4, [True, True, True, False]),
        # … where those that only overlap the slot count, though they do not overlap each other.
        (2, [(600, 615, 1), (615, 630, 1), (600, 630, 1), (600, 630, 1)], [True] * 3 + [False]),
        # LibreBooking's concurrent reservations: staggered by an hour, two hours each.
        (
            2,
            [(480, 600, 1), (540, 660, 1), (600, 720, 1), (570, 630, 1), (660, 720, 1)],
            [True, True, True, False, True],
        ),
        # The calendar that admits no triple booking, in fives of minutes.
        (
            2,
            [(50, 100, 1), (250, 300, 1), (50, 200, 1), (25, 75, 1), (25, 50, 1), (125, 275, 1)],
            [True, True, True, False, True, True],
        ),
        # The calendar that admits no double booking.
        (1, [(50, 100, 1), (75, 125, 1), (100, 150, 1)], [True, False, True]),
        # Parties instead of single seats: six at tables of four seats, and what is left beside.
        (
            4,
            [(600, 660, 3), (600, 660, 2), (600, 660, 1), (600, 660, 1)],
            [True, False, True, False],
        ),
        (4, [(600, 660, 4), (600, 660, 1), (660, 720, 5)], [True, False, False]),
        # A long one over many short ones: the peak is where most of them meet it.
        (
            3,
            [
                (0, 60, 1),
                (60, 120, 1),
                (30, 90, 1),
                (0, 120, 1),
                (0, 30, 1),
                (90, 120, 1),
                (45, 50, 1),
            ],
            [True, True, True, True, True, True, False],
        ),
        # Touching ends are no meeting, at a full place as well.
        (
            1,
            [(600, 660, 1), (540, 600, 1), (660, 720, 1), (540, 545, 1)],
            [True, True, True, False],
        ),
        # One minute of a meeting is one; what holds the other is held.
        (
            1,
            [(600, 660, 1), (655, 700, 1), (595, 605, 1), (610, 650, 1), (590, 670, 1)],
            [True] + [False] * 4,
        ),
    ],
)
def test_one_after_the_other_while_it_fits(
    capacity: int, asked: list[tuple[int, int, int]], fits: list[bool]
) -> None:
    """Each is judged by the peak over its own time, and a refusal takes nothing."""
    assert one_by_one(capacity, asked) == fits


@pytest.mark.parametrize(
    ("meetings", "rooms"),
    [
        # The interview question of how many rooms meetings need.
        ([(0, 30), (5, 10), (15, 20)], 2),
        ([(7, 10), (2, 4)], 1),
        ([(1, 5), (5, 9), (9, 13)], 1),
        ([(1, 10), (2, 7), (3, 19), (8, 12), (10, 20), (11, 30)], 4),
        ([(4, 5)] * 7, 7),
        # Many that overlap the whole, and never more than two of them at once.
        ([(0, 4), (2, 6), (4, 8), (6, 10), (8, 12)], 2),
        ([], 0),
    ],
)
def test_the_peak_is_the_rooms_that_are_needed(meetings: list[tuple[int, int]], rooms: int) -> None:
    """Ends before starts at the same instant: what touches shares a room."""
    busy = [Busy(f"{n}", start, end) for n, (start, end) in enumerate(meetings)]
    assert peak(busy, Interval(0, 40)) == rooms
    assert peak(list(reversed(busy)), Interval(0, 40)) == rooms


def test_seats_that_are_left_are_those_of_the_fullest_instant() -> None:
    """Two sessions of the NHS by capacity: what remains of each ten minutes, and of all thirty."""
    # The appointment service of the NHS counts what is left of each slot.
    settings = tenant(every_day(("09:00", "09:30")), slot_interval_minutes=10)
    place = room(capacity=3)
    busy = [taken(f"{DAY} 09:00", f"{DAY} 09:10"), taken(f"{DAY} 09:10", f"{DAY} 09:20", 2)]
    found = slots(settings, place, DAY, busy=busy)
    assert [slot.remaining for slot in found] == [2, 1, 3]
    (whole,) = slots(settings, place, DAY, minutes=30, busy=busy)
    assert whole.remaining == 1
    assert reasons(settings, place, DAY, busy=busy, quantity=2) == [None, "booked", None]


def test_more_than_there_is_is_refused_before_it_conflicts() -> None:
    """Five of four: `capacity_exceeded`, on an empty day and on a full one."""
    # LibreBooking refuses more participants than a resource holds, whoever else is there.
    place = room(capacity=4)
    full = [taken(at(600), at(660), 4)]
    for busy in ([], full):
        answer = ask(OPEN, place, at(600), at(660), quantity=5, busy=busy)
        assert codes(answer) == ["capacity_exceeded"]
    assert codes(ask(OPEN, place, at(600), at(660), quantity=4, busy=full)) == CONFLICT


def test_more_taken_than_there_is_leaves_nothing_and_no_less() -> None:
    """A capacity that was lowered under its bookings: nought remains, and elsewhere all."""
    # A plain difference would come out with fewer seats than none.
    settings = tenant(every_day(("09:00", "11:00")))
    found = slots(settings, room(capacity=2), DAY, busy=[taken(at(540), at(600), 5)])
    assert [(slot.remaining, slot.reason) for slot in found] == [(0, "booked"), (2, None)]


def test_moving_to_more_seats_counts_the_others_alone() -> None:
    """Two of four and a neighbour's two: three do not fit, two do, wherever it was."""
    # A seat that is being moved must not be counted twice.
    place = room(capacity=4)
    busy = [taken(at(600), at(660), 2, name="mine"), taken(at(600), at(660), 2)]
    for quantity, refusal in ((2, []), (3, CONFLICT)):
        answer = ask(
            OPEN,
            place,
            at(600),
            at(660),
            quantity=quantity,
            busy=busy,
            exclude_booking_id="mine",
        )
        assert codes(answer) == refusal
