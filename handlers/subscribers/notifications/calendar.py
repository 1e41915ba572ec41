"""A booking as an iCalendar message (RFC 5546): requested, moved by its SEQUENCE, cancelled."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from icalendar import Calendar, Event, vCalAddress, vText

Method = Literal["REQUEST", "CANCEL"]
# What a person has in their calendar, and what is to go out of it. A hold is in nobody's.
_IN_CALENDAR = {"pending": "TENTATIVE", "confirmed": "CONFIRMED"}
_OUT_OF_CALENDAR = frozenset({"cancelled", "rejected", "expired"})


@dataclass(frozen=True, slots=True)
class Party:
    """A name and an address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """The file and its method, which the mail has to say, too (RFC 6047 §2.4)."""

    method: Method
    content: bytes


def invitation(
    booking: dict[str, Any],
    was: str | None,
    summary: str,
    place: str | None,
    organizer: Party,
    attendee: Party,
) -> Invitation | None:
    """The same UID for the life of the booking, SEQUENCE its version; None where the booking
    belongs in no calendar, and never was in one: `was` is its status before, if that changed."""
    status = booking["status"]
    ends = status in _OUT_OF_CALENDAR and was != "held"
    if status not in _IN_CALENDAR and not ends:
        return None
    method: Method = "CANCEL" if ends else "REQUEST"
    event = Event()
    event.add("uid", f"{booking['id']}@slotstream")
    event.add("sequence", booking["version"])
    event.add("dtstamp", _utc(booking["updated_at"]))
    event.add("dtstart", _utc(booking["starts_at"]))
    event.add("dtend", _utc(booking["ends_at"]))
    event.add("summary", summary)
    event.add("status", _IN_CALENDAR.get(status, "CANCELLED"))
    if place:
        event.add("location", place)
    event.add("organizer", _address(organizer))
    attending = _address(attendee)
    attending.params["ROLE"] = vText("REQ-PARTICIPANT")
    attending.params["PARTSTAT"] = vText("ACCEPTED")
    attending.params["RSVP"] = vText("FALSE")
    event.add("attendee", attending)
    calendar = Calendar()
    calendar.add("prodid", "-//Slotstream//Notifications//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return Invitation(method, calendar.to_ical())


def _address(party: Party) -> vCalAddress:
    found = vCalAddress(f"mailto:{party.address}")
    found.params["CN"] = vText(party.name)
    return found


def _utc(text: str) -> datetime:
    # Whole seconds: iCalendar knows no fraction.
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
