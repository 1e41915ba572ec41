"""How much of a resource is taken: the true peak."""

from hypothesis import given
from hypothesis import strategies as st

from domain.reservation.acceptance import Refused
from domain.reservation.capacity import Busy, Load, peak
from domain.time.interval import Interval
from tests.unit.domain.reservation.scene import ask, codes, every_day, room, taken, tenant

bookings = st.lists(
    st.builds(
        Busy,
        st.sampled_from("abc"),
        st.integers(0, 40),
        st.integers(0, 40),
        st.integers(1, 3),
    ).filter(lambda one: one.start <= one.end),
    max_size=12,
)


def at(hour: int, minute: int = 0) -> str:
    return f"2026-06-05 {hour:02d}:{minute:02d}"


def test_the_peak_is_counted_and_not_the_overlapping_bookings() -> None:
    """Capacity 4, [6,7) [7,8) [6,8) [6,8) taken: one more [6,8) fits, two do not."""
    settings = tenant(every_day(("06:00", "08:00")))
    resource = room(capacity=4)
    busy = [taken(at(6), at(7)), taken(at(7), at(8)), taken(at(6), at(8)), taken(at(6), at(8))]
    assert codes(ask(settings, resource, at(6), at(8), busy=busy)) == []
    assert codes(ask(settings, resource, at(6), at(8), busy=busy, quantity=2)) == [
        "booking_conflict"
    ]


def test_a_conflict_names_only_the_stretch_that_is_full() -> None:
    """Capacity 3 with one and two taken: it is full where they overlap."""
    settings = tenant(every_day(("06:00", "12:00")))
    busy = [taken(at(6), at(9), 1), taken(at(8), at(11), 2)]
    answer = ask(settings, room(capacity=3), at(6), at(12), busy=busy)
    assert isinstance(answer, Refused)
    assert answer.conflicts == (Interval(taken(at(8), at(9)).start, taken(at(8), at(9)).end),)


def test_nothing_taken_is_no_load() -> None:
    """No bookings, empty bookings and an empty question all have the peak 0."""
    assert peak([], Interval(0, 10)) == 0
    assert peak([Busy("a", 5, 5)], Interval(0, 10)) == 0
    assert peak([Busy("a", 0, 10)], Interval(5, 5)) == 0
    assert Load([]).over(0, 0, 10) == ()


def test_where_one_ends_as_others_begin_and_end_each_counts() -> None:
    """Three that end together and two that begin then: the load falls from three to two."""
    ending = [Busy(name, 0, 10) for name in "abc"]
    load = Load([*ending, Busy("d", 10, 20), Busy("e", 10, 30)])
    assert [load.peak(at, at + 1) for at in (0, 9, 10, 19, 20, 29, 30)] == [3, 3, 2, 2, 1, 1, 0]


def test_a_long_row_of_bookings_is_swept_whole() -> None:
    """A hundred, each a seat higher than the last: the peak of any stretch is its last."""
    load = Load([Busy(str(at), at, 100) for at in range(100)])
    for start in (0, 1, 7, 50, 99):
        for end in (100, 99, 64, 51):
            if start < end:
                assert load.peak(start, end) == end


@given(bookings, st.integers(-5, 45), st.integers(-5, 45), st.sampled_from([None, "a", "z"]))
def test_the_peak_is_the_greatest_sum_of_any_second(
    busy: list[Busy], one: int, other: int, excluded: str | None
) -> None:
    """Against a count of every second; the excluded booking counts nowhere."""
    start, end = min(one, other), max(one, other)
    counted = [booking for booking in busy if booking.booking_id != excluded]

    def load(second: int) -> int:
        return sum(each.quantity for each in counted if each.start <= second < each.end)

    swept = Load(busy, excluded)
    assert swept.peak(start, end) == max(map(load, range(start, end)), default=0)
    full = {second for stretch in swept.over(1, -9, 99) for second in range(*_bounds(stretch))}
    assert full == {second for second in range(-9, 99) if load(second) > 1}


def _bounds(stretch: Interval) -> tuple[int, int]:
    return stretch.start, stretch.end
