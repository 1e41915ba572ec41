"""traceparent (W3C Trace Context): continued where one comes in, begun where none does."""

import os
import re

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


def next_traceparent(incoming: str = "") -> str:
    """A traceparent with a span id of its own, in the trace of `incoming` where that is valid."""
    span = os.urandom(8).hex()
    found = _TRACEPARENT.match(incoming)
    if found and found[1] != "0" * 32 and found[2] != "0" * 16:
        return f"00-{found[1]}-{span}-{found[3]}"
    return f"00-{os.urandom(16).hex()}-{span}-01"


def trace_id_of(traceparent: str) -> str:
    """The 32 hexadecimal digits of the trace, or "" where there is none."""
    found = _TRACEPARENT.match(traceparent)
    return found[1] if found else ""
