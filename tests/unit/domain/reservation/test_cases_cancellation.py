"""Cancelling and moving in time, as the suites of other engines have it, in elapsed hours."""

from dataclasses import replace

import pytest

from domain.reservation.booking import Booking, Status, Terms, is_active
from domain.reservation.cancellation import cancel, cancellation_standing, reschedule_standing
from domain.reservation.lifecycle import (
    Caller,
    Extended,
    HoldExpired,
    HoldLimitReached,
    InvalidTransition,
    Moved,
    expire,
    extend_hold,
    transition,
)
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.people import ANA, BRUNO, MADE, STAFF, START, booking


def from_to(
    start: str, hours: int = 24, moving: int = 24, status: Status = Status.CONFIRMED
) -> Booking:
    """Ana's hour from `start`, with these windows."""
    terms = Terms(cancellation_window_hours=hours, reschedule_window_hours=moving)
    return replace(booking(status, terms=terms), starts_at=utc(start), ends_at=utc(start) + 3600)


@pytest.mark.parametrize(
    ("start", "hours", "until"),
    [
        # Nine in New York on the spring day: a day before it is eight, not nine, on the clock.
        ("2026-03-08 13:00", 24, "2026-03-07 13:00"),
        ("2026-11-01 14:00", 24, "2026-10-31 14:00"),
        # Nine on the 31st in Apia, whose 30th never was: a day before it is nine on the 29th.
        ("2011-12-30 19:00", 24, "2011-12-29 19:00"),
        # Half an hour in Lord Howe; the leap day; the turn of the year; a year of hours.
        ("2025-10-04 22:00", 12, "2025-10-04 10:00"),
        ("2024-03-01 09:00", 48, "2024-02-28 09:00"),
        ("2026-01-01 00:30", 1, "2025-12-31 23:30"),
        ("2026-06-05 10:00", 8760, "2025-06-05 10:00"),
        # Until it starts.
        ("2026-06-05 10:00", 0, "2026-06-05 10:00"),
    ],
)
def test_the_window_is_elapsed_hours_before_the_start(start: str, hours: int, until: str) -> None:
    """Its boundary included, to the second; for cancelling and for moving alike."""
    # Subtracted on the wall clock, it would be an hour off twice a year.
    mine, boundary = from_to(start, hours, hours), utc(until)
    for now, in_time in ((boundary - 1, True), (boundary, True), (boundary + 1, False)):
        standing = cancellation_standing(mine, now, ANA)
        assert (standing.can_cancel, standing.can_cancel_until) == (in_time, boundary)
        moving = reschedule_standing(mine, now, ANA)
        assert (moving.can_reschedule, moving.can_reschedule_until) == (in_time, boundary)
        assert isinstance(cancel(mine, now=now, caller=ANA), Moved) is in_time


@pytest.mark.parametrize(
    ("caller", "now", "can", "reason"),
    [
        # cal.com and Easy!Appointments: the attendee too late, the host at any time; a stranger.
        (ANA, "2026-06-04 10:00", True, None),
        (ANA, "2026-06-04 10:01", False, "cancellation_window_passed"),
        (ANA, "2026-06-05 10:30", False, "cancellation_window_passed"),
        (STAFF, "2026-06-04 10:01", True, None),
        (STAFF, "2026-06-05 10:30", True, None),
        # Here the host's time ends with the booking; what is over is over.
        (STAFF, "2026-06-05 11:00", True, None),
        (STAFF, "2026-06-05 11:01", False, "cancellation_window_passed"),
        (BRUNO, "2026-06-01 10:00", False, "forbidden"),
    ],
)
def test_who_may_still_cancel(caller: Caller, now: str, can: bool, reason: str | None) -> None:
    """Ten to eleven on Friday, a day's window."""
    standing = cancellation_standing(from_to("2026-06-05 10:00"), utc(now), caller)
    assert (standing.can_cancel, standing.cannot_cancel_reason) == (can, reason)


