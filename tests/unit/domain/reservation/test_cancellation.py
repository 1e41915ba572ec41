"""Until when a booking may be cancelled or moved, and by whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reservation.booking import ACTIVE, Status, Terms
from domain.reservation.cancellation import (
    NotCancelled,
    RescheduleStanding,
    Standing,
    cancel,
    cancellation_standing,
    reschedule_standing,
)
from domain.reservation.lifecycle import Caller, Moved
from tests.unit.domain.reservation.people import (
    ANA,
    BRUNO,
    END,
    HOUR,
    MACHINE,
    MADE,
    STAFF,
    START,
    booking,
)

BOUNDARY = START - 24 * HOUR


def test_a_customer_may_cancel_up_to_the_window_and_on_its_boundary() -> None:
    """Twenty-four hours before the start to the second, and not a microsecond later."""
    assert cancellation_standing(booking(), BOUNDARY, ANA) == Standing(True, BOUNDARY, None)
    late = cancellation_standing(booking(), BOUNDARY + 1e-6, ANA)
    assert late == Standing(False, BOUNDARY, "cancellation_window_passed")


def test_a_window_of_zero_lasts_until_the_start() -> None:
    """On the very instant of the start it is still allowed."""
    free = booking(terms=Terms(cancellation_window_hours=0))
    assert cancellation_standing(free, START, ANA).can_cancel
    assert not cancellation_standing(free, START + 1, ANA).can_cancel


def test_staff_may_cancel_any_active_booking_up_to_its_end() -> None:
    """The window is not theirs; the end is."""
    assert cancellation_standing(booking(), END, STAFF) == Standing(True, END, None)
    late = cancellation_standing(booking(), END + 1, STAFF)
    assert late == Standing(False, END, "cancellation_window_passed")
    inside = booking(Status.CHECKED_IN)
    assert cancellation_standing(inside, START + 60, STAFF).can_cancel


def test_what_is_not_ones_own_is_forbidden() -> None:
    """Another customer, a machine, and one without the permission."""
    for caller in (BRUNO, MACHINE):
        answer = cancellation_standing(booking(), MADE, caller)
        assert answer == Standing(False, None, "forbidden")
    barred = Caller("ana", frozenset({"booking:read:own"}))
    assert cancellation_standing(booking(), MADE, barred) == Standing(False, None, "forbidden")


def test_a_customer_cannot_cancel_once_checked_in() -> None:
    """That is for staff."""
    inside = booking(Status.CHECKED_IN)
    assert cancellation_standing(inside, MADE, ANA) == Standing(False, None, "forbidden")


@pytest.mark.parametrize("status", sorted(set(Status) - ACTIVE))
def test_what_is_over_is_not_cancelled(status: Status) -> None:
    """`not_active`, for staff as well, and no time until which it could be."""
    for caller in (ANA, STAFF, BRUNO):
        answer = cancellation_standing(booking(status), MADE, caller)
        assert answer == Standing(False, None, "not_active")
        assert cancel(booking(status), now=MADE, caller=caller) == NotCancelled(
            "not_active", status
        )


def test_a_hold_can_always_be_released_by_its_maker() -> None:
    """Also inside the window; not once it ran out, and not by others."""
    made = START - HOUR
    hold = booking(Status.HELD, hold_expires_at=made + 300.5)
    assert cancellation_standing(hold, made + 1, ANA) == Standing(True, made + 300.5, None)
    assert cancellation_standing(hold, made + 1, BRUNO).cannot_cancel_reason == "forbidden"
    assert cancellation_standing(hold, made + 300.5, ANA) == Standing(False, None, "not_active")
    for_another = booking(Status.HELD, hold_expires_at=made + 300, created_by="bruno")
    assert cancellation_standing(for_another, made + 1, BRUNO).can_cancel


def test_a_hold_that_ran_out_is_named_expired() -> None:
    """Cancelling it meets the state it is really in."""
    hold = booking(Status.HELD)
    assert cancel(hold, now=MADE + 300, caller=ANA) == NotCancelled("not_active", Status.EXPIRED)


def test_changed_settings_do_not_change_the_terms_of_a_booking() -> None:
    """What counts is the window it was made under: forty-eight hours here, twelve there."""
    for hours in (48, 12):
        made_under = booking(terms=Terms(cancellation_window_hours=hours))
        until = cancellation_standing(made_under, MADE, ANA).can_cancel_until
        assert until == START - hours * HOUR


@given(
    st.sampled_from(sorted(Status)),
    st.sampled_from([ANA, BRUNO, STAFF, MACHINE]),
    st.integers(0, 72),
    st.one_of(
        st.integers(MADE - 10, END + 10),
        st.sampled_from([BOUNDARY, BOUNDARY + 1, START, START + 1, END, END + 1, MADE + 300]),
    ),
)
def test_the_standing_is_what_a_cancellation_gets(
    status: Status, caller: Caller, hours: int, now: int
) -> None:
    """For any status, caller, window and instant."""
    drawn = booking(status, terms=Terms(cancellation_window_hours=hours))
    standing = cancellation_standing(drawn, now, caller)
    answer = cancel(drawn, now=now, caller=caller)
    if standing.can_cancel:
        assert answer == Moved(Status.CANCELLED, "booking.cancelled")
        assert standing.cannot_cancel_reason is None
        assert standing.can_cancel_until is not None
        assert now <= standing.can_cancel_until
    else:
        assert isinstance(answer, NotCancelled)
        assert answer.reason == standing.cannot_cancel_reason


def test_moving_has_a_window_of_its_own() -> None:
    """Forty-eight hours before the start, boundary included; staff up to the end."""
    until = START - 48 * HOUR
    assert reschedule_standing(booking(), until, ANA) == RescheduleStanding(True, until, None)
    late = reschedule_standing(booking(), until + 1, ANA)
    assert late == RescheduleStanding(False, until, "reschedule_window_passed")
    assert reschedule_standing(booking(), END, STAFF) == RescheduleStanding(True, END, None)
    past = reschedule_standing(booking(), END + 1, STAFF)
    assert past.code == "reschedule_window_passed"


def test_moving_is_for_active_bookings_and_for_those_who_may() -> None:
    """Not another's, not one that is over, not one that was checked in."""
    forbidden = RescheduleStanding(False, None, "forbidden")
    over = RescheduleStanding(False, None, "not_active")
    assert reschedule_standing(booking(), MADE, BRUNO) == forbidden
    assert reschedule_standing(booking(Status.CHECKED_IN), MADE, ANA) == forbidden
    assert reschedule_standing(booking(Status.CANCELLED), MADE, STAFF) == over
    assert reschedule_standing(booking(Status.HELD), MADE + 300, ANA) == over
