"""What the rules say, word for word, in the zones and on the days that break naive code."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.reservation.acceptance import Accepted
from domain.reservation.booking import Booking, Status, Terms
from domain.reservation.cancellation import cancellation_standing, reschedule_standing
from domain.reservation.series import expanded
from domain.time.recurrence import Pattern
from domain.time.zone import in_zone, load_zone
from tests.unit.domain.civil import shown, utc
from tests.unit.domain.reservation.people import ANA, booking
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    override,
    reasons,
    room,
    slots,
    starts,
    tenant,
)

ALWAYS = every_day(("00:00", "24:00"))


def _at(made: Booking, start: int) -> Booking:
    return replace(made, starts_at=start, ends_at=start + 3600)


def on_the_clock(zone: str, *epochs: float) -> list[str]:
    """As the zone's clocks show it."""
    return [f"{in_zone(epoch, load_zone(zone)):%m-%d %H:%M}" for epoch in epochs]


def recurring(zone: str, first: str, pattern: Pattern, minutes: int = 60) -> tuple[int, ...]:
    """The starts of a series whose first begins at this local time."""
    known = load_zone(zone)
    begin = datetime.fromisoformat(first).replace(tzinfo=known).timestamp()
    found = expanded(pattern, int(begin), minutes * 60, known)
    assert isinstance(found, tuple), found
    return found


@pytest.mark.parametrize(
    ("zone", "on", "night", "hours"),
    [
        # Midnight of the 4th is 01:00: an hour is not there.
        ("America/Sao_Paulo", "2018-11-03", ("22:00", "02:00"), 3),
        ("America/Sao_Paulo", "2018-11-03", ("22:00", "24:00"), 2),
        ("America/Sao_Paulo", "2018-11-04", ("00:00", "03:00"), 2),
        # 23:00 of the 17th comes twice.
        ("America/Sao_Paulo", "2018-02-17", ("22:00", "02:00"), 5),
        ("America/Sao_Paulo", "2018-02-17", ("22:00", "24:00"), 3),
        ("America/Sao_Paulo", "2018-02-17", ("22:00", "23:00"), 1),
        ("America/Sao_Paulo", "2019-02-16", ("22:00", "02:00"), 5),
        # No summer time since 2019.
        ("America/Sao_Paulo", "2019-11-02", ("22:00", "02:00"), 4),
        ("America/Sao_Paulo", "2026-11-07", ("22:00", "02:00"), 4),
        ("America/New_York", "2026-03-07", ("22:00", "06:00"), 7),
        ("America/New_York", "2026-10-31", ("22:00", "06:00"), 9),
        ("Europe/Lisbon", "2026-03-29", ("00:00", "03:00"), 2),
        ("Europe/Lisbon", "2026-10-25", ("00:00", "03:00"), 4),
        # Half an hour, so that the last of the hours does not fit.
        ("Australia/Lord_Howe", "2026-10-04", ("01:00", "04:00"), 2),
        ("Australia/Lord_Howe", "2026-04-05", ("01:00", "03:30"), 3),
        # A quarter of an hour, once: from +05:30 to +05:45.
        ("Asia/Kathmandu", "1986-01-01", ("00:00", "03:00"), 2),
        ("Asia/Kathmandu", "2026-01-01", ("00:00", "03:00"), 3),
        # The 30th is not there; the night into it goes on in the 31st.
        ("Pacific/Apia", "2011-12-29", ("22:00", "06:00"), 8),
        ("Pacific/Apia", "2011-12-30", ("22:00", "06:00"), 0),
        # Midnight of the 24th is 01:00; the 29th of October has its last hour twice.
        ("Africa/Cairo", "2026-04-23", ("22:00", "02:00"), 3),
        ("Africa/Cairo", "2026-04-23", ("22:00", "24:00"), 2),
        ("Africa/Cairo", "2026-10-29", ("22:00", "24:00"), 3),
        ("Africa/Cairo", "2026-10-29", ("22:00", "02:00"), 5),
    ],
)
def test_a_window_has_the_hours_that_pass_in_it(
    zone: str, on: str, night: tuple[str, str], hours: int
) -> None:
    """All its slots stand under the date on which it opens; each is an hour and can be booked."""
    settings = tenant(every_day(night), timezone=zone, enforce_slot_alignment=True)
    found = slots(settings, room(), on)
    assert len(found) == hours
    assert {slot.end - slot.start for slot in found} <= {3600}
    for slot in found:
        from_, to = (in_zone(at, load_zone("UTC")) for at in (slot.start, slot.end))
        answer = ask(settings, room(), f"{from_:%Y-%m-%d %H:%M}", f"{to:%Y-%m-%d %H:%M}")
        assert isinstance(answer, Accepted)


