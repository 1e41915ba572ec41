"""What availability calls free a booking gets, and what it calls taken a booking does not get."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import event, given
from hypothesis import strategies as st

from domain.reservation.acceptance import Accepted, Refused, Request, decide, next_available
from domain.reservation.availability import Day, availability, busy_range
from domain.reservation.booking import terms_for
from domain.reservation.capacity import Busy, peak
from domain.reservation.opening import opening_between
from domain.time.interval import Interval
from tests.unit.domain.reservation.drawing import Scene, scenes


def offered(scene: Scene, first: date, last: date, busy: tuple[Busy, ...]) -> tuple[Day, ...]:
    return availability(
        scene.settings,
        scene.resource,
        first,
        last,
        scene.duration,
        scene.now,
        busy,
        scene.quantity,
    )


def booked(scene: Scene, start: int) -> Accepted | Refused:
    """What an ordinary customer without a quota gets."""
    return decide(
        scene.settings,
        scene.resource,
        terms_for(scene.settings, scene.resource),
        Request(start, start + scene.duration, scene.quantity),
        scene.now,
        busy=scene.busy,
    )


def grid(scene: Scene) -> list[int]:
    """Every start on a grid around the day, found without asking availability."""
    step = scene.settings.interval_seconds
    around = opening_between(
        scene.settings,
        scene.resource,
        scene.day - timedelta(days=1),
        scene.day + timedelta(days=1),
    )
    spans = [window.span for day in around for window in day.windows]
    return sorted({start for span in spans for start in range(span.start, span.end, step)})


@given(scenes())
def test_a_booking_succeeds_if_and_only_if_its_slot_is_offered(scene: Scene) -> None:
    """For every start on a grid, whatever the hours, closures, buffers, bookings and zone."""
    first, last = scene.day - timedelta(days=1), scene.day + timedelta(days=1)
    days = offered(scene, first - timedelta(days=2), last, scene.busy)
    free = {slot.start for day in days for slot in day.slots if slot.available}
    starts = grid(scene)
    accepted = {start for start in starts if isinstance(booked(scene, start), Accepted)}
    event("some free" if free else "none free")
    assert free & set(starts) == accepted


@given(scenes(), st.integers(1, 59))
def test_with_alignment_every_other_start_is_refused(scene: Scene, minutes: int) -> None:
    """Between the grid's starts nothing can be booked where alignment is enforced."""
    strict = replace(scene, settings=replace(scene.settings, enforce_slot_alignment=True))
    starts = set(grid(strict))
    for start in sorted(starts)[:12]:
        between = start + minutes * 60
        if between not in starts:
            assert isinstance(booked(strict, between), Refused)


@given(scenes())
def test_a_range_is_its_days_one_after_the_other(scene: Scene) -> None:
    """Availability from a to c is that of each date, and no start stands under two dates. Elapsed
    time counts: also across a change of the clocks every slot lasts as long as it says.
    """
    first, last = scene.day - timedelta(days=2), scene.day + timedelta(days=2)
    together = offered(scene, first, last, scene.busy)
    assert together == tuple(offered(scene, day.on, day.on, scene.busy)[0] for day in together)
    starts = [slot.start for day in together for slot in day.slots]
    assert len(starts) == len(set(starts))
    for day in together:
        assert all(slot.end - slot.start == scene.duration for slot in day.slots)
        assert list(day.slots) == sorted(day.slots, key=lambda slot: slot.start)
        assert all(slot.available is (slot.reason is None) for slot in day.slots)


@given(scenes())
def test_only_what_lies_in_the_range_that_was_named_is_needed(scene: Scene) -> None:
    """Bookings outside `busy_range` change nothing; those inside are all that is read."""
    needed = busy_range(scene.settings, scene.resource, scene.day, scene.day, scene.duration)
    near = tuple(one for one in scene.busy if needed.overlaps(Interval(one.start, one.end)))
    alone = offered(scene, scene.day, scene.day, near)
    assert alone == offered(scene, scene.day, scene.day, scene.busy)


@given(scenes())
def test_taking_every_free_slot_never_overbooks(scene: Scene) -> None:
    """Booked one after the other until nothing is offered, the peak stays within the capacity."""
    terms = terms_for(scene.settings, scene.resource)
    busy: tuple[Busy, ...] = ()
    for start in grid(scene):
        while isinstance(answer := booked(replace(scene, busy=busy), start), Accepted):
            blocked = answer.blocked
            assert blocked == terms.blocked(start, start + scene.duration)
            busy += (Busy(str(start), blocked.start, blocked.end, scene.quantity),)
    for one in busy:
        assert peak(busy, Interval(one.start, one.end)) <= scene.resource.capacity
    (day,) = offered(scene, scene.day, scene.day, busy)
    assert not any(slot.available for slot in day.slots)


@given(scenes())
def test_the_next_free_place_can_be_booked_and_is_the_first(scene: Scene) -> None:
    """It is later than what was asked, accepted, and nothing on a grid before it is."""
    start = scene.now
    request = Request(start, start + scene.duration, scene.quantity)
    terms = terms_for(scene.settings, scene.resource)
    found = next_available(
        scene.settings, scene.resource, terms, request, scene.now, busy=scene.busy, days=3
    )
    if found is None:
        return
    assert found.start > start
    assert isinstance(booked(scene, found.start), Accepted)
    between = [one for one in grid(scene) if start < one < found.start]
    assert all(isinstance(booked(scene, one), Refused) for one in between)
