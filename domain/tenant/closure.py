"""Closures: dates or instants when nothing of a tenant opens, with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.time.instant import ceil_epoch, floor_epoch, utc_of
from domain.time.violation import Malformed, Violation


@dataclass(frozen=True, slots=True)
class DateClosure:
    """Both dates inclusive, in the zone of whichever resource is asked about."""

    id: str
    starts_on: date
    ends_on: date
    reason: str = ""

    def covers(self, on: date) -> bool:
        return self.starts_on <= on <= self.ends_on


@dataclass(frozen=True, slots=True)
class InstantClosure:
    """`[starts_at, ends_at)` in epoch seconds; a fraction is rounded outwards."""

    id: str
    starts_at: int
    ends_at: int
    reason: str = ""


Closure = DateClosure | InstantClosure


def closure_from_document(document: Any) -> Closure:
    """A closure of `date`, of `starts_on` and `ends_on`, or of `starts_at` and `ends_at`.

    Raises `Malformed`.
    """
    if not isinstance(document, Mapping):
        raise Malformed("a closure is an object")
    given = {name: value for name, value in document.items() if value is not None}
    name, reason = str(given.get("id", "")), str(given.get("reason", ""))
    if "date" in given:
        day = _date(given["date"])
        return DateClosure(name, day, day, reason)
    if "starts_on" in given and "ends_on" in given:
        return DateClosure(name, _date(given["starts_on"]), _date(given["ends_on"]), reason)
    if "starts_at" in given and "ends_at" in given:
        starts_at, ends_at = _instant(given["starts_at"]), _instant(given["ends_at"])
        return InstantClosure(name, floor_epoch(starts_at), ceil_epoch(ends_at), reason)
    raise Malformed("a closure has a date, starts_on and ends_on, or starts_at and ends_at")


def closure_to_document(closure: Closure) -> dict[str, Any]:
    if isinstance(closure, DateClosure):
        first, last = closure.starts_on.isoformat(), closure.ends_on.isoformat()
        when = {"starts_on": first, "ends_on": last}
    else:
        when = {"starts_at": _text(closure.starts_at), "ends_at": _text(closure.ends_at)}
    named = {"id": closure.id} if closure.id else {}
    return {**named, **when, "reason": closure.reason}


def closure_violations(closure: Closure, field: str) -> tuple[Violation, ...]:
    if isinstance(closure, DateClosure):
        ordered, end = closure.starts_on <= closure.ends_on, "ends_on"
    else:
        ordered, end = closure.starts_at < closure.ends_at, "ends_at"
    if ordered:
        return ()
    message = "A closure may not end before it starts."
    return (Violation(f"{field}.{end}", "invalid_interval", message),)


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(f"{value!r} is no date") from None


def _instant(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(f"{value!r} is no instant") from None
    if moment.tzinfo is None:
        raise Malformed(f"{value!r} has no offset")
    return moment


def _text(seconds: int) -> str:
    return utc_of(seconds).isoformat().replace("+00:00", "Z")
