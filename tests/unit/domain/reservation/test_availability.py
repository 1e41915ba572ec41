"""Availability: what is listed, with which reason, and that a booking gets what is offered."""

from datetime import date, timedelta

from domain.reservation.availability import availability, busy_range
from domain.time.interval import Interval
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    needed,
    reasons,
    room,
    slots,
    starts,
    taken,
    tenant,
)

DAY = "2026-06-05"
MORNING = every_day(("09:00", "12:00"))


def at(hour: int, minute: int = 0) -> str:
    return f"{DAY} {hour:02d}:{minute:02d}"


def test_without_a_duration_a_slot_is_one_interval() -> None:
    """09–12 in half hours has six."""
    found = slots(tenant(MORNING, slot_interval_minutes=30), room(), DAY)
    assert len(found) == 6
    assert {slot.end - slot.start for slot in found} == {1800}


def test_without_a_duration_a_slot_is_as_long_as_a_booking_must_be() -> None:
    """A least duration of 45 on a grid of 30 makes slots of an hour: shorter ones are refused."""
    settings = tenant(MORNING, slot_interval_minutes=30, min_duration_minutes=45)
    found = slots(settings, room(), DAY)
    assert {slot.end - slot.start for slot in found} == {3600}
    assert len(found) == 5


def test_a_least_duration_that_is_a_multiple_is_the_default() -> None:
    """An hour at least on a grid of 30 makes slots of an hour, and none of an hour and a half."""
    settings = tenant(MORNING, slot_interval_minutes=30, min_duration_minutes=60)
    assert {slot.end - slot.start for slot in slots(settings, room(), DAY)} == {3600}


def test_nothing_said_of_a_quantity_is_one() -> None:
    """Of a place that one can have."""
    day = date.fromisoformat(DAY)
    (found,) = availability(tenant(MORNING), room(), day, day, None, utc(at(0)), ())
    assert [slot.available for slot in found.slots] == [True, True, True]


def test_a_length_of_nothing_has_no_slots() -> None:
    """Zero is a multiple of every interval, and no booking."""
    assert starts(tenant(MORNING), room(), DAY, minutes=0) == []


def test_what_cannot_be_had_has_nothing_remaining() -> None:
    """A slot that is past, too soon or closed says 0, whatever is free in it."""
    closure = {"starts_at": "2026-06-05T11:00:00Z", "ends_at": "2026-06-05T12:00:00Z"}
    settings = tenant(MORNING, closures=[closure], min_advance_minutes=60)
    found = slots(settings, room(capacity=3), DAY, now=utc(at(9, 30)))
    assert [(slot.reason, slot.remaining) for slot in found] == [
        ("past", 0),
        ("too_soon", 0),
        ("closed", 0),
    ]


def test_a_longer_slot_starts_on_the_same_grid_and_fits() -> None:
    """Two hours within 09–12 start at nine and at ten."""
    assert starts(tenant(MORNING), room(), DAY, minutes=120) == ["06-05 09:00", "06-05 10:00"]
    assert starts(tenant(MORNING), room(), DAY, minutes=240) == []


def test_a_length_that_no_booking_may_have_has_no_slots() -> None:
    """90 minutes on an hourly grid, or beyond the tenant's bounds."""
    assert starts(tenant(MORNING), room(), DAY, minutes=90) == []
    assert starts(tenant(MORNING, max_duration_minutes=60), room(), DAY, minutes=120) == []


def test_each_reason_is_told() -> None:
    """Past, too soon, free, booked, too far ahead, closed: by the clock from left to right."""
    closure = {"starts_at": "2026-06-05T15:00:00Z", "ends_at": "2026-06-05T16:00:00Z"}
    settings = tenant(
        every_day(("09:00", "16:00")),
        min_advance_minutes=60,
        closures=[closure],
    )
    busy = [taken(at(12), at(13))]
    assert reasons(settings, room(), DAY, now=utc(at(10)), busy=busy) == [
        "past",
        "too_soon",
        None,
        "booked",
        None,
        None,
        "closed",
    ]
    near = tenant(every_day(("09:00", "12:00")), max_advance_days=1)
    assert reasons(near, room(), DAY, now=utc(at(10)) - 86_400) == [
        None,
        None,
        "too_far_ahead",
    ]


