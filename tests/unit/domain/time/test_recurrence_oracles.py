"""Recurring patterns against two implementations of RFC 5545 that are not ours, rule by rule.

Both are given the rule as answers show it. They go by the wall clock and let the offset before a
gap hold and the first occurrence of an overlap (§3.3.5), which is our rule too, so that instants
are compared as they come. Where an oracle differs from the RFC, the test says so.
"""

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar

from domain.time.recurrence import Pattern, occurrences, pattern_violations, rrule_text
from domain.time.zone import date_exists, load_zone, local_to_epoch
from tests.unit.domain.civil import CHANGES

RULES = 2_500
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Within the changed hour more often than not: clocks change at midnight, at one, two or three.
MINUTES = (0, 15, 30, 60, 75, 90, 105, 120, 135, 150, 165, 180, 540, 1380, 1410, 1425)


@dataclass(frozen=True)
class Series:
    """A pattern, and the naive local time that it begins with."""

    zone: str
    starts_at: datetime
    pattern: Pattern

    @property
    def text(self) -> str:
        return rrule_text(self.pattern, load_zone(self.zone))

    def ours(self) -> list[datetime]:
        found = occurrences(self.pattern, self.starts_at, load_zone(self.zone))
        return [datetime.fromtimestamp(start, UTC) for start in found]

    def __str__(self) -> str:
        return f"{self.starts_at} {self.zone} {self.text} EXDATE {self.pattern.exdates}"


@pytest.fixture(scope="module", autouse=True)
def _zones_of_the_package() -> Iterator[None]:
    """The oracles read the zone data that we read, whatever the machine has."""
    path = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(path)
    ZoneInfo.clear_cache()


