"""What each change of a booking adds to the bill, and that the sum is how the booking stands."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.subscribers.billing.metering import Measured, Standing, measured, posted
from handlers.subscribers.billing.pricing import Price

START = datetime(2026, 12, 10, 15, tzinfo=UTC)
AT = datetime(2026, 11, 10, 12, tzinfo=UTC)
HELD = Standing(
    status="held",
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    timezone="America/Sao_Paulo",
    quantity=1,
    resources=1,
    price=Price(Decimal("30.00"), "BRL", "hour"),
    window_hours=24,
    cancelled_at=None,
)
Sums = dict[tuple[str, str], Decimal]
CONFIRMED = replace(HELD, status="confirmed")


def told(found: Measured) -> dict[tuple[str, str], Decimal]:
    return {(one.metric, str(one.day)): one.quantity for one in found.counts}


def cancelled(before: Standing, at: datetime) -> Standing:
    return replace(before, status="cancelled", cancelled_at=at)


@pytest.mark.parametrize("before", [None, HELD, replace(HELD, status="pending")])
def test_a_booking_is_made_when_it_is_confirmed(before: Standing | None) -> None:
    """On that day it is made and due; on the day of its start it is kept, with its minutes."""
    assert told(measured(CONFIRMED, before, AT)) == {
        ("bookings_made", "2026-11-10"): 1,
        ("charges", "2026-11-10"): Decimal("30.00"),
        ("bookings_kept", "2026-12-10"): 1,
        ("resource_minutes", "2026-12-10"): 60,
    }


@pytest.mark.parametrize("status", ["held", "pending", "expired", "rejected", "cancelled"])
@pytest.mark.parametrize("before", [None, "held", "pending"])
def test_what_was_never_confirmed_is_never_due(before: str | None, status: str) -> None:
    """Holds and requests, whatever becomes of them, add nothing."""
    was = None if before is None else replace(HELD, status=before)
    assert measured(replace(HELD, status=status, cancelled_at=AT), was, AT) == Measured()


def test_a_cancellation_in_time_takes_back_what_is_due() -> None:
    """On its own day; the place that was kept is kept no more. The boundary is in time."""
    last = START - timedelta(hours=24)
    assert told(measured(cancelled(CONFIRMED, last), CONFIRMED, last)) == {
        ("bookings_cancelled", "2026-12-09"): 1,
        ("corrections", "2026-12-09"): Decimal("-30.00"),
        ("bookings_kept", "2026-12-10"): -1,
        ("resource_minutes", "2026-12-10"): -60,
    }


def test_a_late_cancellation_stays_due() -> None:
    """A second after the window it is counted as late, and nothing is taken back."""
    late = START - timedelta(hours=24) + timedelta(seconds=1)
    found = measured(cancelled(CONFIRMED, late), CONFIRMED, late)
    assert found.charge is None
    assert told(found) == {
        ("bookings_cancelled", "2026-12-09"): 1,
        ("late_cancellations", "2026-12-09"): 1,
        ("bookings_kept", "2026-12-10"): -1,
        ("resource_minutes", "2026-12-10"): -60,
    }


def test_without_a_known_window_nothing_is_late() -> None:
    """Events of an older version do not say it: what is doubtful is not billed."""
    before = replace(CONFIRMED, window_hours=None)
    found = measured(cancelled(before, START), before, START)
    assert found.charge is not None
    assert found.charge.amount == Decimal("-30.00")


def test_a_no_show_stays_due_and_its_time_taken() -> None:
    """It counts in the place of kept, and nothing else moves."""
    found = measured(replace(CONFIRMED, status="no_show"), CONFIRMED, START)
    assert told(found) == {("bookings_kept", "2026-12-10"): -1, ("no_shows", "2026-12-10"): 1}


def test_being_there_changes_nothing() -> None:
    """Checked in and completed are kept as confirmed was."""
    arrived = replace(CONFIRMED, status="checked_in")
    assert measured(arrived, CONFIRMED, START) == Measured()
    assert measured(replace(arrived, status="completed"), arrived, START) == Measured()


def test_a_move_corrects_by_the_difference() -> None:
    """Longer, for two, in another zone: the days and minutes move, the difference is due."""
    moved = replace(
        CONFIRMED,
        starts_at=datetime(2026, 12, 12, 1, tzinfo=UTC),
        ends_at=datetime(2026, 12, 12, 3, tzinfo=UTC),
        timezone="UTC",
        quantity=2,
        resources=2,
    )
    assert told(measured(moved, CONFIRMED, AT)) == {
        ("corrections", "2026-11-10"): Decimal("90.00"),
        ("bookings_kept", "2026-12-10"): -1,
        ("resource_minutes", "2026-12-10"): -60,
        ("bookings_kept", "2026-12-12"): 1,
        ("resource_minutes", "2026-12-12"): 360,
    }


def test_the_day_is_that_of_the_bookings_own_clocks() -> None:
    """One in the morning UTC is the evening before in São Paulo."""
    night = datetime(2026, 12, 1, 1, tzinfo=UTC)
    found = measured(replace(CONFIRMED, starts_at=night, ends_at=night), None, night)
    assert {str(one.day) for one in found.counts} == {"2026-11-30"}


@pytest.mark.parametrize(
    ("day", "today", "month"),
    [
        ("2026-11-30", "2026-11-30", "2026-11-01"),
        ("2026-12-24", "2026-11-30", "2026-12-01"),
        ("2026-11-30", "2026-12-01", "2026-12-01"),
        ("2025-12-31", "2026-01-01", "2026-01-01"),
    ],
)
def test_a_month_that_is_over_gets_nothing_more(day: str, today: str, month: str) -> None:
    """What belongs to its days stands in the statement of the month in which it happened."""
    found = posted(date.fromisoformat(day), date.fromisoformat(today))
    assert found == date.fromisoformat(month)


STEPS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["confirmed", "checked_in", "completed", "no_show"]),
            "starts_at": st.integers(0, 2_000).map(lambda hours: START + timedelta(hours=hours)),
            "quantity": st.integers(1, 50),
            "resources": st.integers(1, 4),
            "timezone": st.sampled_from(["UTC", "Asia/Tokyo", "America/Sao_Paulo"]),
        },
    ),
    max_size=6,
)


@given(steps=STEPS, ends=st.sampled_from(["stands", "in time", "late"]))
def test_the_sum_is_how_the_booking_stands(steps: list[Mapping[str, Any]], ends: str) -> None:
    """Whatever happened to it on the way: what it was before has left nothing behind."""
    sums: Sums = defaultdict(Decimal)

    def add(after: Standing, before: Standing | None, at: datetime) -> None:
        for one in measured(after, before, at).counts:
            metric = "due" if one.currency else one.metric
            sums[metric, "" if one.currency else str(one.day)] += one.quantity

    standing: Standing | None = None
    for step in ({}, *steps):
        after = replace(standing or CONFIRMED, **step)
        after = replace(after, ends_at=after.starts_at + timedelta(minutes=50))
        add(after, standing, AT)
        standing = after
    assert standing is not None
    at = standing.starts_at - timedelta(hours=23 if ends == "late" else 25)
    if ends != "stands":
        add(cancelled(standing, at), standing, at)
    day = str(standing.starts_at.astimezone(ZoneInfo(standing.timezone)).date())
    gone = str(at.astimezone(ZoneInfo(standing.timezone)).date())
    kept = "no_shows" if standing.status == "no_show" else "bookings_kept"
    amount: Sums = {("due", ""): standing.amount}
    single = Decimal(1)
    wanted: dict[str, Sums] = {
        "stands": {
            (kept, day): single,
            ("resource_minutes", day): Decimal(standing.minutes),
            **amount,
        },
        "in time": {("bookings_cancelled", gone): single},
        "late": {
            ("bookings_cancelled", gone): single,
            ("late_cancellations", gone): single,
            **amount,
        },
    }
    made = {key: many for key, many in sums.items() if key[0] == "bookings_made"}
    assert list(made.values()) == [1]
    assert {key: many for key, many in sums.items() if many} == {**made, **wanted[ends]}