@pytest.mark.parametrize(
    ("cancelling", "moving", "now", "can_cancel", "can_move"),
    [
        # LibreBooking's notices for deleting and for changing are two rules.
        (24, 48, "2026-06-03 12:00", True, False),
        (48, 24, "2026-06-03 12:00", False, True),
        (0, 8760, "2026-06-05 10:00", True, False),
        (8760, 0, "2026-06-05 10:00", False, True),
    ],
)
def test_cancelling_and_moving_have_windows_of_their_own(
    cancelling: int, moving: int, now: str, can_cancel: bool, can_move: bool
) -> None:
    """The one may have passed while the other has not."""
    mine = from_to("2026-06-05 10:00", cancelling, moving)
    assert cancellation_standing(mine, utc(now), ANA).can_cancel is can_cancel
    assert reschedule_standing(mine, utc(now), ANA).can_reschedule is can_move


@pytest.mark.parametrize(
    "status", [Status.CANCELLED, Status.REJECTED, Status.COMPLETED, Status.NO_SHOW]
)
def test_what_was_ended_is_neither_ended_again_nor_revived(status: Status) -> None:
    """A second cancellation, a late approval, a move: none of them finds it active."""
    # As from the link in an old mail.
    over = booking(status)
    assert cancellation_standing(over, MADE, STAFF).cannot_cancel_reason == "not_active"
    assert reschedule_standing(over, MADE, STAFF).code == "not_active"
    for requested in (Status.CONFIRMED, Status.CHECKED_IN):
        answer = transition(over, requested, now=MADE, caller=STAFF)
        assert answer == InvalidTransition(status, requested)


def test_a_request_that_waits_takes_its_place_and_lapses_at_its_start() -> None:
    """Undecided it is active up to the start; from that instant it can only expire."""
    # cal.com and Nextcloud Appointments: two requests for one place, and both were confirmed.
    waiting = booking(Status.PENDING)
    assert is_active(waiting, START - 1)
    assert expire(waiting, now=START - 1) == InvalidTransition(Status.PENDING, Status.EXPIRED)
    assert expire(waiting, now=START) == Moved(Status.EXPIRED, "booking.status_changed")
    assert transition(waiting, Status.CONFIRMED, now=MADE, caller=STAFF) == Moved(
        Status.CONFIRMED, "booking.status_changed"
    )


@pytest.mark.parametrize("fraction", [0.0, 0.000001, 0.5])
def test_a_hold_ends_at_its_instant_and_not_with_the_sweeper(fraction: float) -> None:
    """At its deadline it takes no place, cannot be confirmed and cannot be extended."""
    # Floyd's booking engine has holds of the same kind, that expire by themselves.
    deadline = MADE + 300 + fraction
    hold = booking(Status.HELD, hold_expires_at=deadline)
    assert is_active(hold, deadline - 1e-5)
    assert not is_active(hold, deadline)
    assert transition(hold, Status.CONFIRMED, now=deadline, caller=ANA) == HoldExpired()
    assert extend_hold(hold, now=deadline, caller=ANA) == HoldExpired()
    assert cancellation_standing(hold, deadline, ANA).cannot_cancel_reason == "not_active"
    assert isinstance(transition(hold, Status.CONFIRMED, now=deadline - 1e-5, caller=ANA), Moved)


def test_a_hold_lasts_four_times_its_time_and_no_longer() -> None:
    """Three extensions of five minutes; the fourth is refused, whenever it is asked for."""
    hold = booking(Status.HELD)
    deadlines = []
    for minute in (1, 2, 3):
        answer = extend_hold(hold, now=MADE + minute * 60, caller=ANA)
        assert isinstance(answer, Extended)
        deadlines.append(answer.hold_expires_at - MADE)
        hold = replace(hold, hold_expires_at=answer.hold_expires_at)
    assert deadlines == [600, 900, 1200]
    assert extend_hold(hold, now=MADE + 1199, caller=ANA) == HoldLimitReached()
    assert extend_hold(hold, now=MADE + 1200, caller=ANA) == HoldExpired()
