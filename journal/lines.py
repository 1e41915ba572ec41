"""The form of a log line: one JSON object for machines, one line of text for people.

No value ends a line or moves a terminal's cursor, and an error is told without what stands in rows.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from journal import bearings

# What a terminal would obey instead of showing: C0, DEL, C1 and the line separators of Unicode.
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != 9}
CONTROL |= {0x2028: "\\u2028", 0x2029: "\\u2029"}
# How PostgreSQL begins to say a row's values, line breaks and all; and what comes after them.
_VALUES = "DETAIL:"
_AFTER_VALUES = ("HINT:", "[SQL", "Traceback (", "The above exception", "During handling of")
# Before each line of an exception that is one of a group.
_GROUP = " |+-"

Event = structlog.typing.EventDict


def without_values(told: str) -> str:
    """The traceback without the lines in which the database says what stands in a row: engines keep
    a statement's parameters to themselves, and messages hide what they were made of."""
    kept, inside = [], False
    for line in told.split("\n"):
        words = line.lstrip(_GROUP)
        inside = words.startswith(_VALUES) or (inside and not words.startswith(_AFTER_VALUES))
        if not inside:
            kept.append(line)
    return "\n".join(kept)


def timestamp() -> str:
    """Now, in UTC, as every line says it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def json_line(line: Mapping[str, Any]) -> str:
    """One JSON object in ASCII: by whatever mark a reader ends a line, no field has it."""
    return json.dumps(line, default=str)


class Form:
    """The processors that make a line of an event, ours or a library's; `part` is who says it."""

    def __init__(self, part: str = "") -> None:
        self._part = part

    def ordered(self, _logger: Any, level: str, event: Event) -> Event:
        """Time, level, part and message first, then whose work it was, then the line's own."""
        record: logging.LogRecord | None = event.pop("_record", None)
        event.pop("_from_structlog", None)
        found = bearings.now()
        trouble = event.pop("exc_info", None)
        line: Event = {
            "time": timestamp(),
            "level": record.levelname.lower() if record is not None else level,
            **({"part": self._part} if self._part else {}),
            "message": event.pop("event"),
            **(found.ids() if found is not None else {}),
            **event,
        }
        told = _told(trouble)
        return {**line, "traceback": told} if told else line

    def formatter(self, style: str) -> logging.Formatter:
        """For a handler of the standard library's logging, where both kinds of lines meet."""
        render = _as_json if style == "json" else _as_text
        return structlog.stdlib.ProcessorFormatter(processors=[self.ordered, render])


def _as_json(_logger: Any, _level: str, event: Event) -> str:
    return json_line(event)


def _as_text(_logger: Any, _level: str, event: Event) -> str:
    """For a person at a terminal; control characters in values are shown, not obeyed."""
    level, message = event.pop("level"), str(event.pop("message"))
    told = str(event.pop("traceback", ""))
    for name in ("time", "part"):
        # Whoever reads along knows when it is; the supervisor says whose line it is.
        event.pop(name, None)
    fields = " ".join(f"{name}={str(value)!r}" for name, value in event.items())
    lines = [f"{level:7} {message.translate(CONTROL)} {fields}".rstrip()]
    lines += [line.translate(CONTROL) for line in told.split("\n") if told]
    return "\n".join(lines)


def _told(trouble: Any) -> str:
    """The traceback of an error, "" where there is none."""
    if isinstance(trouble, tuple):
        trouble = trouble[1]
    if not isinstance(trouble, BaseException):
        return ""
    return without_values("".join(traceback.format_exception(trouble)).rstrip("\n"))
