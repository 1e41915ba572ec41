"""Whether a booking is acceptable: each rule, the order they are checked in, and overrides."""

import pytest

from domain.reservation.acceptance import (
    Accepted,
    Refused,
    Request,
    is_over_quota,
    next_available,
    next_available_range,
)
from domain.reservation.booking import Status, initial_status, terms_for
from domain.time.instant import utc_of
from domain.time.interval import Interval
from tests.unit.domain.civil import shown, utc
from tests.unit.domain.reservation.scene import ask, codes, every_day, room, taken, tenant, windows

NINE_TO_SIX = every_day(("09:00", "18:00"))
NINE, TEN, ELEVEN = "2026-06-05 09:00", "2026-06-05 10:00", "2026-06-05 11:00"
NOW = utc("2026-06-05 08:00")


def test_a_booking_within_every_rule_is_accepted_with_the_time_it_blocks() -> None:
    """Buffers reach outside business hours and are part of what is blocked."""
    settings = tenant(NINE_TO_SIX, buffer_before_minutes=10, buffer_after_minutes=20)
    blocked = Interval(utc("2026-06-05 08:50"), utc("2026-06-05 10:20"))
    assert ask(settings, room(), NINE, TEN) == Accepted(blocked)


def test_the_end_must_lie_after_the_start() -> None:
    """Neither an empty nor a negative interval; nothing else is said about its length or place."""
    settings = tenant(NINE_TO_SIX)
    assert codes(ask(settings, room(), TEN, TEN)) == ["invalid_interval"]
    assert codes(ask(settings, room(), TEN, NINE)) == ["invalid_interval"]


def test_a_start_in_the_past_is_refused_and_now_is_not_the_past() -> None:
    """The very instant still starts; a microsecond later it does not."""
    settings = tenant(NINE_TO_SIX)
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE))) == []
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) + 1e-6)) == ["in_the_past"]


def test_lead_time_is_kept_to_the_second() -> None:
    """Sixty minutes ahead is enough, a second less is too soon."""
    settings = tenant(NINE_TO_SIX, min_advance_minutes=60)
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 3600)) == []
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 3599)) == ["too_soon"]
    late = ask(settings, room(), NINE, TEN, now=utc(NINE) + 1)
    assert codes(late) == ["in_the_past", "too_soon"]


def test_the_horizon_is_elapsed_days() -> None:
    """Ninety days ahead is allowed, a second more is too far."""
    settings = tenant(NINE_TO_SIX, max_advance_days=90)
    day = 86_400
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 90 * day)) == []
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 90 * day - 1)) == [
        "too_far_ahead"
    ]


def test_a_duration_is_a_multiple_of_the_interval_within_its_bounds() -> None:
    """Each of the two rules has its own code, and both may be broken at once."""
    settings = tenant(
        NINE_TO_SIX, slot_interval_minutes=30, min_duration_minutes=60, max_duration_minutes=120
    )
    assert codes(ask(settings, room(), NINE, "2026-06-05 10:45")) == ["duration_not_multiple"]
    assert codes(ask(settings, room(), NINE, "2026-06-05 09:30")) == ["duration_out_of_bounds"]
    assert codes(ask(settings, room(), NINE, "2026-06-05 11:30")) == ["duration_out_of_bounds"]
    assert codes(ask(settings, room(), NINE, "2026-06-05 09:20")) == [
        "duration_not_multiple",
        "duration_out_of_bounds",
    ]
    assert codes(ask(settings, room(), NINE, TEN)) == []
    assert codes(ask(settings, room(), NINE, ELEVEN)) == []


def test_no_booking_is_longer_than_31_days() -> None:
    """Without a bound of the tenant's own, the greatest that a tenant could set holds."""
    settings = tenant(every_day(("00:00", "24:00")))
    assert codes(ask(settings, room(), "2026-06-01 00:00", "2026-07-02 00:00")) == []
    assert codes(ask(settings, room(), "2026-06-01 00:00", "2026-07-02 01:00")) == [
        "duration_out_of_bounds"
    ]
    every = frozenset({"duration_out_of_bounds"})
    longer = ask(settings, room(), "2026-06-01 00:00", "2026-09-01 00:00", override=every)
    assert isinstance(longer, Accepted)
    # However long, an answer comes, and at once.
    endless = ask(settings, room(), "2026-06-01 00:00", "2099-06-01 00:00", override=every)
    assert codes(endless) == ["outside_business_hours"]


def test_a_fraction_of_a_second_makes_a_length_no_multiple() -> None:
    """Instants are rounded outwards, so that nothing is cut off unsaid."""
    exact = Request.of(utc_of(utc(NINE)), utc_of(utc(TEN)))
    assert exact == Request(utc(NINE), utc(TEN))
    skewed = Request.of(utc_of(utc(NINE) + 0.5), utc_of(utc(TEN) + 0.5))
    assert skewed == Request(utc(NINE), utc(TEN) + 1)