def days_of(random: Random, frequency: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """`by_weekday` and `by_month_day`: of the frequency, or none."""
    some = tuple(random.sample(WEEKDAYS, random.randint(1, 3)))
    match frequency, random.randint(0, 3):
        case "weekly", 1 | 2 | 3:
            return some, ()
        case "monthly", 1:
            return tuple(random.choice(("1", "2", "3", "5", "-1", "-2")) + day for day in some), ()
        case "monthly", 2:
            return some, ()
        case "monthly", 3:
            return (), tuple(random.sample((1, 2, 13, 28, 29, 30, 31, -1, -2, -31), 2))
        case _:
            return (), ()


def drawn(random: Random) -> Series:
    """A series that begins with an occurrence, shortly before a change of its zone's clocks."""
    zone = random.choice(sorted(CHANGES))
    change = random.choice(CHANGES[zone])
    frequency = random.choice(("daily", "weekly", "monthly"))
    reach = {"daily": 12, "weekly": 60, "monthly": 200}[frequency]
    minute = random.choice(MINUTES) if random.random() < 0.8 else random.randint(0, 1439)
    on = change - timedelta(days=random.randint(0, reach))
    asked = datetime(on.year, on.month, on.day, minute // 60, minute % 60)
    by_weekday, by_month_day = days_of(random, frequency)
    last = change + timedelta(days=random.randint(0, reach))
    until: date | int = last
    if random.random() < 0.5:
        until = int(datetime(last.year, last.month, last.day, tzinfo=UTC).timestamp())
    counts = random.random() < 0.5
    pattern = Pattern(
        frequency=frequency,
        interval=random.choice((1, 1, 1, 2, 3, 5)),
        by_weekday=by_weekday,
        by_month_day=by_month_day,
        count=random.randint(1, 25) if counts else None,
        until=None if counts else until,
    )
    assert pattern_violations(pattern) == ()
    bare = replace(pattern, count=None, until=None)
    first = next(iter(rrulestr(rrule_text(bare, load_zone(zone)), dtstart=asked)))
    exdates = tuple(exdate(random, first, zone, reach) for _ in range(3))
    return Series(zone, first, replace(pattern, exdates=exdates))


def exdate(random: Random, first: datetime, zone: str, reach: int) -> date | int:
    """A date, or the instant of the series' time on it; more often than not an occurrence's."""
    wall = first + timedelta(days=random.choice((0, 1, 2, 7, 14, random.randint(0, reach))))
    return wall.date() if random.random() < 0.5 else local_to_epoch(wall, load_zone(zone))


@pytest.fixture(scope="module")
def drawn_series() -> list[Series]:
    """The same rules in every run, and a good part of them across a change of the clocks."""
    random = Random(5545)
    found = [drawn(random) for _ in range(RULES)]
    changed = [len({one.utcoffset() for one in by_dateutil(each)}) > 1 for each in found]
    assert sum(changed) > RULES / 4
    return found


def by_dateutil(series: Series) -> list[datetime]:
    """What python-dateutil expands the text to, on the zone's clock; EXDATE is left aside."""
    start = series.starts_at.replace(tzinfo=load_zone(series.zone))
    return list(rrulestr(asked_of_oracles(series), dtstart=start))


def asked_of_oracles(series: Series) -> str:
    """The text. Both oracles count a date that the zone skipped (2011-12-30 in Apia), which an RFC
    5545 recurrence has not (§3.3.10: an invalid date is ignored and not counted): where they meet
    one, they are asked for one more, and `existing` leaves it out.
    """
    walls = rrulestr(series.text.partition(";UNTIL")[0], dtstart=series.starts_at)
    count, zone = series.pattern.count, load_zone(series.zone)
    if count is None or all(date_exists(wall.date(), zone) for wall in walls):
        return series.text
    return series.text.replace(f"COUNT={count}", f"COUNT={count + 1}")


def existing(series: Series, walls: list[datetime]) -> list[datetime]:
    """In UTC, without what lies on a date that the zone skipped."""
    zone = load_zone(series.zone)
    return sorted(wall.astimezone(UTC) for wall in walls if date_exists(wall.date(), zone))


def test_the_rule_as_it_is_shown_expands_to_our_occurrences(drawn_series: list[Series]) -> None:
    """python-dateutil, given `rrule` and the aware start, finds the same instants."""
    for series in drawn_series:
        plain = replace(series, pattern=replace(series.pattern, exdates=()))
        assert plain.ours() == existing(series, by_dateutil(series)), str(series)


def calendar_of(series: Series) -> Calendar:
    """A calendar with one event of a minute, as another program would send it."""
    moment = f"{series.starts_at:%Y%m%dT%H%M%S}"
    lines = [f"DTSTART;TZID={series.zone}:{moment}", "DURATION:PT1M"]
    lines.append(f"RRULE:{asked_of_oracles(series)}")
    for one in series.pattern.exdates:
        if isinstance(one, int):
            lines.append(f"EXDATE:{datetime.fromtimestamp(one, UTC):%Y%m%dT%H%M%SZ}")
        elif date_exists(one, load_zone(series.zone)):
            # EXDATE has DTSTART's type (§3.8.5.1): the series' time on that date. On a date that
            # was skipped it would take out the next date's, which falls on the same instant.
            lines.append(f"EXDATE;TZID={series.zone}:{one:%Y%m%d}T{series.starts_at:%H%M%S}")
    event = ["BEGIN:VEVENT", "UID:1", "DTSTAMP:20200101T000000Z", *lines, "END:VEVENT"]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    return Calendar.from_ical("\r\n".join([*head, *event, "END:VCALENDAR", ""]))


def test_a_calendar_program_finds_our_occurrences(drawn_series: list[Series]) -> None:
    """recurring-ical-events expands a VCALENDAR of the series, EXDATE included, to our instants."""
    for series in drawn_series:
        begin = series.starts_at - timedelta(days=2)
        found = recurring_ical_events.of(calendar_of(series)).between(begin, timedelta(days=9_000))
        walls = [event["DTSTART"].dt for event in found]
        assert series.ours() == existing(series, walls), str(series)
