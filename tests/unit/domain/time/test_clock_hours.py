"""Stretches of time by the hour that clocks show, held against counting minute by minute."""

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.time.clock_hours import by_clock_hour
from domain.time.interval import Interval
from domain.time.zone import in_zone, load_zone, to_epoch
from tests.unit.domain.civil import utc, zone_and_day


@given(zone_and_day(), st.integers(-1500, 1500), st.integers(0, 4000))
def test_it_is_what_counting_minutes_gives(
    found: tuple[str, date], from_minute: int, minutes: int
) -> None:
    """Every minute falls into the date and hour that the zone's clocks show at it, whatever the
    clocks do in between."""
    name, day = found
    zone = load_zone(name)
    start = to_epoch(day, 0, zone) + from_minute * 60
    counted: Counter[tuple[date, int]] = Counter()
    for minute in range(minutes):
        shown = in_zone(start + minute * 60, zone)
        counted[shown.date(), shown.hour] += 60
    assert by_clock_hour(Interval(start, start + minutes * 60), zone) == counted


def test_an_hour_that_comes_twice_has_120_minutes() -> None:
    """New York on 2026-11-01, 00:30 to 03:00 on the clock: two hours of one o'clock."""
    night = Interval(utc("2026-11-01 04:30"), utc("2026-11-01 08:00"))
    day = date(2026, 11, 1)
    assert by_clock_hour(night, load_zone("America/New_York")) == {
        (day, 0): 1800,
        (day, 1): 7200,
        (day, 2): 3600,
    }


def test_a_stretch_within_a_minute_is_not_rounded() -> None:
    """Seconds are kept, also over midnight."""
    around = Interval(utc("2026-06-01 23:59") + 50, utc("2026-06-02 00:00") + 7)
    assert by_clock_hour(around, load_zone("UTC")) == {
        (date(2026, 6, 1), 23): 10,
        (date(2026, 6, 2), 0): 7,
    }
    assert by_clock_hour(Interval(5, 5), load_zone("UTC")) == {}
