"""traceparent (W3C Trace Context): continued where one comes in, begun where none does."""

import os
import re

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")
_TRACES = 2**64


def next_traceparent(incoming: str = "", ratio: float = 1.0) -> str:
    """A traceparent with a span id of its own, in the trace of `incoming` where that is valid; of
    the traces that begin here, `ratio` are flagged as sampled."""
    span = os.urandom(8).hex()
    found = _TRACEPARENT.match(incoming)
    if found and found[1] != "0" * 32 and found[2] != "0" * 16:
        return f"00-{found[1]}-{span}-{found[3]}"
    trace = os.urandom(16).hex()
    # By the half of the id that OpenTelemetry's own sampler looks at.
    sampled = ratio >= 1 or int(trace[16:], 16) < ratio * _TRACES
    return f"00-{trace}-{span}-{'01' if sampled else '00'}"


def trace_id_of(traceparent: str) -> str:
    """The 32 hexadecimal digits of the trace, or "" where there is none."""
    found = _TRACEPARENT.match(traceparent)
    return found[1] if found else ""


def span_id_of(traceparent: str) -> str:
    """The 16 hexadecimal digits of the span, or "" where there is none."""
    found = _TRACEPARENT.match(traceparent)
    return found[2] if found else ""


def is_sampled(traceparent: str) -> bool:
    """Whether whoever began the trace wants its spans kept."""
    found = _TRACEPARENT.match(traceparent)
    return found is not None and int(found[3], 16) & 1 == 1
