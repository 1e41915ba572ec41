"""What a process would write to its log, caught inside a test."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from journal.notes import LOG, set_up_logging

PART = "handler-1"


@contextmanager
def written(style: str, level: str = "INFO") -> Iterator[io.StringIO]:
    """The lines of what is logged inside, by a part with this LOG_FORMAT and LOG_LEVEL."""
    root, output = logging.getLogger(), io.StringIO()
    handlers, levels = root.handlers[:], (root.level, LOG.level)
    set_up_logging(level, style, PART, output)
    try:
        yield output
    finally:
        root.handlers[:] = handlers
        root.setLevel(levels[0])
        LOG.setLevel(levels[1])
