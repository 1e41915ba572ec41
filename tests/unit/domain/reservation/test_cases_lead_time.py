"""Lead time, horizon, length and quota as the suites and bug reports of other engines have them."""

from typing import Any

import pytest

from domain.reservation.acceptance import Request, is_over_quota, next_available
from domain.reservation.booking import terms_for
from tests.unit.domain.civil import shown, utc
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    reasons,
    room,
    slots,
    taken,
    tenant,
    windows,
)

ALL_DAY = every_day(("00:00", "24:00"))


@pytest.mark.parametrize(
    ("notice", "on", "now", "free"),
    [
        # cal.com's slot logic: a second before noon there are twelve left, at noon too, and a
        # second later eleven.
        (0, "2021-06-20", "2021-06-20 11:59:59", 12),
        (0, "2021-06-20", "2021-06-20 12:00:00", 12),
        (0, "2021-06-20", "2021-06-20 12:00:01", 11),
        # … a notice of 25 hours leaves eleven of tomorrow, none of today.
        (1500, "2021-06-21", "2021-06-20 11:59:59", 11),
        (1500, "2021-06-20", "2021-06-20 11:59:59", 0),
        # Across midnight, and of more than a day.
        (120, "2021-06-21", "2021-06-20 23:30:00", 22),
        (2880, "2021-06-22", "2021-06-20 00:00:00", 24),
        (2880, "2021-06-22", "2021-06-20 00:00:01", 23),
        # The longest there is, a year of minutes.
        (525_600, "2022-06-20", "2021-06-20 12:00:00", 12),
    ],
)
def test_notice_leaves_what_lies_far_enough_ahead(
    notice: int, on: str, now: str, free: int
) -> None:
    """In elapsed time to the second; what is free is the end of the day."""
    settings = tenant(ALL_DAY, min_advance_minutes=notice)
    found = slots(settings, room(), on, now=utc(now))
    assert [slot.available for slot in found] == [False] * (24 - free) + [True] * free
    assert {slot.reason for slot in found if not slot.available} <= {"past", "too_soon"}


@pytest.mark.parametrize(
    ("zone", "now", "days", "expected"),
    [
        # A report to cal.com: seven days of notice that end on the day of the change. Asked on
        # Sunday at nine (13:00Z), it ends on the next at eight: nine is offered as ever.
        ("America/New_York", "2023-10-29 13:00", 7, [None] * 3),
        ("America/New_York", "2023-10-29 14:00", 7, [None] * 3),
        ("America/New_York", "2023-10-29 14:00:01", 7, ["too_soon", None, None]),
    ],
)
def test_notice_of_days_is_elapsed_over_a_change(
    zone: str, now: str, days: int, expected: list[str | None]
) -> None:
    """Nine to noon on 2023-11-05, where nine is 14:00Z."""
    settings = tenant(every_day(("09:00", "12:00")), timezone=zone, min_advance_minutes=days * 1440)
    assert reasons(settings, room(), "2023-11-05", now=utc(now)) == expected


@pytest.mark.parametrize(
    ("days", "zone", "on", "now", "free"),
    [
        # cal.com's rolling periods are whole calendar days; ours are elapsed time from now.
        (1, "UTC", "2024-06-01", "2024-05-31 12:30", 13),
        (1, "UTC", "2024-06-01", "2024-05-31 00:00", 1),
        (1, "UTC", "2024-06-02", "2024-05-31 12:30", 0),
        (2, "UTC", "2024-06-02", "2024-05-31 12:00", 13),
        # The visitor's and the host's dates differ and nothing follows from it.
        (1, "Pacific/Kiritimati", "2024-06-02", "2024-05-31 12:30", 3),
        (1, "Pacific/Pago_Pago", "2024-06-01", "2024-05-31 12:30", 2),
        # No days ahead: only what begins at this very instant.
        (0, "UTC", "2024-05-31", "2024-05-31 00:00", 1),
        (0, "UTC", "2024-05-31", "2024-05-31 00:30", 0),
        # A day over a change of the clocks is 24 hours: to eleven, or to nine, in New York.
        (1, "America/New_York", "2026-03-08", "2026-03-07 15:00", 11),
        (1, "America/New_York", "2026-11-01", "2026-10-31 14:00", 11),
    ],
)
def test_the_horizon_leaves_what_lies_near_enough(
    days: int, zone: str, on: str, now: str, free: int
) -> None:
    """In elapsed time to the second; what is free is the beginning of the day."""
    settings = tenant(ALL_DAY, timezone=zone, max_advance_days=days)
    found = [reason for reason in reasons(settings, room(), on, now=utc(now)) if reason != "past"]
    assert found == [None] * free + ["too_far_ahead"] * (len(found) - free)


