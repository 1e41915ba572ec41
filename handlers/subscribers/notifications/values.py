"""What a text can name, and with what it is filled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from contracts.wire.saying import Said, Template
from handlers.subscribers.notifications.facts import Letterhead, Person
from handlers.subscribers.notifications.formats import Formats
from handlers.subscribers.notifications.rendering import WORDINGS

_ALWAYS = frozenset(
    {
        "recipient.name",
        "label.booking",
        "label.resource",
        "tenant.name",
        "tenant.contact_email",
        "tenant.address",
    }
)
_OF_BOOKING = frozenset(
    f"booking.{name}"
    for name in ("id", "resource", "date", "starts", "ends", "when", "quantity", "status")
)
_BESIDES: Mapping[str, frozenset[str]] = {
    "password_reset": frozenset({"code", "expires"}),
    "registration": frozenset({"code", "expires"}),
    "email_change": frozenset({"code", "expires"}),
    "webhook_disabled": frozenset({"about"}),
    "booking.moved": frozenset({"before.when"}),
    "waitlist.offered": frozenset({"expires"}),
}
VARIABLES: Mapping[str, frozenset[str]] = {
    event: _ALWAYS
    | (_OF_BOOKING if event in get_args(Said) else frozenset())
    | _BESIDES.get(event, frozenset())
    for event in get_args(Template)
}
# All others are words.
NUMBERS = frozenset({"booking.quantity"})
# Without it a mail is of no use.
NEEDED: Mapping[str, frozenset[str]] = {
    "password_reset": frozenset({"code"}),
    "registration": frozenset({"code"}),
    "email_change": frozenset({"code"}),
}


def of_writer(head: Letterhead, person: Person, language: str) -> dict[str, Any]:
    """Who writes, and to whom."""
    return {
        "recipient": {"name": one_line(person.name)},
        "label": {**WORDINGS[language].labels, **head.labels},
        "tenant": {
            "name": head.name,
            "color": head.color,
            "logo_url": head.logo_url,
            "contact_email": head.contact_email or "",
            "address": head.address or "",
            "signature": head.signature,
        },
    }


def of_booking(
    booking: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    resource: str | None,
    formats: Formats,
    language: str,
) -> dict[str, Any]:
    """What may be said of a booking, in a reader's formats; `before` is when it was to be."""
    begin, end = span(booking)
    return {
        "booking": {
            "id": booking["id"],
            "resource": resource or "–",
            "date": formats.date(begin),
            "starts": formats.time(begin),
            "ends": formats.time(end),
            "when": formats.span(begin, end),
            "quantity": booking.get("quantity", 1),
            "status": WORDINGS[language].statuses[booking["status"]],
        },
        "before": {"when": formats.span(*span(before)) if before else ""},
    }


def span(booking: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From when to when."""
    begin, end = booking["starts_at"], booking["ends_at"]
    return datetime.fromisoformat(begin), datetime.fromisoformat(end)


def one_line(text: str) -> str:
    """The text without line breaks, whatever somebody is called."""
    return " ".join(text.split())
