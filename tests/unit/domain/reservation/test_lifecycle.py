"""The status machine: every pair of statuses, who may ask, and the event each change makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reservation.booking import ACTIVE, Status, has_lapsed, hold_deadline, is_active
from domain.reservation.lifecycle import (
    TRANSITIONS,
    Extended,
    Forbidden,
    HoldExpired,
    HoldLimitReached,
    HoldStanding,
    InvalidTransition,
    Moved,
    UseCancel,
    event_of,
    expire,
    extend_hold,
    hold_standing,
    transition,
)
from tests.unit.domain.reservation.people import (
    ANA,
    BRUNO,
    MACHINE,
    MADE,
    STAFF,
    START,
    booking,
)

# What a member of staff may ask for by the status call, and gets.
ALLOWED = {
    (Status.HELD, Status.CONFIRMED),
    (Status.PENDING, Status.CONFIRMED),
    (Status.PENDING, Status.REJECTED),
    (Status.CONFIRMED, Status.CHECKED_IN),
    (Status.CONFIRMED, Status.NO_SHOW),
    (Status.CONFIRMED, Status.COMPLETED),
    (Status.CHECKED_IN, Status.COMPLETED),
}


@pytest.mark.parametrize("requested", Status)
@pytest.mark.parametrize("current", Status)
def test_every_pair_of_statuses(current: Status, requested: Status) -> None:
    """Seven pairs move, cancelling has its own call, all else is an invalid transition."""
    answer = transition(booking(current), requested, now=MADE + 60, caller=STAFF)
    if requested is Status.CANCELLED:
        assert answer == UseCancel()
    elif (current, requested) in ALLOWED:
        assert answer == Moved(requested, "booking.status_changed")
    else:
        assert answer == InvalidTransition(current, requested)


def test_the_table_is_that_of_the_rules() -> None:
    """Written out as the specification has it; whatever is not active stays what it is."""
    assert {status.value: {to.value for to in after} for status, after in TRANSITIONS.items()} == {
        "held": {"confirmed", "pending", "expired", "cancelled"},
        "pending": {"confirmed", "rejected", "cancelled", "expired"},
        "confirmed": {"checked_in", "cancelled", "no_show", "completed"},
        "checked_in": {"completed", "cancelled"},
        "completed": set(),
        "cancelled": set(),
        "rejected": set(),
        "no_show": set(),
        "expired": set(),
    }
    assert {status for status, after in TRANSITIONS.items() if after} == ACTIVE


def test_a_customer_confirms_their_own_hold() -> None:
    """And nobody else's; a machine owns nothing."""
    hold = booking(Status.HELD)
    confirmed = Moved(Status.CONFIRMED, "booking.status_changed")
    assert transition(hold, Status.CONFIRMED, now=MADE, caller=ANA) == confirmed
    assert transition(hold, Status.CONFIRMED, now=MADE, caller=BRUNO) == Forbidden()
    assert transition(hold, Status.CONFIRMED, now=MADE, caller=MACHINE) == Forbidden()


def test_a_customer_never_confirms_their_own_pending() -> None:
    """Approval is for others to give."""
    pending = booking(Status.PENDING)
    assert transition(pending, Status.CONFIRMED, now=MADE, caller=ANA) == Forbidden()
    approved = Moved(Status.CONFIRMED, "booking.status_changed")
    assert transition(pending, Status.CONFIRMED, now=MADE, caller=STAFF) == approved


@pytest.mark.parametrize(
    "requested", [Status.CHECKED_IN, Status.COMPLETED, Status.NO_SHOW, Status.REJECTED]
)
def test_a_customer_asks_for_no_other_status(requested: Status) -> None:
    """Checking in and the rest are for staff."""
    assert transition(booking(), requested, now=MADE, caller=ANA) == Forbidden()


def test_where_approval_is_required_a_confirmed_hold_becomes_pending() -> None:
    """Whoever confirms it; without that rule no hold becomes pending."""
    hold = booking(Status.HELD)
    pending = Moved(Status.PENDING, "booking.status_changed")
    for caller in (ANA, STAFF):
        for requested in (Status.CONFIRMED, Status.PENDING):
            answer = transition(hold, requested, now=MADE, caller=caller, requires_approval=True)
            assert answer == pending
    assert transition(hold, Status.PENDING, now=MADE, caller=STAFF) == InvalidTransition(
        Status.HELD, Status.PENDING
    )


def test_a_hold_runs_out_at_its_very_instant() -> None:
    """Until then it confirms; from then on it does not, whether or not a sweeper has come by."""
    hold = booking(Status.HELD)
    deadline = hold_deadline(hold.terms, MADE)
    confirmed = Moved(Status.CONFIRMED, "booking.status_changed")
    just_before = deadline - 1e-6
    assert transition(hold, Status.CONFIRMED, now=just_before, caller=ANA) == confirmed
    assert transition(hold, Status.CONFIRMED, now=deadline, caller=ANA) == HoldExpired()
    swept = booking(Status.EXPIRED, hold_expires_at=deadline)
    assert transition(swept, Status.CONFIRMED, now=deadline, caller=ANA) == HoldExpired()
    assert transition(hold, Status.REJECTED, now=deadline, caller=STAFF) == InvalidTransition(
        Status.EXPIRED, Status.REJECTED
    )


