"""Windows of a week: how they are written, and when they are wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time.interval import Interval
from domain.time.violation import Malformed
from domain.time.wall import (
    NO_WEEK,
    WallWindow,
    format_clock,
    parse_clock,
    week_from_document,
    week_to_document,
    week_violations,
    windows_on,
)
from domain.time.zone import load_zone
from tests.unit.domain.civil import utc


def codes(week: dict[str, list[dict[str, str]]]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in week_violations(week_from_document(week), "hours")]


def test_a_time_of_day_is_written_as_hours_and_minutes() -> None:
    """00:00 to 23:59 and 24:00, and nothing else."""
    assert [parse_clock(text) for text in ("00:00", "09:05", "23:59", "24:00")] == [
        0,
        545,
        1439,
        1440,
    ]
    for wrong in ("24:01", "9:00", "09:60", "09:00:00", "", None, 900, "٠٩:٠٠", "09:00\n"):
        with pytest.raises(Malformed):
            parse_clock(wrong)


@given(st.integers(0, 1440))
def test_a_time_of_day_survives_its_writing(minute: int) -> None:
    """What is written is read as the same minute."""
    assert parse_clock(format_clock(minute)) == minute


def test_a_week_is_written_by_day_and_survives_it() -> None:
    """A day that is left out is closed; windows are kept by their start."""
    document = {"mon": [{"start": "13:00", "end": "24:00"}, {"start": "09:00", "end": "12:00"}]}
    week = week_from_document(document)
    assert week[0] == (WallWindow(540, 720), WallWindow(780, 1440))
    assert week[1:] == NO_WEEK[1:]
    assert week_from_document(week_to_document(week)) == week


@pytest.mark.parametrize(
    "document",
    [{"monday": []}, [], {"mon": {}}, {"mon": ["09:00"]}, {"mon": [{"start": "09:00"}]}],
)
def test_what_is_no_week_is_malformed(document: object) -> None:
    """A shape that the contract does not have is refused in reading, not judged."""
    with pytest.raises(Malformed):
        week_from_document(document)


def test_windows_of_one_day_may_touch_and_may_not_overlap() -> None:
    """09–12 and 12–14 are fine, 09–12 and 11–14 are not."""
    touching = [{"start": "09:00", "end": "12:00"}, {"start": "12:00", "end": "14:00"}]
    overlapping = [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "14:00"}]
    assert codes({"mon": touching}) == []
    assert codes({"mon": overlapping}) == [("hours.mon.1", "windows_overlap")]


def test_a_night_may_not_run_into_the_next_days_first_window() -> None:
    """Monday 22–06 beside Tuesday 06 is fine, beside Tuesday 05 it is not."""
    night = [{"start": "22:00", "end": "06:00"}]
    assert codes({"mon": night, "tue": [{"start": "06:00", "end": "09:00"}]}) == []
    assert codes({"mon": night, "tue": [{"start": "05:00", "end": "09:00"}]}) == [
        ("hours.mon", "windows_overlap")
    ]


def test_sundays_night_may_not_run_into_monday() -> None:
    """The week is a circle."""
    night = [{"start": "22:00", "end": "02:00"}]
    assert codes({"sun": night, "mon": [{"start": "01:00", "end": "02:00"}]}) == [
        ("hours.sun", "windows_overlap")
    ]


def test_a_late_window_within_a_day_counts_its_reach() -> None:
    """An early night that runs past midnight covers what begins later on the same day."""
    assert codes(
        {"fri": [{"start": "20:00", "end": "02:00"}, {"start": "22:00", "end": "23:00"}]}
    ) == [("hours.fri.1", "windows_overlap")]


def test_round_the_clock_is_no_overlap() -> None:
    """00:00–24:00 on each day, and 09:00–09:00 on each day, touch and do not overlap."""
    for window in ({"start": "00:00", "end": "24:00"}, {"start": "09:00", "end": "09:00"}):
        assert codes({day: [window] for day in ("mon", "tue", "wed", "thu", "fri")}) == []


def test_a_window_cannot_start_at_24() -> None:
    """24:00 is an end; the day after starts at 00:00."""
    assert codes({"mon": [{"start": "24:00", "end": "02:00"}]}) == [
        ("hours.mon.0.start", "invalid_window")
    ]


def test_a_window_within_a_gap_is_no_window() -> None:
    """02:30–03:10 in New York on 2026-03-08 would end before it starts."""
    zone = load_zone("America/New_York")
    assert windows_on([WallWindow(150, 190)], date(2026, 3, 8), zone) == ()
    assert windows_on([WallWindow(150, 210)], date(2026, 3, 8), zone) == ()
    assert windows_on([WallWindow(150, 240)], date(2026, 3, 8), zone) == (
        Interval(utc("2026-03-08 07:30"), utc("2026-03-08 08:00")),
    )