@pytest.mark.parametrize(
    ("zone", "first", "expected"),
    [
        (
            "America/Sao_Paulo",
            "2018-11-03T00:00",
            ["11-03 00:00", "11-04 01:00", "11-05 00:00"],
        ),
        (
            "America/Sao_Paulo",
            "2026-11-03T00:00",
            ["11-03 00:00", "11-04 00:00", "11-05 00:00"],
        ),
        ("America/New_York", "2026-10-31T01:30", ["10-31 01:30", "11-01 01:30", "11-02 01:30"]),
        ("Europe/Lisbon", "2026-03-28T01:30", ["03-28 01:30", "03-29 02:30", "03-30 01:30"]),
        ("Australia/Lord_Howe", "2026-10-03T02:15", ["10-03 02:15", "10-04 02:45", "10-05 02:15"]),
        ("Asia/Kathmandu", "2026-03-28T09:00", ["03-28 09:00", "03-29 09:00", "03-30 09:00"]),
        ("Pacific/Apia", "2011-12-29T09:00", ["12-29 09:00", "12-31 09:00", "01-01 09:00"]),
        ("Africa/Cairo", "2026-04-23T00:30", ["04-23 00:30", "04-24 01:30", "04-25 00:30"]),
        ("Africa/Cairo", "2026-10-28T23:30", ["10-28 23:30", "10-29 23:30", "10-30 23:30"]),
    ],
)
def test_a_series_keeps_the_time_on_the_clock(zone: str, first: str, expected: list[str]) -> None:
    """Daily, three times: what falls into a gap is shown after it, on that day only."""
    found = recurring(zone, first, Pattern(frequency="daily", count=3))
    assert on_the_clock(zone, *found) == expected


def test_an_hour_that_comes_twice_is_the_first() -> None:
    """01:30 of 2026-11-01 in New York is 05:30Z, and 23:30 of 2026-10-29 in Cairo 20:30Z."""
    (late,) = recurring("America/New_York", "2026-11-01T01:30", Pattern(frequency="daily", count=1))
    (night,) = recurring("Africa/Cairo", "2026-10-29T23:30", Pattern(frequency="daily", count=1))
    assert shown(late, night) == ["11-01 05:30", "10-29 20:30"]


def test_weekday_and_day_of_a_series_are_those_of_the_local_start() -> None:
    """01:00Z on Friday the 5th is Thursday the 4th in Sao Paulo, and 12:00Z is the 6th in Apia."""
    weekly = Pattern(frequency="weekly", count=2)
    monthly = Pattern(frequency="monthly", count=2)
    zone = load_zone("America/Sao_Paulo")
    found = expanded(weekly, utc("2026-06-05 01:00"), 3600, zone)
    assert isinstance(found, tuple)
    assert on_the_clock(zone.key, *found) == ["06-04 22:00", "06-11 22:00"]
    zone = load_zone("Pacific/Apia")
    found = expanded(monthly, utc("2026-06-05 12:00"), 3600, zone)
    assert isinstance(found, tuple)
    assert on_the_clock(zone.key, *found) == ["06-06 01:00", "07-06 01:00"]


def test_a_friday_that_was_skipped_is_skipped_by_a_weekly_series() -> None:
    """Apia: the 23rd of December 2011, and then the 6th of January; a closed day cannot be met."""
    found = recurring("Pacific/Apia", "2011-12-23T09:00", Pattern(frequency="weekly", count=3))
    assert on_the_clock("Pacific/Apia", *found) == ["12-23 09:00", "01-06 09:00", "01-13 09:00"]


