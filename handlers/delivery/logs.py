"""Logging of a handler process: one line an event, JSON where asked for, never a payload."""

import json
import logging
import sys
from datetime import UTC, datetime

LOG = logging.getLogger("slotstream")


# How PostgreSQL begins the line in which it says a row's values.
_VALUES = "DETAIL:"


def without_values(traceback: str) -> str:
    """The traceback without the lines in which the database says what stands in a row: engines keep
    a statement's parameters to themselves, and messages hide what they were made of."""
    kept = [line for line in traceback.split("\n") if not line.lstrip().startswith(_VALUES)]
    return "\n".join(kept)


class JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII: by whatever mark a reader ends a line, no field has it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = without_values(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """For a person at a terminal; line breaks in values are shown, not obeyed."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(
            f"{name}={str(value)!r}" for name, value in getattr(record, "fields", {}).items()
        )
        line = f"{record.levelname.lower():7} {record.getMessage()} {fields}".rstrip()
        if record.exc_info:
            line += "\n" + without_values(self.formatException(record.exc_info))
        return line


def set_up_logging(level: str, style: str) -> None:
    """Everything goes to standard error in the form that `style` (`json` or `text`) names."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel("WARNING")
    LOG.setLevel(level.upper())


def note(
    level: int, message: str, *, trouble: BaseException | None = None, **fields: object
) -> None:
    """One log line with named fields."""
    LOG.log(level, message, exc_info=trouble, extra={"fields": fields})
