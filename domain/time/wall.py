"""Wall-clock windows of a day and of a week: "09:00" to "24:00", and past midnight.

Days are indexed as `date.weekday()` does it: 0 is Monday.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from domain.time.interval import Interval
from domain.time.violation import Malformed, Violation
from domain.time.zone import MINUTES_A_DAY, date_exists, to_epoch

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True, order=True)
class WallWindow:
    """Minutes after midnight; an `end` at or before `start` lies on the following date."""

    start: int
    end: int

    @property
    def reach(self) -> int:
        """The end in minutes after the midnight that begins the opening date."""
        return self.end if self.end > self.start else self.end + MINUTES_A_DAY


Windows = tuple[WallWindow, ...]
Week = tuple[Windows, Windows, Windows, Windows, Windows, Windows, Windows]
NO_WEEK: Week = ((), (), (), (), (), (), ())


def parse_clock(text: object) -> int:
    """Minutes after midnight of "HH:MM"; "24:00" is 1440. Raises `Malformed`."""
    if text == "24:00":
        return MINUTES_A_DAY
    matched = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        raise Malformed(f"{text!r} is no time of day: HH:MM, 24:00 at most")
    return int(matched[1]) * 60 + int(matched[2])


def format_clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def windows_from_document(listed: Any) -> Windows:
    """Windows of `[{"start": "09:00", "end": "12:00"}, …]`, by start. Raises `Malformed`."""
    if not isinstance(listed, list | tuple):
        raise Malformed("windows are a list of {start, end}")
    found = []
    for window in listed:
        if not isinstance(window, Mapping):
            raise Malformed("a window is {start, end}")
        found.append(WallWindow(parse_clock(window.get("start")), parse_clock(window.get("end"))))
    return tuple(sorted(found))


def windows_to_document(windows: Windows) -> list[dict[str, str]]:
    return [{"start": format_clock(w.start), "end": format_clock(w.end)} for w in windows]


def week_from_document(document: Any) -> Week:
    """The week of `{"mon": […], …}`; a day that is left out is closed. Raises `Malformed`."""
    if not isinstance(document, Mapping):
        raise Malformed("a week is an object with the days mon to sun")
    if strange := sorted(set(document) - set(DAYS)):
        raise Malformed(f"{strange[0]!r} is no day of the week")
    mon, tue, wed, thu, fri, sat, sun = (
        windows_from_document(() if document.get(day) is None else document[day]) for day in DAYS
    )
    return (mon, tue, wed, thu, fri, sat, sun)


def week_to_document(week: Week) -> dict[str, list[dict[str, str]]]:
    return {day: windows_to_document(windows) for day, windows in zip(DAYS, week, strict=True)}


def windows_violations(windows: Sequence[WallWindow], field: str) -> tuple[Violation, ...]:
    """What is wrong within one day: an impossible start, or windows that overlap."""
    found = []
    ordered = sorted(windows)
    for index, window in enumerate(ordered):
        if not 0 <= window.start < MINUTES_A_DAY:
            message = "A window starts before 24:00."
            found.append(Violation(f"{field}.{index}.start", "invalid_window", message))
        if index and ordered[index - 1].reach > window.start:
            message = "Windows of one day may not overlap."
            found.append(Violation(f"{field}.{index}", "windows_overlap", message))
    return tuple(found)


def week_violations(week: Week, field: str) -> tuple[Violation, ...]:
    """What is wrong within each day, and where a night runs into the next day's first window."""
    found: list[Violation] = []
    for index, windows in enumerate(week):
        found += windows_violations(windows, f"{field}.{DAYS[index]}")
        following = (index + 1) % len(DAYS)
        late = max((window.reach for window in windows), default=0) - MINUTES_A_DAY
        if week[following] and late > min(window.start for window in week[following]):
            message = f"The last window of {DAYS[index]} runs into the first of {DAYS[following]}."
            found.append(Violation(f"{field}.{DAYS[index]}", "windows_overlap", message))
    return tuple(found)


def windows_on(windows: Sequence[WallWindow], on: date, zone: ZoneInfo) -> tuple[Interval, ...]:
    """The windows as instants when they open on that date; each start and end by `to_epoch`.

    One that comes out empty or negative on a change-over day is no window, and a date that the
    zone skipped has none: by the letter of RFC 5545 its hours would fall upon the next date's.
    """
    if not windows or not date_exists(on, zone):
        return ()
    found = []
    for window in windows:
        start = to_epoch(on, window.start, zone)
        end = _end(window, on, zone)
        if start < end:
            found.append(Interval(start, end))
    return tuple(found)


def _end(window: WallWindow, on: date, zone: ZoneInfo) -> int:
    if window.end > window.start:
        return to_epoch(on, window.end, zone)
    return to_epoch(date.fromordinal(on.toordinal() + 1), window.end, zone)
