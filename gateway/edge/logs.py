"""Logging of a gateway process: one line an event, JSON where asked for, never a payload."""

import json
import logging
import sys
from datetime import UTC, datetime

LOG = logging.getLogger("slotstream")


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
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """For a person at a terminal; line breaks in values are shown, not obeyed."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(
            f"{name}={str(value)!r}" for name, value in getattr(record, "fields", {}).items()
        )
        line = f"{record.levelname.lower():7} {record.getMessage()} {fields}".rstrip()
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
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
