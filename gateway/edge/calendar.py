"""Bookings as a calendar file (RFC 5545): instants in UTC, one event for each booking, and nothing
about people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

TEXT_CALENDAR = "text/calendar"
# How often applications are asked to look again; most have their own mind.
_LOOK_AGAIN = timedelta(minutes=15)
_STATUS = {
    "held": "TENTATIVE",
    "pending": "TENTATIVE",
    "cancelled": "CANCELLED",
    "rejected": "CANCELLED",
}
# One booking, and several.
_WORDS = {
    "en": ("Booking", "Bookings"),
    "pt": ("Reserva", "Reservas"),
    "es": ("Reserva", "Reservas"),
}


def written(name: str | None, entries: Sequence[Mapping[str, Any]], locale: str | None) -> bytes:
    """The file. The same entries make the same bytes."""
    language = (locale or "").lower().partition("-")[0]
    one, several = _WORDS.get(language, _WORDS["en"])
    calendar: Any = Calendar()
    calendar.add("prodid", "-//Slotstream//Calendar feed//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name or several)
    calendar.add("refresh-interval", _LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _LOOK_AGAIN)
    for entry in entries:
        calendar.add_component(_event(entry, entry["resource"] or one))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Mapping[str, Any], summary: str) -> Any:
    status = _STATUS.get(entry["status"], "CONFIRMED")
    changed = datetime.fromisoformat(entry["updated_at"]).replace(microsecond=0)
    event: Any = Event()
    event.add("uid", f"{entry['id']}@slotstream")
    # When this was last so (RFC 5545 §3.8.7.2), and not when it was asked: the ETag stays.
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", entry["version"])
    event.add("dtstart", datetime.fromisoformat(entry["starts_at"]))
    event.add("dtend", datetime.fromisoformat(entry["ends_at"]))
    event.add("summary", summary)
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    return event
