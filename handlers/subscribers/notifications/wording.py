"""What a language brings: its templates, and its words for what templates name."""

from collections.abc import Mapping
from dataclasses import dataclass

TEMPLATES = (
    "password_reset",
    "registration",
    "already_registered",
    "booking.created",
    "booking.moved",
    "booking.cancelled",
    "booking.status_changed",
    "booking.hold_expired",
    "booking.reminder",
    "waitlist.offered",
)


@dataclass(frozen=True, slots=True)
class Template:
    """Jinja, both: one line, and paragraphs with an empty line between them."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Wording:
    """`labels` are used where the tenant has no words of its own; `statuses` by their names."""

    templates: Mapping[str, Template]
    labels: Mapping[str, str]
    statuses: Mapping[str, str]
