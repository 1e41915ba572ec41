"""Buffers as the suites and the bug reports of other engines have them."""

import pytest

from domain.reservation.acceptance import Accepted
from domain.reservation.capacity import Busy
from tests.unit.domain.civil import shown
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    needed,
    override,
    reasons,
    room,
    slots,
    starts,
    taken,
    tenant,
    windows,
)

DAY = "2024-05-10"


def free(
    hours: tuple[str, str], step: int, minutes: int, busy: list[Busy], before: int, after: int
) -> list[str]:
    """The starts that are free by the clock; each that is not is refused as a conflict."""
    settings = tenant(
        every_day(hours),
        slot_interval_minutes=step,
        buffer_before_minutes=before,
        buffer_after_minutes=after,
    )
    found = []
    for slot in slots(settings, room(), DAY, minutes=minutes, busy=busy):
        begin, end = (f"2024-{text}" for text in shown(slot.start, slot.end))
        refusal = [] if slot.available else ["booking_conflict"]
        assert codes(ask(settings, room(), begin, end, busy=busy)) == refusal
        if slot.available:
            found.append(begin[11:])
    return found


@pytest.mark.parametrize(
    ("hours", "step", "minutes", "buffers", "blocked", "expected"),
    [
        # A report to cal.com: booked 12:50–13:50, fifteen minutes before, open to 16:00. The
        # first start after it is 14:05, the last one 15:00; before it, 11:35 is the last.
        (
            ("11:30", "16:00"),
            5,
            60,
            (15, 0),
            ("12:35", "13:50"),
            ["11:30", "11:35"] + [f"14:{minute:02d}" for minute in range(5, 60, 5)] + ["15:00"],
        ),
        # A report to cal.com: an hour on both sides of 14:00–15:00. Two neighbours' add up, so
        # two hours stay free between them, before it as well as after it.
        (
            ("10:00", "19:00"),
            60,
            60,
            (60, 60),
            ("13:00", "16:00"),
            ["10:00", "11:00", "17:00", "18:00"],
        ),
        # cal.com's busy times: one side only, and none.
        (
            ("09:00", "13:00"),
            30,
            30,
            (0, 30),
            ("10:00", "11:30"),
            ["09:00", "11:30", "12:00", "12:30"],
        ),
        (
            ("09:00", "13:00"),
            30,
            30,
            (30, 0),
            ("09:30", "11:00"),
            ["09:00", "11:30", "12:00", "12:30"],
        ),
        (
            ("09:00", "13:00"),
            30,
            30,
            (0, 0),
            ("10:00", "11:00"),
            ["09:00", "09:30", "11:00", "11:30", "12:00", "12:30"],
        ),
        # The booking was made when buffers were none; the new one's own still count.
        (("09:00", "13:00"), 60, 60, (15, 15), ("10:00", "11:00"), ["12:00"]),
        # A buffer as long as the day: only what lies a day apart.
        (("09:00", "13:00"), 60, 60, (0, 1440), ("12:00", "13:00"), []),
    ],
)
def test_buffers_block_and_add_up(
    hours: tuple[str, str],
    step: int,
    minutes: int,
    buffers: tuple[int, int],
    blocked: tuple[str, str],
    expected: list[str],
) -> None:
    """What is blocked already includes the other's buffers; the new one's come on top."""
    busy = [taken(f"{DAY} {blocked[0]}", f"{DAY} {blocked[1]}")]
    assert free(hours, step, minutes, busy, *buffers) == expected


def test_a_day_fills_up_one_after_the_other() -> None:
    """Twenty minutes and five after, from ten to twelve: every twenty-five minutes, five in all."""
    # A report to cal.com: with a buffer of five, events of twenty minutes were offered at 10:20.
    settings = tenant(
        every_day(("10:00", "12:00")), slot_interval_minutes=5, buffer_after_minutes=5
    )
    busy: list[Busy] = []
    while True:
        found = [
            one for one in slots(settings, room(), DAY, minutes=20, busy=busy) if one.available
        ]
        if not found:
            break
        busy.append(Busy(f"{len(busy)}", found[0].start, found[0].end + 300))
    assert [text[6:] for text in shown(*(one.start for one in busy))] == [
        "10:00",
        "10:25",
        "10:50",
        "11:15",
        "11:40",
    ]


