"""Spans: what was done under what, and how long it took; told when it is over.

The ids come first. They stand on the wire, where a reply is matched by them (record 0006), whether
anybody records or not; what is recorded are spans under those ids. Where nobody does, all that is
paid is a look at `TRACING.recorder`.
"""

import time
from dataclasses import dataclass, field
from typing import Literal, Protocol

from contracts.wire.tracing import is_sampled, next_traceparent, trace_id_of
from journal import bearings

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Value = str | int


class Recorder(Protocol):
    """Whoever takes spans away; it neither raises nor waits."""

    def record(self, span: "Span", ended: int) -> None:
        """The span is on its way, or lost; `ended` is in nanoseconds since 1970."""

    def close(self) -> None:
        """What is on its way has had a moment to arrive."""


class Tracing:
    """`recorder` is None where nobody records; `ratio` of the traces begun here are sampled."""

    __slots__ = ("ratio", "recorder")

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.ratio = 1.0


TRACING = Tracing()


@dataclass(slots=True)
class Span:
    """`traceparent` is its own, `parent` the one above it, "" where the trace begins."""

    name: str
    kind: Kind
    traceparent: str
    parent: str
    attributes: dict[str, Value]
    started: int = field(default_factory=time.time_ns)
    error: str = ""

    def end(self, error: str = "") -> None:
        """Told as it is now; `error` is the kind of what went wrong."""
        self.error = error or self.error
        if TRACING.recorder is not None:
            TRACING.recorder.record(self, time.time_ns())


def begun(incoming: str = "") -> str:
    """A traceparent for what begins here: within a trace that comes in, or with one of its own."""
    return next_traceparent(incoming, TRACING.ratio)


def is_recorded(traceparent: str) -> bool:
    """Whether anybody records, and this trace is one that is kept."""
    return TRACING.recorder is not None and is_sampled(traceparent)


def parent_of(traceparent: str, given: str = "") -> str:
    """What a span is under: the work being done now where that is of the same trace, else
    `given`, else nothing."""
    found = bearings.now()
    trace_id = trace_id_of(traceparent)
    for above in (found.traceparent if found is not None else "", given):
        if above != traceparent and trace_id_of(above) == trace_id:
            return above
    return ""


def here(given: str) -> str:
    """The traceparent of what leaves now and was brought about by `given`: that of the work on it,
    where that has a span of its own."""
    if TRACING.recorder is None:
        return given
    found = bearings.now()
    if not given and found is not None:
        return found.traceparent
    return parent_of(given) or given


def stop_tracing() -> None:
    """Nobody records any more; what was recorded has had a moment to leave."""
    recorder, TRACING.recorder = TRACING.recorder, None
    if recorder is not None:
        recorder.close()