def test_closed_is_said_before_past_and_past_before_booked() -> None:
    """What never opens is closed whatever the time; what is over is past, whoever had it."""
    closure = {"starts_at": "2026-06-05T09:00:00Z", "ends_at": "2026-06-05T10:00:00Z"}
    settings = tenant(MORNING, closures=[closure])
    busy = [taken(at(9), at(12))]
    assert reasons(settings, room(), DAY, now=utc(at(11)), busy=busy) == [
        "closed",
        "past",
        "booked",
    ]


def test_what_remains_is_told() -> None:
    """Capacity 3 with one and then two taken; asked for two at once, only the first is free."""
    resource = room(capacity=3)
    busy = [taken(at(9), at(11)), taken(at(10), at(11)), taken(at(11), at(12), 3)]
    found = slots(tenant(MORNING), resource, DAY, busy=busy)
    assert [(slot.available, slot.remaining) for slot in found] == [
        (True, 2),
        (True, 1),
        (False, 0),
    ]
    pair = slots(tenant(MORNING), resource, DAY, busy=busy, quantity=2)
    assert [(slot.available, slot.remaining, slot.reason) for slot in pair] == [
        (True, 2, None),
        (False, 1, "booked"),
        (False, 0, "booked"),
    ]
    assert reasons(tenant(MORNING), resource, DAY, quantity=4) == ["booked"] * 3


def test_a_booking_outside_the_range_counts_by_its_buffer() -> None:
    """A booking of the evening before whose buffer reaches past midnight takes the first slot."""
    settings = tenant(every_day(("00:00", "03:00")), buffer_before_minutes=30)
    night = taken("2026-06-04 22:00", "2026-06-05 00:15")
    assert reasons(settings, room(), DAY, busy=[night]) == ["booked", None, None]
    # A slot's own buffer reaches back as well: what is needed begins before midnight.
    assert needed(settings, room(), DAY) == ["06-04 23:30", "06-05 04:00"]


def test_what_is_needed_of_a_closed_day_is_nothing() -> None:
    """An empty stretch, so that no row is read."""
    start, end = needed(tenant({}), room(), DAY)
    assert start == end


def test_what_is_needed_reaches_as_far_as_a_slot_that_starts_at_the_end() -> None:
    """From the first opening to the last closing, and one length more, 31 days at most."""
    day, month = date.fromisoformat(DAY), 31 * 86_400
    for length, more in ((None, 3600), (0, 0), (7200, 7200), (10**9, month), (-5, 0)):
        needed_then = busy_range(tenant(MORNING), room(), day, day, length)
        assert needed_then == Interval(utc(at(9)), utc(at(12)) + more)


def test_nothing_is_needed_of_a_closed_day_from_its_midnight() -> None:
    """That of the zone of the resource."""
    day = date.fromisoformat(DAY)
    midnight = utc("2026-06-04 18:15")
    nothing = busy_range(tenant({}), room(timezone="Asia/Kathmandu"), day, day)
    assert nothing == Interval(midnight, midnight)


def test_moving_a_booking_is_offered_its_own_place() -> None:
    """`exclude_booking_id` leaves it out, and nothing else."""
    busy = [taken(at(9), at(10), name="mine"), taken(at(10), at(11))]
    assert reasons(tenant(MORNING), room(), DAY, busy=busy) == ["booked", "booked", None]
    assert reasons(tenant(MORNING), room(), DAY, busy=busy, exclude="mine") == [
        None,
        "booked",
        None,
    ]


def test_a_slot_may_end_in_a_window_of_the_next_date() -> None:
    """Open round the clock, a slot of two hours from 23:00 is listed, and can be booked."""
    settings = tenant(every_day(("00:00", "24:00")))
    assert starts(settings, room(), DAY, minutes=120)[-1] == "06-05 23:00"
    assert codes(ask(settings, room(), at(23), "2026-06-06 01:00")) == []


def test_a_slot_of_31_days_is_found() -> None:
    """The longest there is, in a place that never closes."""
    settings = tenant(every_day(("00:00", "24:00")), slot_interval_minutes=1440)
    (found,) = slots(settings, room(), DAY, minutes=44_640)
    assert timedelta(seconds=found.end - found.start) == timedelta(days=31)
    assert found.available
    end = date.fromisoformat(DAY) + timedelta(days=31)
    assert codes(ask(settings, room(), at(0), f"{end} 00:00")) == []