@pytest.mark.parametrize(
    ("start", "end", "refusal"),
    [
        # cal.com: a start that no list showed, asked for by changing the address.
        ("14:30", "14:45", ["booking_conflict"]),
        ("13:45", "14:00", []),
        ("13:46", "14:01", ["booking_conflict"]),
        ("15:15", "15:30", ["booking_conflict"]),
        ("16:15", "16:30", []),
        ("16:14", "16:29", ["booking_conflict"]),
    ],
)
def test_a_buffer_is_kept_whatever_start_is_asked_for(
    start: str, end: str, refusal: list[str]
) -> None:
    """15:00–15:15 with an hour before it: to the minute, on the grid or off it."""
    settings = tenant(
        every_day(("09:00", "18:00")), slot_interval_minutes=15, buffer_before_minutes=60
    )
    busy = [taken(f"{DAY} 14:00", f"{DAY} 15:15")]
    assert codes(ask(settings, room(), f"{DAY} {start}", f"{DAY} {end}", busy=busy)) == refusal


def test_buffers_reach_beyond_the_hours_and_the_day() -> None:
    """The first and the last slot of the day are offered, with half an hour on either side."""
    # Where buffers are cut to the hours, both are lost, or sold less their buffer.
    settings = tenant(
        every_day(("00:00", "24:00")), buffer_before_minutes=30, buffer_after_minutes=30
    )
    alone = tenant(
        {"fri": windows([("09:00", "11:00")])}, buffer_before_minutes=30, buffer_after_minutes=30
    )
    assert reasons(alone, room(), DAY) == [None, None]
    answer = ask(alone, room(), f"{DAY} 09:00", f"{DAY} 11:00")
    assert isinstance(answer, Accepted)
    assert shown(answer.blocked.start, answer.blocked.end) == ["05-10 08:30", "05-10 11:30"]
    assert needed(settings, room(), DAY) == ["05-09 23:30", "05-11 01:30"]


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        # The evening before, the morning after, and both of them just far enough.
        (("2024-05-09 22:00", "2024-05-09 23:45"), ["booked", None, None]),
        (("2024-05-09 22:00", "2024-05-09 23:30"), [None, None, None]),
        (("2024-05-10 03:15", "2024-05-10 05:00"), [None, None, "booked"]),
        (("2024-05-10 03:30", "2024-05-10 05:00"), [None, None, None]),
        # Through the night, and a day that ends within it.
        (("2024-05-08 00:00", "2024-05-10 00:45"), ["booked", "booked", None]),
    ],
)
def test_neighbours_outside_the_day_count_by_their_buffers(
    busy: tuple[str, str], expected: list[str | None]
) -> None:
    """00:00–03:00 by the hour, half an hour on both sides of what is asked for."""
    settings = tenant(
        every_day(("00:00", "03:00")), buffer_before_minutes=30, buffer_after_minutes=30
    )
    assert reasons(settings, room(), DAY, busy=[taken(*busy)]) == expected


@pytest.mark.parametrize(
    ("start", "end", "blocked"),
    [
        # The skipped hour of New York is no time: two hours before 07:00Z are two hours.
        ("2026-03-08 07:00", "2026-03-08 08:00", ["03-08 05:00", "03-08 10:00"]),
        ("2026-11-01 06:00", "2026-11-01 07:00", ["11-01 04:00", "11-01 09:00"]),
    ],
)
def test_a_buffer_is_elapsed_time_on_a_change_over_day(
    start: str, end: str, blocked: list[str]
) -> None:
    """Two hours on both sides, however the clocks show them."""
    settings = tenant(
        every_day(("00:00", "24:00")),
        timezone="America/New_York",
        buffer_before_minutes=120,
        buffer_after_minutes=120,
    )
    answer = ask(settings, room(), start, end)
    assert isinstance(answer, Accepted)
    assert shown(answer.blocked.start, answer.blocked.end) == blocked


