"""Steps 7 to 9: the resource, the quota and what is taken; and what a new booking begins as."""

import pytest

from domain.reservation.acceptance import Refused, Request, is_over_quota
from domain.reservation.booking import Status, initial_status, terms_for
from domain.time.interval import Interval
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import ask, codes, every_day, room, taken, tenant

NINE_TO_SIX = every_day(("09:00", "18:00"))
NINE, TEN, ELEVEN = "2026-06-05 09:00", "2026-06-05 10:00", "2026-06-05 11:00"


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
