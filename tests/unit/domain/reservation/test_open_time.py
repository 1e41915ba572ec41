"""Open time by date and hour: what the rules say, counted minute by minute."""

from datetime import date
from typing import Any

import pytest

from domain.reservation.open_time import CLOSED, OpenTime
from tests.unit.domain.civil import WEEK

RESOURCE: dict[str, Any] = {"id": "1"}


def hours(*pairs: tuple[int, int]) -> tuple[int, ...]:
    """Minutes by hour, as seconds of all 24."""
    found = list(CLOSED)
    for hour, minutes in pairs:
        found[hour] = minutes * 60
    return tuple(found)


def week(start: str, end: str) -> dict[str, Any]:
    return {day: [{"start": start, "end": end}] for day in WEEK}


def shown(settings: dict[str, Any], on: date, **resource: Any) -> tuple[int, ...]:
    return OpenTime(settings).of({**RESOURCE, **resource}, on, on)[on]


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        (date(2026, 11, 1), hours((1, 120), (2, 60), (3, 60))),
        (date(2026, 3, 8), hours((1, 60), (3, 60))),
        (date(2026, 3, 9), hours((1, 60), (2, 60), (3, 60))),
    ],
)
def test_days_on_which_clocks_change(on: date, wanted: tuple[int, ...]) -> None:
    """01:00 to 04:00 in New York has 240 minutes when an hour repeats, 120 when one is skipped."""
    rules = {"timezone": "America/New_York", "business_hours": week("01:00", "04:00")}
    assert shown(rules, on) == wanted


def test_after_midnight_it_is_the_next_day() -> None:
    """A night from 22:00 to 02:00 counts two hours for each of the days that it lies in."""
    rules = {"timezone": "UTC", "business_hours": {"fri": [{"start": "22:00", "end": "02:00"}]}}
    friday, saturday, sunday = (date(2026, 12, day) for day in (4, 5, 6))
    found = OpenTime(rules).of(RESOURCE, friday, sunday)
    assert found[friday] == hours((22, 60), (23, 60))
    assert found[saturday] == hours((0, 60), (1, 60))
    assert found[sunday] == CLOSED
    assert shown(rules, saturday) == found[saturday]


def test_closures_are_taken_off() -> None:
    """A closed date has no open time, and a closure of instants takes its own off."""
    closed = {"starts_at": "2026-12-08T09:15:00Z", "ends_at": "2026-12-08T10:30:00Z"}
    rules = {
        "timezone": "UTC",
        "business_hours": week("09:00", "12:00"),
        "closures": [{"date": "2026-12-07"}, closed],
    }
    assert shown(rules, date(2026, 12, 7)) == CLOSED
    assert shown(rules, date(2026, 12, 8)) == hours((9, 15), (10, 30), (11, 60))


def test_a_resource_has_its_own_hours_and_days() -> None:
    """Its schedule, zone and overrides hold; while it is inactive it is not open."""
    rules = {"timezone": "UTC", "business_hours": week("00:00", "24:00")}
    on = date(2026, 12, 8)
    own = {"availability_schedule": week("10:00", "11:00"), "timezone": "America/Sao_Paulo"}
    assert shown(rules, on, **own) == hours((10, 60))
    override = {
        "date": str(on),
        "closed": False,
        "windows": [{"start": "13:00", "end": "13:30"}],
        "beyond_business_hours": False,
    }
    assert shown(rules, on, **own, overrides=[override]) == hours((13, 30))
    assert shown(rules, on, **own, active=False) == CLOSED
