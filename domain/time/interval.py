"""Half-open intervals `[start, end)` of whole epoch seconds, and the algebra of sets of them.

A *set* here is a tuple of intervals that is sorted, free of empty members, and in which no two
members overlap or touch: what `merge` returns, and what the other functions take and give.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start, end)`; `start == end` is the empty interval, which contains nothing."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"an interval cannot end ({self.end}) before it starts ({self.start})")

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def is_empty(self) -> bool:
        return self.start == self.end

    def holds(self, instant: float) -> bool:
        return self.start <= instant < self.end

    def contains(self, other: "Interval") -> bool:
        return other.is_empty or (self.start <= other.start and other.end <= self.end)

    def overlaps(self, other: "Interval") -> bool:
        """True when they share an instant; intervals that touch do not."""
        return max(self.start, other.start) < min(self.end, other.end)


Intervals = tuple[Interval, ...]


def merge(intervals: Iterable[Interval]) -> Intervals:
    """The set of all instants of these intervals, in whatever order; touching counts as one."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if interval.is_empty:
            continue
        if merged and interval.start <= merged[-1].end:
            last = merged[-1]
            if interval.end > last.end:
                merged[-1] = Interval(last.start, interval.end)
        else:
            merged.append(interval)
    return tuple(merged)


def union(*sets: Iterable[Interval]) -> Intervals:
    """The instants of any of the sets."""
    return merge(interval for intervals in sets for interval in intervals)


def intersect(left: Sequence[Interval], right: Sequence[Interval]) -> Intervals:
    """The instants of both sets; linear in their lengths."""
    shared: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = max(left[i].start, right[j].start)
        end = min(left[i].end, right[j].end)
        if start < end:
            shared.append(Interval(start, end))
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
    return tuple(shared)


def subtract(left: Sequence[Interval], right: Sequence[Interval]) -> Intervals:
    """The instants of the left set that are not in the right one; linear in their lengths."""
    rest: list[Interval] = []
    j = 0
    for interval in left:
        start = interval.start
        while j < len(right) and right[j].end <= start:
            j += 1
        k = j
        while k < len(right) and right[k].start < interval.end:
            if start < right[k].start:
                rest.append(Interval(start, right[k].start))
            start = max(start, right[k].end)
            k += 1
        if start < interval.end:
            rest.append(Interval(start, interval.end))
    return tuple(rest)


def contains(intervals: Sequence[Interval], start: int, end: int) -> bool:
    """Whether one member of the set holds all of `[start, end)`, not empty; logarithmic."""
    at = bisect_right(intervals, start, key=_start) - 1
    return at >= 0 and end <= intervals[at].end


def _start(interval: Interval) -> int:
    return interval.start
