"""Slots on days when clocks change, in the zones that break naive code."""

from datetime import date

import pytest

from domain.reservation.opening import opening
from tests.unit.domain.civil import shown
from tests.unit.domain.reservation.scene import every_day, override, room, slots, starts, tenant


def test_new_york_in_spring_has_three_hours_between_one_and_five() -> None:
    """Hours 01:00–05:00, 60-minute slots, 2026-03-08: 06:00Z, 07:00Z, 08:00Z."""
    settings = tenant(every_day(("01:00", "05:00")), timezone="America/New_York")
    assert starts(settings, room(), "2026-03-08") == ["03-08 06:00", "03-08 07:00", "03-08 08:00"]


def test_new_york_in_autumn_has_five() -> None:
    """The repeated hour gives two distinct UTC slots of exactly an hour."""
    settings = tenant(every_day(("01:00", "05:00")), timezone="America/New_York")
    found = slots(settings, room(), "2026-11-01")
    assert shown(*(slot.start for slot in found)) == [
        "11-01 05:00",
        "11-01 06:00",
        "11-01 07:00",
        "11-01 08:00",
        "11-01 09:00",
    ]
    assert {slot.end - slot.start for slot in found} == {3600}


def test_a_window_that_begins_in_the_gap_begins_after_it() -> None:
    """02:30–05:00 in New York: 02:30 is 07:30Z, shown as 03:30."""
    settings = tenant(every_day(("02:30", "05:00")), timezone="America/New_York")
    assert starts(settings, room(), "2026-03-08") == ["03-08 07:30"]


def test_a_window_that_ends_in_the_gap_ends_by_the_offset_before_it() -> None:
    """00:00–02:30 in New York ends at 07:30Z: two and a half hours have passed."""
    settings = tenant(every_day(("00:00", "02:30")), timezone="America/New_York")
    assert starts(settings, room(), "2026-03-08", minutes=60) == ["03-08 05:00", "03-08 06:00"]


def test_a_window_within_the_gap_is_none() -> None:
    """02:00–03:00 is skipped by the clocks of New York, and by nothing else."""
    settings = tenant(every_day(("02:00", "03:00")), timezone="America/New_York")
    assert starts(settings, room(), "2026-03-08") == []
    assert len(starts(settings, room(), "2026-03-09")) == 1


def test_a_window_that_ends_in_the_repeated_hour_ends_at_its_first_occurrence() -> None:
    """00:00–01:30 in New York on 2026-11-01 is an hour and a half."""
    settings = tenant(
        every_day(("00:00", "01:30")), timezone="America/New_York", slot_interval_minutes=30
    )
    assert starts(settings, room(), "2026-11-01") == ["11-01 04:00", "11-01 04:30", "11-01 05:00"]


def test_a_night_across_the_change_is_an_hour_shorter_or_longer() -> None:
    """22:00–06:00 in Lisbon: seven hours in March, nine in October."""
    settings = tenant(every_day(("22:00", "06:00")), timezone="Europe/Lisbon")
    assert len(starts(settings, room(), "2026-03-27")) == 8
    assert len(starts(settings, room(), "2026-03-28")) == 7
    assert len(starts(settings, room(), "2026-10-24")) == 9
    assert len(starts(settings, room(), "2026-03-29")) == 8


def test_lord_howe_changes_by_half_an_hour() -> None:
    """01:00–04:00 has five half hours in October and seven in April."""
    settings = tenant(
        every_day(("01:00", "04:00")), timezone="Australia/Lord_Howe", slot_interval_minutes=30
    )
    assert len(starts(settings, room(), "2026-10-03")) == 6
    assert len(starts(settings, room(), "2026-10-04")) == 5
    assert len(starts(settings, room(), "2026-04-05")) == 7


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("America/Sao_Paulo", "2018-11-03", 24),
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("America/Sao_Paulo", "2018-02-18", 24),
        ("America/Sao_Paulo", "2026-11-04", 24),
        ("Africa/Cairo", "2026-04-24", 23),
        ("Africa/Cairo", "2026-10-29", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Antarctica/Troll", "2026-03-29", 22),
        ("America/Nuuk", "2026-03-28", 23),
        ("Asia/Kathmandu", "2026-06-01", 24),
        ("Pacific/Apia", "2011-12-29", 24),
        ("Pacific/Apia", "2011-12-30", 0),
        ("Pacific/Apia", "2011-12-31", 24),
    ],
)
def test_a_whole_date_has_the_hours_that_pass_in_it(zone: str, on: str, hours: int) -> None:
    """00:00–24:00 is what the calendar calls that date, whether midnight exists or comes twice."""
    settings = tenant(every_day(("00:00", "24:00")), timezone=zone)
    found = starts(settings, room(), on)
    assert len(found) == len(set(found)) == hours


def test_a_skipped_date_is_bridged_by_what_never_closes() -> None:
    """In Apia the 29th touches the 31st: two hours from 23:00 on the 29th fit."""
    settings = tenant(every_day(("00:00", "24:00")), timezone="Pacific/Apia")
    assert len(starts(settings, room(), "2011-12-29", minutes=120)) == 24


def test_a_night_into_a_skipped_date_keeps_its_length() -> None:
    """22:00–02:00 on the 29th in Apia is four hours; the 31st begins at the third of them."""
    settings = tenant(every_day(("22:00", "02:00")), timezone="Pacific/Apia")
    assert len(starts(settings, room(), "2011-12-29")) == 4
    assert starts(settings, room(), "2011-12-30") == []


def test_the_midnight_that_cairo_skips_opens_at_one() -> None:
    """00:00–03:00 on 2026-04-24 opens at 22:00Z of the 23rd, shown as 01:00."""
    settings = tenant(every_day(("00:00", "03:00")), timezone="Africa/Cairo")
    assert starts(settings, room(), "2026-04-24") == ["04-23 22:00", "04-23 23:00"]


def test_windows_that_the_gap_pushes_together_count_as_one() -> None:
    """01:00–02:30 and 03:00–05:00 in New York overlap by half an hour on 2026-03-08: 07:00Z is
    on both grids and listed once, and a booking may lie across both.
    """
    hours = every_day(("01:00", "02:30"), ("03:00", "05:00"))
    settings = tenant(hours, timezone="America/New_York")
    assert starts(settings, room(), "2026-03-08") == ["03-08 06:00", "03-08 07:00", "03-08 08:00"]
    assert starts(settings, room(), "2026-03-08", minutes=180) == ["03-08 06:00"]


def test_business_hours_and_schedule_meet_as_instants_on_a_change_over_day() -> None:
    """The schedule 02:30–06:00 within hours 01:00–05:00 of New York is 07:30Z to 09:00Z."""
    settings = tenant(every_day(("01:00", "05:00")), timezone="America/New_York")
    resource = room(availability_schedule=every_day(("02:30", "06:00")))
    (window,) = opening(settings, resource, date(2026, 3, 8)).windows
    assert shown(window.span.start, window.span.end) == ["03-08 07:30", "03-08 09:00"]


def test_an_override_obeys_the_change_too() -> None:
    """An override 01:00–04:00 beyond hours has two hours on the spring day."""
    settings = tenant({}, timezone="America/New_York")
    resource = room(overrides=[override("2026-03-08", ("01:00", "04:00"), beyond=True)])
    assert starts(settings, resource, "2026-03-08") == ["03-08 06:00", "03-08 07:00"]
