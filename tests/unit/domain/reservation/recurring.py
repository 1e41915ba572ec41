"""Recurring patterns as the tests write them, and the dates they come to."""

from typing import Any

from domain.reservation.series import expanded
from domain.time.recurrence import pattern_from_document
from domain.time.violation import Violation
from domain.time.zone import in_zone, load_zone
from tests.unit.domain.civil import utc

HALF_HOUR = 1800


def days(document: dict[str, Any], first: str) -> list[str]:
    """The dates of a pattern whose first is at nine in UTC; every one of them is at nine."""
    found = expanded(
        pattern_from_document(document), utc(f"{first} 09:00"), HALF_HOUR, load_zone("UTC")
    )
    assert not isinstance(found, Violation), found
    shown = [in_zone(start, load_zone("UTC")) for start in found]
    assert {f"{one:%H:%M}" for one in shown} == {"09:00"}
    return [f"{one:%Y-%m-%d}" for one in shown]


def in_months(year: int, *listed: tuple[int, ...]) -> list[str]:
    """The dates of a year: (month, day, day, …)."""
    return [f"{year}-{month:02d}-{day:02d}" for month, *numbers in listed for day in numbers]
