"""What a calendar file (RFC 5545) closes: its events, repetitions expanded, in a process apart.

    python -m handlers.tenant.calendar_reading < request.json > answer.json

The file is a stranger's. Reading it may take for ever, fill the memory, or leave time zones of its
own in the reading package for whoever comes next; here the process ends with it, and is ended by
the system beyond its share of the processor.
"""

import hashlib
import json
import resource
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from domain.time.instant import utc_of
from domain.time.zone import load_zone, local_to_epoch

# The packages give a property one of thirty types; what is looked at is checked first.
Component = Any

MEMORY_BYTES = 1 << 30
# A series that began earlier, and an end that lies later, is a slip or ill will.
YEARS = range(1900, 2101)
CLOSURE_YEARS = range(2000, 2101)
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
MOST_OCCURRENCES = 10_000
# As long as a digest.
LONGEST_UID = 71
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_REPEATED = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
# What the packages raise over a file that makes no sense.
_NONSENSE = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError)


class Unreadable(Exception):
    """The file is no calendar, or one that nobody can have meant; says why."""


def read_calendar(
    text: str, *, timezone: str, since: datetime, until: datetime, limit: int
) -> dict[str, Any]:
    """`events` that close between the instants, `limit` + 1 of them at most, and `skipped` ones
    with a code. A time without a zone is read in `timezone`. Raises `Unreadable`."""
    try:
        calendars: list[Component] = Calendar.from_ical(text.removeprefix("\ufeff"), multiple=True)
        reading = _Reading(load_zone(timezone))
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for calendar in calendars:
            if calendar.name != "VCALENDAR":
                raise Unreadable("A calendar begins with BEGIN:VCALENDAR.")
            for event in reading.closing(calendar, since, until):
                found[event["uid"], event["occurrence"]] = event
                if len(found) > limit:
                    return {"events": list(found.values()), "skipped": []}
    except _NONSENSE as failure:
        raise Unreadable(f"The calendar cannot be read: {str(failure)[:200]}") from failure
    if not calendars:
        raise Unreadable("A calendar begins with BEGIN:VCALENDAR.")
    return {"events": list(found.values()), "skipped": reading.left_out()}


class _Reading:
    """What has been seen of one file."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._kept: set[str] = set()
        self._seen: dict[str, None] = {}
        self._skipped: dict[tuple[str, str], None] = {}

    def closing(
        self, calendar: Component, since: datetime, until: datetime
    ) -> Iterator[dict[str, Any]]:
        """The occurrences of a calendar's events that close something."""
        repeated = set()
        for event in calendar.walk("VEVENT"):
            _check(event)
            self._seen[event["UID"]] = None
            if any(name in event for name in _REPEATED):
                repeated.add(event["UID"])
        for occurrence in islice(_occurrences(calendar, since, until), MOST_OCCURRENCES):
            name = uid_of(occurrence["UID"])
            why = _why_not(occurrence)
            if why is not None:
                self._skipped[name, why] = None
                continue
            self._kept.add(name)
            yield {
                "uid": name,
                "occurrence": self._key(occurrence) if occurrence["UID"] in repeated else "",
                "reason": one_line(str(occurrence.get("SUMMARY", ""))),
                **self._when(occurrence),
            }

    def left_out(self) -> list[dict[str, str]]:
        """Events that close nothing, or not always, and why."""
        told = {name for name, _ in self._skipped} | self._kept
        never = [uid_of(uid) for uid in self._seen if uid_of(uid) not in told]
        codes = [*self._skipped, *((name, "outside_range") for name in never)]
        return [{"uid": name, "code": code} for name, code in codes]

    def _key(self, occurrence: Component) -> str:
        """Which occurrence of its series it is, whenever it takes place now."""
        stands_for = occurrence["RECURRENCE-ID"]
        # With RANGE=THISANDFUTURE all that follow carry the id of the first.
        moment = occurrence["DTSTART"].dt if "RANGE" in stands_for.params else stands_for.dt
        return self._instant(moment) if isinstance(moment, datetime) else moment.isoformat()

    def _when(self, occurrence: Component) -> dict[str, str]:
        start, end = occurrence["DTSTART"].dt, occurrence["DTEND"].dt
        if start.year not in CLOSURE_YEARS or end.year not in CLOSURE_YEARS:
            raise Unreadable(f"An event of {start} to {end} is none to close for.")
        if isinstance(start, datetime):
            return {"starts_at": self._instant(start), "ends_at": self._instant(end)}
        # An end that is a date is the first date after the event (RFC 5545 §3.6.1).
        last = max(start, end - timedelta(days=1))
        return {"starts_on": start.isoformat(), "ends_on": last.isoformat()}

    def _instant(self, moment: datetime) -> str:
        if moment.tzinfo is None:
            moment = utc_of(local_to_epoch(moment, self._zone))
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _occurrences(calendar: Component, since: datetime, until: datetime) -> Iterator[Component]:
    query = recurring_ical_events.of(calendar)
    for series in query.series:
        for occurrence in series.between(since, until):
            yield occurrence.as_component(False)