@pytest.mark.parametrize(
    ("start", "end", "rules", "refusal"),
    [
        # eWorkbench's booking rules: least and greatest length, to the minute.
        ("10:00", "10:30", {"min_duration_minutes": 30}, []),
        ("10:00", "10:25", {"min_duration_minutes": 30}, ["duration_out_of_bounds"]),
        ("10:00", "12:00", {"max_duration_minutes": 120}, []),
        ("10:00", "12:05", {"max_duration_minutes": 120}, ["duration_out_of_bounds"]),
        # … and its time before: early enough, late enough, neither.
        ("10:00", "11:00", {"min_advance_minutes": 60}, []),
        ("10:00", "11:00", {"min_advance_minutes": 61}, ["too_soon"]),
        (
            "10:00",
            "11:00",
            {"min_advance_minutes": 61, "max_advance_days": 0},
            ["too_soon", "too_far_ahead"],
        ),
        # A length that is none, whatever else is asked of it.
        ("10:00", "10:00", {"min_duration_minutes": 30}, ["invalid_interval"]),
        ("10:00", "09:00", {"max_duration_minutes": 30}, ["invalid_interval"]),
        # Seven minutes on a grid of five; off the grid by one.
        ("10:00", "10:07", {}, ["duration_not_multiple"]),
        ("10:01", "10:06", {"enforce_slot_alignment": True}, ["not_aligned"]),
        ("10:01", "10:06", {}, []),
    ],
)
def test_each_rule_is_kept_on_its_boundary(
    start: str, end: str, rules: dict[str, Any], refusal: list[str]
) -> None:
    """Asked an hour before; nine to six on a grid of five minutes."""
    settings = tenant(every_day(("09:00", "18:00")), slot_interval_minutes=5, **rules)
    assert codes(ask(settings, room(), f"2024-05-31 {start}", f"2024-05-31 {end}")) == refusal


def test_what_is_booked_and_too_soon_says_what_comes_first() -> None:
    """Past, then too soon, then booked: whose it is does not change when it may be had."""
    # Other engines leave all of them out of the list and say nothing.
    settings = tenant(every_day(("09:00", "13:00")), min_advance_minutes=90)
    busy = [taken("2024-05-31 09:00", "2024-05-31 13:00")]
    found = reasons(settings, room(), "2024-05-31", now=utc("2024-05-31 09:30"), busy=busy)
    assert found == ["past", "too_soon", "booked", "booked"]


@pytest.mark.parametrize(
    ("quota", "active", "over"),
    [(1, 0, False), (1, 1, True), (3, 2, False), (3, 3, True), (3, 9, True), (None, 99, False)],
)
def test_the_quota_is_reached_by_the_next_booking(
    quota: int | None, active: int, over: bool
) -> None:
    """LibreBooking's and eWorkbench's bookings per user: as many as allowed, and not one more."""
    settings = tenant(ALL_DAY, max_active_bookings_per_user=quota)
    assert is_over_quota(settings, active) is over
    answer = ask(
        settings,
        room(),
        "2024-05-31 10:00",
        "2024-05-31 11:00",
        active_bookings_of_user=active,
    )
    assert codes(answer) == (["quota_exceeded"] if over else [])


def test_the_next_free_place_is_looked_for_across_night_and_week() -> None:
    """Friday is full from three on, the weekend is closed, Monday is a holiday: Tuesday at nine."""
    # As a page that opens on the first date with something free.
    settings = tenant(
        {day: windows([("09:00", "17:00")]) for day in ("mon", "tue", "fri")},
        closures=[{"date": "2024-06-03"}],
    )
    busy = [taken("2024-05-31 15:00", "2024-05-31 17:00")]
    wanted = Request(utc("2024-05-31 15:00"), utc("2024-05-31 17:00"))
    terms = terms_for(settings, room())
    found = next_available(settings, room(), terms, wanted, utc("2024-05-31 14:00"), busy=busy)
    assert found is not None
    assert shown(found.start, found.end) == ["06-04 09:00", "06-04 11:00"]
    sooner = next_available(
        settings, room(), terms, wanted, utc("2024-05-31 14:00"), busy=busy, days=3
    )
    assert sooner is None