@pytest.mark.parametrize(
    ("zone", "start", "boundary"),
    [
        # Ten in the morning after the change; the window ended at nine of the day before.
        ("America/New_York", "2026-03-08 14:00", "03-07 09:00"),
        ("America/New_York", "2026-11-01 15:00", "10-31 11:00"),
        ("America/Sao_Paulo", "2018-11-04 12:00", "11-03 09:00"),
        ("America/Sao_Paulo", "2026-11-04 13:00", "11-03 10:00"),
        ("Europe/Lisbon", "2026-03-29 09:00", "03-28 09:00"),
        ("Australia/Lord_Howe", "2026-10-03 23:00", "10-03 09:30"),
        ("Asia/Kathmandu", "2026-06-05 04:15", "06-04 10:00"),
        ("Pacific/Apia", "2011-12-30 20:00", "12-29 10:00"),
        ("Africa/Cairo", "2026-04-24 07:00", "04-23 09:00"),
    ],
)
def test_a_window_of_24_hours_is_elapsed_time(zone: str, start: str, boundary: str) -> None:
    """For cancelling and for moving; to the second on the boundary, and not beyond it."""
    at = utc(start)
    made = booking(terms=Terms(cancellation_window_hours=24, reschedule_window_hours=24))
    standing = cancellation_standing(_at(made, at), at - 24 * 3600, ANA)
    assert standing.can_cancel
    assert standing.can_cancel_until is not None
    assert on_the_clock(zone, standing.can_cancel_until) == [boundary]
    assert not cancellation_standing(_at(made, at), at - 24 * 3600 + 1, ANA).can_cancel
    assert reschedule_standing(_at(made, at), at - 24 * 3600, ANA).can_reschedule
    assert not reschedule_standing(_at(made, at), at - 24 * 3600 + 1, ANA).can_reschedule


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        # Nine to nine on the clock.
        ("America/New_York", "2026-03-07 14:00", "2026-03-08 13:00", 23),
        ("America/New_York", "2026-10-31 13:00", "2026-11-01 14:00", 25),
        ("America/Sao_Paulo", "2018-11-03 12:00", "2018-11-04 11:00", 23),
        ("America/Sao_Paulo", "2019-02-16 11:00", "2019-02-17 12:00", 25),
        ("America/Sao_Paulo", "2026-11-03 12:00", "2026-11-04 12:00", 24),
        # From the 29th to the 31st.
        ("Pacific/Apia", "2011-12-29 19:00", "2011-12-30 19:00", 24),
    ],
)
def test_the_length_of_a_booking_is_elapsed_time(
    zone: str, start: str, end: str, hours: int
) -> None:
    """A day on the clock is as long as it takes: its bounds are kept to the hour."""
    exact = tenant(ALWAYS, timezone=zone, min_duration_minutes=hours * 60,
                   max_duration_minutes=hours * 60)  # fmt: skip
    more = tenant(ALWAYS, timezone=zone, min_duration_minutes=(hours + 1) * 60)
    less = tenant(ALWAYS, timezone=zone, max_duration_minutes=(hours - 1) * 60)
    assert on_the_clock(zone, utc(start))[0][6:] == on_the_clock(zone, utc(end))[0][6:] == "09:00"
    assert codes(ask(exact, room(), start, end)) == []
    assert codes(ask(more, room(), start, end)) == ["duration_out_of_bounds"]
    assert codes(ask(less, room(), start, end)) == ["duration_out_of_bounds"]