def test_a_booking_lies_wholly_inside_the_opening() -> None:
    """Early, late, across lunch, or on a closed day: outside business hours."""
    settings = tenant({"fri": windows([("09:00", "12:00"), ("13:00", "18:00")])})
    for start, end in (
        ("2026-06-05 08:00", TEN),
        ("2026-06-05 17:00", "2026-06-05 19:00"),
        (ELEVEN, "2026-06-05 14:00"),
        ("2026-06-06 09:00", "2026-06-06 10:00"),
    ):
        assert codes(ask(settings, room(), start, end)) == ["outside_business_hours"]


def test_alignment_is_asked_where_it_is_enforced() -> None:
    """09:30 is off the hourly grid; outside every window there is no grid to be off."""
    loose, strict = tenant(NINE_TO_SIX), tenant(NINE_TO_SIX, enforce_slot_alignment=True)
    half, end = "2026-06-05 09:30", "2026-06-05 10:30"
    assert codes(ask(loose, room(), half, end)) == []
    assert codes(ask(strict, room(), half, end)) == ["not_aligned"]
    assert codes(ask(strict, room(), NINE, TEN)) == []
    assert codes(ask(strict, room(), "2026-06-05 06:30", "2026-06-05 07:30")) == [
        "outside_business_hours"
    ]


def test_a_start_on_any_grid_of_overlapping_windows_is_aligned() -> None:
    """Where the clocks push two windows together, either grid will do."""
    settings = tenant(
        every_day(("01:00", "02:30"), ("03:00", "05:00")),
        timezone="America/New_York",
        enforce_slot_alignment=True,
        slot_interval_minutes=45,
    )
    on_first, on_second = "2026-03-08 06:45", "2026-03-08 07:45"
    assert codes(ask(settings, room(), on_first, "2026-03-08 07:30")) == []
    assert codes(ask(settings, room(), on_second, "2026-03-08 08:30")) == []
    assert codes(ask(settings, room(), "2026-03-08 07:15", "2026-03-08 08:00")) == ["not_aligned"]


def test_all_of_steps_1_to_6_are_listed_and_the_first_names_the_refusal() -> None:
    """In the past, too long by half, at night and off the grid."""
    settings = tenant(
        NINE_TO_SIX,
        min_advance_minutes=30,
        max_duration_minutes=60,
        enforce_slot_alignment=True,
    )
    answer = ask(
        settings,
        room(active=False),
        "2026-06-05 17:30",
        "2026-06-05 19:00",
        now=utc("2026-06-06 00:00"),
    )
    assert isinstance(answer, Refused)
    assert answer.code == "in_the_past"
    assert codes(answer) == [
        "in_the_past",
        "too_soon",
        "duration_not_multiple",
        "duration_out_of_bounds",
        "outside_business_hours",
        "not_aligned",
    ]
    assert [one.field for one in answer.violations] == [
        "starts_at",
        "starts_at",
        "ends_at",
        "ends_at",
        "starts_at",
        "starts_at",
    ]


def test_an_inactive_resource_takes_no_booking_and_none_more_than_it_has() -> None:
    """Step 7 comes after 1 to 6 and before the quota."""
    settings = tenant(NINE_TO_SIX, max_active_bookings_per_user=1)
    gone = ask(settings, room(active=False), NINE, TEN, active_bookings_of_user=5)
    assert codes(gone) == ["resource_unavailable"]
    much = ask(settings, room(capacity=3), NINE, TEN, quantity=4, active_bookings_of_user=5)
    assert codes(much) == ["capacity_exceeded"]
    assert codes(ask(settings, room(capacity=3), NINE, TEN, quantity=3)) == []


def test_the_quota_counts_what_is_active_already() -> None:
    """Two of two are enough; without a quota, or unasked, there is no limit."""
    settings = tenant(NINE_TO_SIX, max_active_bookings_per_user=2)
    assert codes(ask(settings, room(), NINE, TEN, active_bookings_of_user=1)) == []
    full = ask(settings, room(), NINE, TEN, active_bookings_of_user=2, busy=[taken(NINE, TEN)])
    assert codes(full) == ["quota_exceeded"]
    assert codes(ask(settings, room(), NINE, TEN)) == []
    assert not is_over_quota(tenant(NINE_TO_SIX), 1000)


def test_bookings_that_touch_do_not_conflict() -> None:
    """Intervals are half-open."""
    settings = tenant(NINE_TO_SIX)
    before, after = taken(NINE, TEN), taken(ELEVEN, "2026-06-05 12:00")
    assert codes(ask(settings, room(), TEN, ELEVEN, busy=[before, after])) == []


