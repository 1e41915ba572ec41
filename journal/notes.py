"""Logging: one line an event, JSON where asked for, never a payload."""

import logging
import sys
from typing import Any, TextIO

import structlog

from journal.lines import Form

# Where our lines and those of libraries come together.
LOG = logging.getLogger("slotstream")
_NOTES: Any = structlog.wrap_logger(
    LOG,
    processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    wrapper_class=structlog.stdlib.BoundLogger,
)


def set_up_logging(level: str, style: str, part: str = "", output: TextIO | None = None) -> None:
    """Everything goes to standard error in the form that `style` (`json` or `text`) names; of what
    libraries say, warnings and worse."""
    handler = logging.StreamHandler(output or sys.stderr)
    handler.setFormatter(Form(part).formatter(style))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    LOG.setLevel(level.upper())
    root.setLevel(max(logging.WARNING, LOG.level))


def note(
    level: int, message: str, *, trouble: BaseException | None = None, **fields: object
) -> None:
    """One log line with named fields, and with the ids of the work that it is part of."""
    if LOG.isEnabledFor(level):
        told = fields if trouble is None else {**fields, "exc_info": trouble}
        _NOTES.log(level, message, **told)