def _why_not(occurrence: Component) -> str | None:
    if str(occurrence.get("STATUS", "")).upper() == "CANCELLED":
        return "cancelled"
    if str(occurrence.get("TRANSP", "")).upper() == "TRANSPARENT":
        return "transparent"
    start, end = occurrence["DTSTART"].dt, occurrence["DTEND"].dt
    return "empty" if isinstance(start, datetime) and start == end else None


def _check(event: Component) -> None:
    """Raises `Unreadable` over what would be guessed at, or would take for ever. An event without
    a UID is given one that follows from what it says."""
    if "UID" not in event:
        said = (str(event.get(name, "")) for name in ("DTSTART", "SUMMARY"))
        event.add("UID", hashlib.sha256("\n".join(said).encode()).hexdigest())
    name = one_line(event["UID"])[:60]
    for wrong, message in event.errors:
        raise Unreadable(f"{name}: {wrong} cannot be read: {str(message)[:100]}")
    if isinstance(event.get("DTSTART", []), list):
        raise Unreadable(f"{name}: an event has one DTSTART.")
    for field in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if field in event:
            _check_moment(event[field], f"{name}: {field}")
    start, end = event["DTSTART"].dt, (event["DTEND"].dt if "DTEND" in event else None)
    if end is not None and (type(end) is not type(start) or _naive(end) != _naive(start)):
        raise Unreadable(f"{name}: DTSTART and DTEND are not of one kind.")
    if end is not None and end < start:
        raise Unreadable(f"{name}: DTEND lies before DTSTART.")
    if "DURATION" in event and not timedelta(0) <= event["DURATION"].dt <= timedelta(days=3_660):
        raise Unreadable(f"{name}: DURATION is negative or too long.")
    if "RRULE" in event:
        _check_rule(event["RRULE"], name)


def _check_moment(given: Any, where: str) -> None:
    moment = given.dt
    if not isinstance(moment, date) or moment.year not in YEARS:
        raise Unreadable(f"{where} lies outside {YEARS[0]} to {YEARS[-1]}.")
    zone = given.params.get("TZID")
    if zone is not None and isinstance(moment, datetime) and moment.tzinfo is None:
        raise Unreadable(f"{where}: the time zone {one_line(str(zone))[:60]} is not known.")


def _naive(moment: date) -> bool:
    return isinstance(moment, datetime) and moment.tzinfo is None


def _check_rule(rule: Any, name: str) -> None:
    if isinstance(rule, list):
        raise Unreadable(f"{name}: one RRULE is read.")
    frequency = [str(one).upper() for one in rule.get("FREQ", ())]
    if len(frequency) != 1 or frequency[0] not in FREQUENCIES:
        raise Unreadable(f"{name}: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
    if any(len(rule.get(part, ())) > 1 for part in _WITHIN_A_DAY):
        raise Unreadable(f"{name}: an event takes place once a day.")
    if any(step < 1 for step in rule.get("INTERVAL", ())):
        raise Unreadable(f"{name}: INTERVAL is at least 1.")
    if any(not 1 <= count <= MOST_OCCURRENCES for count in rule.get("COUNT", ())):
        raise Unreadable(f"{name}: COUNT is 1 to {MOST_OCCURRENCES}.")


def one_line(text: str) -> str:
    """As a closure's reason may be: one line of at most 200 characters, none of them a control."""
    bare = "".join(" " if unicodedata.category(mark)[0] in "CZ" else mark for mark in text)
    return " ".join(unicodedata.normalize("NFC", bare).split())[:200].strip()


def uid_of(uid: str) -> str:
    """The event's UID; one that cannot be kept as it is, is kept as its digest."""
    text = str(uid)
    if len(text) in range(1, LONGEST_UID + 1) and one_line(text) == text:
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def main() -> None:
    """Answers one request, on standard input; what is unreadable is answered, too."""
    request = json.load(sys.stdin)
    seconds = request.pop("cpu_seconds")
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for name in ("since", "until"):
        request[name] = datetime.fromisoformat(request[name])
    try:
        answer = read_calendar(**request)
    except Unreadable as failure:
        answer = {"unreadable": str(failure)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
