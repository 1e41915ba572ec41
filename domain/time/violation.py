"""A rule that a value breaks: where, which, and a sentence about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """`field` is a dotted path into the document, such as `business_hours.mon.0`."""

    field: str
    code: str
    message: str


class Malformed(ValueError):
    """The document has not the shape that its contract promises; whoever sent it is at fault."""
