"""The algebra of half-open intervals, against a model that is a set of whole seconds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time.interval import Interval, contains, intersect, merge, subtract, union

Seconds = frozenset[int]


def interval(bounds: tuple[int, int]) -> Interval:
    return Interval(min(bounds), max(bounds))


few = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(interval), max_size=8)


def seconds(intervals: tuple[Interval, ...] | list[Interval]) -> Seconds:
    return frozenset(second for one in intervals for second in range(one.start, one.end))


def test_an_interval_is_half_open() -> None:
    """The start belongs to an interval and the end does not."""
    assert Interval(10, 20).holds(10)
    assert Interval(10, 20).holds(19.999)
    assert not Interval(10, 20).holds(20)


def test_touching_intervals_do_not_overlap_and_count_as_one() -> None:
    """Nine to ten and ten to eleven share no instant, and merge into one."""
    nine, ten = Interval(9, 10), Interval(10, 11)
    assert not nine.overlaps(ten)
    assert merge([ten, nine]) == (Interval(9, 11),)


def test_an_interval_that_ends_before_it_starts_cannot_be_made() -> None:
    """A negative interval is a programming error."""
    with pytest.raises(ValueError, match="cannot end"):
        Interval(2, 1)


def test_the_empty_interval_holds_nothing_and_lies_in_everything() -> None:
    """An empty interval overlaps nothing, has no length and is dropped by merge."""
    empty = Interval(5, 5)
    assert empty.is_empty
    assert empty.length == 0
    assert not empty.holds(5)
    assert not empty.overlaps(Interval(0, 10))
    assert Interval(0, 1).contains(empty)
    assert merge([empty]) == ()


@given(few)
def test_merge_keeps_the_instants_and_leaves_gaps_between(drawn: list[Interval]) -> None:
    """A merged set has the same instants, sorted, without empty or touching members."""
    merged = merge(drawn)
    assert seconds(merged) == seconds(drawn)
    assert all(not one.is_empty for one in merged)
    assert all(left.end < right.start for left, right in pairwise(merged))
    assert merge(merged) == merged


@given(few, few)
def test_the_algebra_is_that_of_sets(left: list[Interval], right: list[Interval]) -> None:
    """Union, intersection and difference are those of the sets of instants, in merged form."""
    a, b = merge(left), merge(right)
    assert seconds(union(a, b)) == seconds(a) | seconds(b)
    assert seconds(intersect(a, b)) == seconds(a) & seconds(b)
    assert seconds(subtract(a, b)) == seconds(a) - seconds(b)
    assert intersect(a, b) == intersect(b, a) == merge(intersect(a, b))
    assert subtract(a, b) == merge(subtract(a, b))
    assert union(intersect(a, b), subtract(a, b)) == a


@given(few, st.integers(0, 60), st.integers(0, 60))
def test_contains_asks_for_one_member_that_holds_it_all(
    drawn: list[Interval], one: int, other: int
) -> None:
    """A stretch is contained when every second of it is, since members never touch."""
    start, end = min(one, other), max(one, other) + 1
    assert contains(merge(drawn), start, end) == (seconds([Interval(start, end)]) <= seconds(drawn))


@given(
    st.tuples(st.integers(0, 9), st.integers(0, 9)), st.tuples(st.integers(0, 9), st.integers(0, 9))
)
def test_an_interval_contains_what_has_no_second_outside_it(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    """As sets of seconds, and they overlap where they share one."""
    outer, inner = interval(one), interval(other)
    assert outer.contains(inner) is (seconds([inner]) <= seconds([outer]))
    assert outer.overlaps(inner) is bool(seconds([inner]) & seconds([outer]))


def test_the_algebra_passes_over_as_many_as_there_are() -> None:
    """Several members of one set before, within and after a member of the other."""
    hours = tuple(Interval(start, start + 5) for start in range(0, 100, 10))
    day = (Interval(22, 71),)
    within = intersect(hours, day)
    assert within == (
        Interval(22, 25),
        Interval(30, 35),
        Interval(40, 45),
        Interval(50, 55),
        Interval(60, 65),
        Interval(70, 71),
    )
    assert intersect(day, hours) == within
    assert subtract(day, hours) == (
        Interval(25, 30),
        Interval(35, 40),
        Interval(45, 50),
        Interval(55, 60),
        Interval(65, 70),
    )
    # One member lies before the window, and the next one reaches into it.
    assert subtract((Interval(12, 33),), hours) == (
        Interval(15, 20),
        Interval(25, 30),
    )
    assert subtract(hours, day) == (
        Interval(0, 5),
        Interval(10, 15),
        Interval(20, 22),
        Interval(71, 75),
        Interval(80, 85),
        Interval(90, 95),
    )


def test_what_only_touches_is_neither_shared_nor_taken() -> None:
    """No empty interval comes out, and nothing is cut, where one ends as another begins."""
    early, late = (Interval(0, 5),), (Interval(5, 9),)
    assert intersect(early, late) == intersect(late, early) == ()
    assert subtract(early, late) == early
    assert subtract(late, early) == late
    assert subtract(early, (Interval(0, 3),)) == (Interval(3, 5),)
    assert subtract(early, (Interval(3, 5),)) == (Interval(0, 3),)
    assert subtract(early, early) == ()
