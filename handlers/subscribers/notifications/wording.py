"""What a language brings: its templates, and its words for what templates name."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """Jinja, both: one line, and paragraphs with an empty line between them."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Wording:
    """`labels` are used where the tenant has no words of its own; `statuses` by their names.
    `short` are the texts of SMS, of what one can be told that way."""

    templates: Mapping[str, Template]
    short: Mapping[str, str]
    labels: Mapping[str, str]
    statuses: Mapping[str, str]