def test_a_buffer_is_neither_sold_nor_ahead_of_time() -> None:
    """An hour of fifty and ten is fifty to the bounds; one that begins now reaches into the past;
    and what is closed around it may lie in the buffer."""
    settings = tenant(
        every_day(("09:00", "12:00")),
        slot_interval_minutes=10,
        max_duration_minutes=50,
        buffer_before_minutes=60,
        buffer_after_minutes=10,
        closures=[{"starts_at": "2024-05-10T09:50:00Z", "ends_at": "2024-05-10T10:00:00Z"}],
    )
    start = f"{DAY} 09:00"
    now = taken(start, start).start
    assert codes(ask(settings, room(), start, f"{DAY} 09:50", now=now)) == []
    assert codes(ask(settings, room(), f"{DAY} 10:00", f"{DAY} 10:50")) == []
    assert codes(ask(settings, room(), start, f"{DAY} 10:00")) == [
        "duration_out_of_bounds",
        "outside_business_hours",
    ]


def test_the_resources_own_buffer_counts_even_where_it_is_none() -> None:
    """Nought is a buffer of its own: back to back, though the tenant has a quarter."""
    # An engine that reads nought as not given keeps the tenant's.
    settings = tenant(
        every_day(("09:00", "12:00")), buffer_before_minutes=15, buffer_after_minutes=15
    )
    busy = [taken(f"{DAY} 10:00", f"{DAY} 11:00")]
    bare = room(buffer_before_minutes=0, buffer_after_minutes=0)
    assert reasons(settings, bare, DAY, busy=busy) == [None, "booked", None]
    assert reasons(settings, room(), DAY, busy=busy) == ["booked"] * 3
    half = room(buffer_before_minutes=0)
    assert reasons(settings, half, DAY, busy=busy) == ["booked", "booked", None]


def test_a_buffer_takes_no_more_than_its_booking() -> None:
    """Two seats: within one booking's buffer the other seat is free, within two it is not."""
    # cal.com's busy times of events with seats.
    settings = tenant(every_day(("09:00", "13:00")), buffer_after_minutes=60)
    pair = room(capacity=2)
    one = taken(f"{DAY} 09:00", f"{DAY} 11:00", name="one")
    two = taken(f"{DAY} 08:00", f"{DAY} 10:00", name="two")
    found = slots(settings, pair, DAY, busy=[one, two])
    assert [slot.remaining for slot in found] == [0, 1, 2, 2]
    assert reasons(settings, pair, DAY, busy=[one, two], quantity=2) == [
        "booked",
        "booked",
        None,
        None,
    ]


def test_a_booking_is_moved_within_its_own_buffer() -> None:
    """By half an hour, into what it kept free itself: its own place does not stand in its way."""
    # cal.com leaves the booking that is being moved out of the busy times, buffers and all.
    settings = tenant(
        every_day(("09:00", "12:00")), slot_interval_minutes=30, buffer_after_minutes=60
    )
    busy = [taken(f"{DAY} 09:00", f"{DAY} 11:00", name="mine")]
    start, end = f"{DAY} 09:30", f"{DAY} 10:30"
    assert codes(ask(settings, room(), start, end, busy=busy)) == ["booking_conflict"]
    moved = ask(settings, room(), start, end, busy=busy, exclude_booking_id="mine")
    assert codes(moved) == []


def test_overrides_and_nights_keep_their_buffers() -> None:
    """A night of an override until two, and the morning's first slot at two: ten minutes apart."""
    settings = tenant({"sat": windows([("02:00", "04:00")])}, buffer_after_minutes=10)
    resource = room(overrides=[override(DAY, ("22:00", "02:00"), beyond=True)])
    night = [taken("2024-05-11 01:00", "2024-05-11 02:10")]
    assert reasons(settings, resource, DAY, busy=night) == [None, None, "booked", "booked"]
    assert reasons(settings, resource, "2024-05-11", busy=night) == ["booked", None]
    assert starts(settings, resource, "2024-05-11") == ["05-11 02:00", "05-11 03:00"]