@given(st.floats(MADE - 10, MADE + 900))
def test_confirming_and_expiring_have_one_outcome(now: float) -> None:
    """At any instant a hold can either be confirmed or expire, never both, never neither."""
    hold = booking(Status.HELD)
    confirms = isinstance(transition(hold, Status.CONFIRMED, now=now, caller=ANA), Moved)
    expires = isinstance(expire(hold, now=now), Moved)
    assert confirms is not expires
    assert is_active(hold, now) is confirms
    assert has_lapsed(hold, now) is expires


def test_time_expires_a_hold_and_a_pending_booking_that_starts() -> None:
    """Each with its own event; anything else does not expire."""
    hold, pending = booking(Status.HELD), booking(Status.PENDING)
    assert expire(hold, now=MADE + 300) == Moved(Status.EXPIRED, "booking.hold_expired")
    assert expire(hold, now=MADE + 299) == InvalidTransition(Status.HELD, Status.EXPIRED)
    assert expire(pending, now=START) == Moved(Status.EXPIRED, "booking.status_changed")
    assert expire(pending, now=START - 1) == InvalidTransition(Status.PENDING, Status.EXPIRED)
    assert expire(booking(), now=START) == InvalidTransition(Status.CONFIRMED, Status.EXPIRED)


def test_nobody_asks_for_expiry() -> None:
    """Only time makes a booking expire."""
    for status in (Status.HELD, Status.PENDING):
        answer = transition(booking(status), Status.EXPIRED, now=MADE, caller=STAFF)
        assert answer == InvalidTransition(status, Status.EXPIRED)


def test_one_change_makes_one_event() -> None:
    """Every way to cancelled is booking.cancelled; a hold that ran out is booking.hold_expired."""
    for status in ACTIVE:
        assert event_of(status, Status.CANCELLED) == "booking.cancelled"
    assert event_of(Status.HELD, Status.EXPIRED) == "booking.hold_expired"
    assert event_of(Status.PENDING, Status.EXPIRED) == "booking.status_changed"
    assert event_of(Status.HELD, Status.CONFIRMED) == "booking.status_changed"


def test_a_hold_is_extended_up_to_four_times_its_ttl() -> None:
    """Three more times five minutes, each on top of the last, and then no more."""
    hold = booking(Status.HELD)
    for lifetimes in (2, 3, 4):
        answer = extend_hold(hold, now=MADE + 60, caller=ANA)
        assert answer == Extended(MADE + lifetimes * 300)
        hold = booking(Status.HELD, hold_expires_at=MADE + lifetimes * 300)
    assert extend_hold(hold, now=MADE + 60, caller=ANA) == HoldLimitReached()


def test_an_extension_is_cut_at_the_limit() -> None:
    """A deadline between two TTLs ends at four TTLs from the making."""
    hold = booking(Status.HELD, hold_expires_at=MADE + 1000.5)
    assert extend_hold(hold, now=MADE, caller=ANA) == Extended(MADE + 1200, "booking.updated")


def test_only_a_hold_that_stands_is_extended_by_those_who_may() -> None:
    """Not another's, not one that ran out, not a confirmed booking."""
    hold = booking(Status.HELD)
    assert extend_hold(hold, now=MADE, caller=BRUNO) == Forbidden()
    assert isinstance(extend_hold(hold, now=MADE, caller=STAFF), Extended)
    assert extend_hold(hold, now=MADE + 300, caller=ANA) == HoldExpired()
    swept = booking(Status.EXPIRED, hold_expires_at=MADE + 300)
    assert extend_hold(swept, now=MADE, caller=ANA) == HoldExpired()
    assert extend_hold(booking(), now=MADE, caller=ANA) == InvalidTransition(
        Status.CONFIRMED, Status.HELD
    )


def test_a_deadline_alone_makes_no_hold() -> None:
    """What was confirmed is not extended, whatever is left of its time as a hold."""
    confirmed = booking(Status.CONFIRMED, hold_expires_at=MADE + 300)
    assert extend_hold(confirmed, now=MADE, caller=ANA) == InvalidTransition(
        Status.CONFIRMED, Status.HELD
    )


def test_how_a_hold_stands() -> None:
    """Until when it keeps its place, and until when it could be made to."""
    hold = booking(Status.HELD)
    assert hold_standing(hold, MADE) == HoldStanding(True, MADE + 300, MADE + 1200)
    assert hold_standing(hold, MADE + 300) == HoldStanding(False, MADE + 300, None)
    assert hold_standing(booking(), MADE) == HoldStanding(False, None, None)
