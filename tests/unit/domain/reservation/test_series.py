"""Occurrences of a series: expanded within limits, decided together, moved on the wall clock."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reservation.acceptance import Accepted, Request, decide
from domain.reservation.booking import terms_for
from domain.reservation.capacity import Busy
from domain.reservation.series import (
    Occurrence,
    decide_all,
    expanded,
    overlap,
    overlap_of_moved,
    shifted,
)
from domain.time.recurrence import Pattern
from domain.time.violation import Violation
from domain.time.zone import load_zone
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import codes, every_day, room, taken, tenant

HOUR = 3600
NEW_YORK = load_zone("America/New_York")
ALWAYS = every_day(("00:00", "24:00"))
FIRST = "2026-06-01 10:00"


def decided(
    starts: list[str],
    busy: list[Busy] | None = None,
    quantity: int = 1,
    used: int | None = None,
    resource: dict[str, Any] | None = None,
    **settings: Any,
) -> list[list[str]]:
    """The codes that speak against each hour that is asked for."""
    known, place = tenant(ALWAYS, **settings), room(**(resource or {}))
    terms = terms_for(known, place)
    wanted = [
        Occurrence(terms, Request(utc(start), utc(start) + HOUR, quantity)) for start in starts
    ]
    answers = decide_all(
        known, place, wanted, utc(FIRST) - 86_400, busy=busy or [], active_bookings_of_user=used
    )
    return [codes(answer) for answer in answers]


def code_of(pattern: Pattern, length: int = HOUR) -> str | int:
    """What is wrong with a series, or how many occurrences it has."""
    found = expanded(pattern, utc(FIRST), length, NEW_YORK)
    return found.code if isinstance(found, Violation) else len(found)


def test_a_series_has_366_occurrences_at_most() -> None:
    """366 by count and by date are a series; one more is none."""
    assert code_of(Pattern(frequency="daily", count=366)) == 366
    assert code_of(Pattern(frequency="daily", count=367)) == "out_of_range"
    last = utc(FIRST) + 365 * 86_400
    assert code_of(Pattern(frequency="daily", until=last)) == 366
    assert code_of(Pattern(frequency="daily", until=last + 86_400)) == "too_many_occurrences"
    assert code_of(Pattern(frequency="daily", until=utc(FIRST) - 1)) == "no_occurrences"


def test_occurrences_touch_and_do_not_overlap() -> None:
    """A day every day is a series; on the day that has 23 hours it overlaps the next."""
    daily = Pattern(frequency="daily", count=10)
    assert code_of(daily, 86_400) == 10
    assert code_of(daily, 86_400 + 1) == "occurrences_overlap"
    across = expanded(daily, utc("2026-03-05 15:00"), 86_400, NEW_YORK)
    assert isinstance(across, Violation)
    assert across.code == "occurrences_overlap"
    assert overlap([]) is None


def test_the_moved_overlap_neither_each_other_nor_what_stays() -> None:
    """Touching is none; those that stay are not judged; a moved one may lie before or after."""
    stays = [Request(0, 10), Request(5, 20), Request(30, 40)]
    assert overlap_of_moved([], stays) is None
    assert overlap_of_moved([Request(20, 30), Request(40, 45)], stays) is None
    for inside in (Request(19, 21), Request(-1, 1), Request(32, 33), Request(25, 50)):
        found = overlap_of_moved([inside], stays)
        assert found is not None
        assert found.code == "occurrences_overlap"
    assert overlap_of_moved([Request(60, 70), Request(50, 61)], stays) is not None


def test_each_is_judged_with_those_before_it_in_place() -> None:
    """Their buffers add up among themselves, and their quantities."""
    starts = ["2026-06-01 10:00", "2026-06-01 11:00", "2026-06-01 12:00"]
    assert decided(starts) == [[], [], []]
    conflict = ["booking_conflict"]
    assert decided(starts, buffer_after_minutes=15) == [[], conflict, []]
    assert decided(starts, resource={"capacity": 2}, buffer_after_minutes=15) == [[], [], []]
    assert decided(starts, [taken("2026-06-01 11:30", "2026-06-01 11:40")]) == [[], conflict, []]


def test_the_quota_is_used_up_by_those_before() -> None:
    """What is refused uses nothing of it."""
    starts = ["2026-06-01 10:00", "2026-06-02 10:00", "2026-06-03 10:00", "2026-06-04 10:00"]
    busy = [taken("2026-06-02 10:00", "2026-06-02 11:00")]
    answers = decided(starts, busy, used=1, max_active_bookings_per_user=3)
    assert answers == [[], ["booking_conflict"], [], ["quota_exceeded"]]
    assert decided(starts, used=None, max_active_bookings_per_user=1) == [[], [], [], []]


@given(
    bookings=st.lists(
        st.tuples(st.integers(-200, 900), st.integers(1, 300), st.integers(1, 2)), max_size=12
    ),
    gaps=st.lists(st.integers(1, 5), min_size=1, max_size=8),
    buffers=st.tuples(st.integers(0, 90), st.integers(0, 90)),
    capacity=st.integers(1, 3),
)
def test_together_is_one_after_the_other(
    bookings: list[tuple[int, int, int]],
    gaps: list[int],
    buffers: tuple[int, int],
    capacity: int,
) -> None:
    """The answers are those of asking for each alone, with all that is taken by then. (What is
    shown as taken may reach less far where it does not concern the occurrence.)"""
    known = tenant(ALWAYS, buffer_before_minutes=buffers[0], buffer_after_minutes=buffers[1])
    place = room(capacity=capacity)
    terms, first, now = terms_for(known, place), utc(FIRST), utc(FIRST) - 86_400
    busy = [
        Busy(f"{n}", first + start * 60, first + (start + length) * 60, quantity)
        for n, (start, length, quantity) in enumerate(bookings)
    ]
    begins = [first + sum(gaps[:n]) * HOUR for n in range(len(gaps))]
    wanted = [Occurrence(terms, Request(begin, begin + HOUR)) for begin in begins]
    expected: list[list[str]] = []
    growing = list(busy)
    for one in wanted:
        answer = decide(known, place, terms, one.request, now, busy=growing)
        expected.append(codes(answer))
        if isinstance(answer, Accepted):
            growing.append(Busy("new", answer.blocked.start, answer.blocked.end))
    answers = decide_all(known, place, wanted, now, busy=busy)
    assert [codes(answer) for answer in answers] == expected


@pytest.mark.parametrize(
    ("start", "moved"),
    [
        ("2026-03-07 15:00", "2026-03-07 16:00"),
        ("2026-03-08 14:00", "2026-03-08 15:00"),
        # 01:30 and an hour is 02:30, which no clock showed that day: 07:30Z, shown as 03:30.
        ("2026-03-08 06:30", "2026-03-08 07:30"),
    ],
)
def test_a_move_is_on_the_wall_clock(start: str, moved: str) -> None:
    """The same hour later on the clock, whatever the clocks did since the first."""
    before, after = utc("2026-01-05 15:00"), utc("2026-01-05 16:00")
    assert shifted(utc(start), before, after, NEW_YORK) == utc(moved)


def test_a_move_across_the_change_keeps_the_time_of_day() -> None:
    """Two days later at ten is ten, though 47 hours have passed."""
    before, after = utc("2026-03-07 15:00"), utc("2026-03-09 14:00")
    assert shifted(before, before, after, NEW_YORK) == after
    assert shifted(before - 7 * 86_400, before, after, NEW_YORK) == utc("2026-03-02 15:00")
