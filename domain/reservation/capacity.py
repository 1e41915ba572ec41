"""How much of a resource is taken: the true peak, by a sweep over the bounds of what is booked."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from domain.time.interval import Interval, Intervals, merge


@dataclass(frozen=True, slots=True)
class Busy:
    """What an active booking takes of a resource over `[start, end)`, its buffers included."""

    booking_id: str
    start: int
    end: int
    quantity: int = 1


class Load:
    """The sum of quantities over time, swept once; asking for a peak is logarithmic.

    `_bounds[i]` begins a stretch of constant load that ends at `_bounds[i + 1]`. `_peaks[k][i]` is
    the greatest load of the 2^k stretches from i on.
    """

    __slots__ = ("_bounds", "_peaks")

    def __init__(self, busy: Iterable[Busy], exclude_booking_id: str | None = None) -> None:
        changes: dict[int, int] = {}
        for one in busy:
            if one.start < one.end and one.booking_id != exclude_booking_id:
                changes[one.start] = changes.get(one.start, 0) + one.quantity
                changes[one.end] = changes.get(one.end, 0) - one.quantity
        self._bounds = sorted(changes)
        loads, load = [], 0
        for bound in self._bounds:
            load += changes[bound]
            loads.append(load)
        self._peaks = [loads]
        width = 1
        while 2 * width <= len(loads):
            below = self._peaks[-1]
            self._peaks.append([max(below[i], below[i + width]) for i in range(len(below) - width)])
            width *= 2

    def peak(self, start: int, end: int) -> int:
        """The greatest sum at any instant of `[start, end)`; 0 where nothing is booked."""
        first = max(0, bisect_right(self._bounds, start) - 1)
        beyond = bisect_left(self._bounds, end)
        if first >= beyond or start >= end:
            return 0
        level = (beyond - first).bit_length() - 1
        peaks = self._peaks[level]
        return max(peaks[first], peaks[beyond - (1 << level)])

    def over(self, limit: int, start: int, end: int) -> Intervals:
        """The stretches with a sum above `limit` that share an instant with `[start, end)`."""
        asked = Interval(start, end)
        stretches = zip(self._bounds, self._bounds[1:], self._peaks[0], strict=False)
        full = merge(Interval(since, until) for since, until, load in stretches if load > limit)
        return tuple(stretch for stretch in full if stretch.overlaps(asked))


def peak(busy: Iterable[Busy], within: Interval) -> int:
    """The greatest sum of quantities at any instant of the interval."""
    return Load(busy).peak(within.start, within.end)