def test_lead_time_and_horizon_are_elapsed_time() -> None:
    """An hour before 03:00 in New York's spring is 01:00; a day before it is 02:00."""
    start, end = "2026-03-08 07:00", "2026-03-08 08:00"
    soon = tenant(ALWAYS, timezone="America/New_York", min_advance_minutes=60)
    assert on_the_clock("America/New_York", utc(start) - 3600, utc(start) - 86_400) == [
        "03-08 01:00",
        "03-07 02:00",
    ]
    assert codes(ask(soon, room(), start, end, now=utc(start) - 3600)) == []
    assert codes(ask(soon, room(), start, end, now=utc(start) - 3599)) == ["too_soon"]
    near = tenant(ALWAYS, timezone="America/New_York", max_advance_days=1)
    assert codes(ask(near, room(), start, end, now=utc(start) - 86_400)) == []
    assert codes(ask(near, room(), start, end, now=utc(start) - 86_401)) == ["too_far_ahead"]


@pytest.mark.parametrize(
    ("zone", "on", "closed"),
    [
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("Africa/Cairo", "2026-04-24", 23),
        # Twenty-three and a half: the last begins then and ends on the next date.
        ("Australia/Lord_Howe", "2026-10-04", 24),
        ("Asia/Kathmandu", "2026-06-01", 24),
    ],
)
def test_a_closed_date_is_as_long_as_the_date(zone: str, on: str, closed: int) -> None:
    """A closure takes the windows that open on it; the neighbouring dates keep all of theirs."""
    settings = tenant(ALWAYS, timezone=zone)
    shut = tenant(ALWAYS, timezone=zone, closures=[{"date": on}])
    assert len(starts(settings, room(), on)) == closed
    assert starts(shut, room(), on) == []
    for neighbour in (_day(on, -1), _day(on, 1)):
        assert starts(shut, room(), neighbour) == starts(settings, room(), neighbour)


def test_a_closure_or_an_override_of_a_skipped_date_is_of_nothing() -> None:
    """Apia's 30th of December 2011 can neither be closed nor opened."""
    settings = tenant(ALWAYS, timezone="Pacific/Apia", closures=[{"date": "2011-12-30"}])
    opened = room(overrides=[override("2011-12-30", ("09:00", "12:00"), beyond=True)])
    for resource in (room(), opened):
        counts = [len(starts(settings, resource, f"2011-12-{day}")) for day in (29, 30, 31)]
        assert counts == [24, 0, 24]


def test_a_closure_of_instants_meets_what_the_clock_shows_twice_only_once() -> None:
    """New York, 2026-11-01: the second 01:00 is closed, the first is not."""
    closure = {"starts_at": "2026-11-01T06:00:00Z", "ends_at": "2026-11-01T07:00:00Z"}
    settings = tenant(every_day(("00:00", "03:00")), timezone="America/New_York",
                      closures=[closure])  # fmt: skip
    assert starts(settings, room(), "2026-11-01") == [
        "11-01 04:00",
        "11-01 05:00",
        "11-01 06:00",
        "11-01 07:00",
    ]
    assert reasons(settings, room(), "2026-11-01") == [None, None, "closed", None]


def test_a_grid_is_anchored_at_the_opening_that_the_change_made() -> None:
    """02:30 in New York's spring opens at 03:30, and slots step from there."""
    settings = tenant(every_day(("02:30", "06:00")), timezone="America/New_York",
                      enforce_slot_alignment=True)  # fmt: skip
    assert starts(settings, room(), "2026-03-08") == ["03-08 07:30", "03-08 08:30"]
    assert codes(ask(settings, room(), "2026-03-08 08:00", "2026-03-08 09:00")) == ["not_aligned"]


def test_status_is_asked_of_instants_and_not_of_clocks() -> None:
    """A customer may cancel until the start, also where the clock shows that hour twice."""
    start = utc("2026-11-01 06:30")
    made = _at(booking(Status.CONFIRMED, terms=Terms(cancellation_window_hours=0)), start)
    assert cancellation_standing(made, utc("2026-11-01 05:30"), ANA).can_cancel
    assert cancellation_standing(made, start, ANA).can_cancel
    assert not cancellation_standing(made, start + 1, ANA).can_cancel


def _day(on: str, offset: int) -> str:
    at = utc(f"{on} 12:00") + offset * 86_400
    return f"{in_zone(at, load_zone('UTC')):%Y-%m-%d}"