def test_a_conflict_names_the_taken_interval_and_nobody() -> None:
    """The answer carries times only."""
    settings = tenant(NINE_TO_SIX)
    answer = ask(settings, room(), NINE, ELEVEN, busy=[taken(TEN, "2026-06-05 12:00")])
    assert isinstance(answer, Refused)
    assert answer.code == "booking_conflict"
    assert answer.conflicts == (Interval(utc(TEN), utc("2026-06-05 12:00")),)
    assert "other" not in repr(answer).replace("another", "")


def test_buffers_of_neighbours_add_up() -> None:
    """Ten minutes after the first and twenty before the second are thirty between them."""
    settings = tenant(
        NINE_TO_SIX,
        slot_interval_minutes=10,
        buffer_before_minutes=20,
        buffer_after_minutes=10,
    )
    first = taken("2026-06-05 08:40", "2026-06-05 10:10")
    assert codes(ask(settings, room(), "2026-06-05 10:30", ELEVEN, busy=[first])) == []
    assert codes(ask(settings, room(), "2026-06-05 10:20", ELEVEN, busy=[first])) == [
        "booking_conflict"
    ]


def test_a_resource_may_have_buffers_of_its_own() -> None:
    """Also none, where the tenant has some."""
    settings = tenant(buffer_before_minutes=15, buffer_after_minutes=15)
    assert terms_for(settings, room()).buffer_before_minutes == 15
    own = terms_for(settings, room(buffer_before_minutes=0, buffer_after_minutes=45))
    assert (own.buffer_before_minutes, own.buffer_after_minutes) == (0, 45)


def test_moving_is_decided_without_the_place_one_has() -> None:
    """The booking that is moved does not stand in its own way."""
    settings = tenant(NINE_TO_SIX)
    mine, other = taken(NINE, ELEVEN, name="mine"), taken(ELEVEN, "2026-06-05 12:00")
    moved = ask(settings, room(), TEN, ELEVEN, busy=[mine, other], exclude_booking_id="mine")
    assert codes(moved) == []
    blocked = ask(settings, room(), TEN, ELEVEN, busy=[mine, other], exclude_booking_id="other")
    assert codes(blocked) == ["booking_conflict"]


def test_a_quantity_below_one_is_a_programming_error() -> None:
    """The contract refuses it long before."""
    with pytest.raises(ValueError, match="1 at least"):
        Request(0, 3600, 0)


def test_the_next_free_place_is_named() -> None:
    """After a conflict: the first later start on the grid, of the same length, that is free."""
    settings = tenant(NINE_TO_SIX)
    terms = terms_for(settings, room())
    request = Request(utc("2026-06-05 16:00"), utc("2026-06-05 18:00"))
    busy = [
        taken("2026-06-05 16:00", "2026-06-05 18:00"),
        taken(TEN, ELEVEN),
        taken("2026-06-06 10:00", "2026-06-06 11:00"),
    ]
    found = next_available(settings, room(), terms, request, NOW, busy=busy)
    assert found is not None
    assert shown(found.start, found.end) == ["06-06 11:00", "06-06 13:00"]
    needed = next_available_range(terms, request, NOW)
    assert needed.start <= request.starts_at
    assert found.end <= needed.end


def test_there_may_be_no_next_free_place() -> None:
    """Nothing within the look-ahead, or a length that no booking may have."""
    terms = terms_for(tenant(), room())
    closed = tenant({})
    hour, odd = Request(utc(NINE), utc(TEN)), Request(utc(NINE), utc(NINE) + 1)
    assert next_available(closed, room(), terms, hour, NOW, busy=[]) is None
    assert next_available(tenant(NINE_TO_SIX), room(), terms, odd, NOW, busy=[]) is None


def test_a_new_booking_is_confirmed_pending_or_held() -> None:
    """As the tenant has it, and held where that was asked for."""
    assert initial_status(tenant(), asked_held=False) is Status.CONFIRMED
    assert initial_status(tenant(requires_approval=True), asked_held=False) is Status.PENDING
    assert initial_status(tenant(requires_approval=True), asked_held=True) is Status.HELD


def test_terms_are_frozen_when_the_booking_is_made() -> None:
    """A reschedule window of null is that of cancelling, at that time."""
    settings = tenant(cancellation_window_hours=48, hold_ttl_seconds=60)
    terms = terms_for(settings, room(), rules_version=7)
    assert (terms.rules_version, terms.hold_ttl_seconds) == (7, 60)
    assert (terms.cancellation_window_hours, terms.reschedule_window_hours) == (48, 48)
    assert terms_for(tenant(reschedule_window_hours=0), room()).reschedule_window_hours == 0
