"""Whose work is being done: the ids that every line and every span underneath carries.

They are set at the one place where a request or a message begins to be worked on. One object in one
context variable: tasks that the work begins have it too, and what is learnt later (whose tenant a
request is for) is written into it.
"""

from contextvars import Context, ContextVar, Token
from dataclasses import dataclass

from contracts.wire.envelope import Envelope
from contracts.wire.tracing import trace_id_of


@dataclass(slots=True)
class Bearings:
    """`traceparent` is the span under which all this happens; `outcome` is what became of it, and
    `error` the kind of what went wrong."""

    traceparent: str = ""
    request_id: str = ""
    tenant_id: object = None
    message_id: object = None
    outcome: str = ""
    error: str = ""

    def ids(self) -> dict[str, object]:
        """Those that are known, by the names that a log line has for them."""
        told = {
            "tenant_id": self.tenant_id,
            "request_id": self.request_id,
            "trace_id": trace_id_of(self.traceparent),
            "message_id": self.message_id,
        }
        return {name: str(value) for name, value in told.items() if value}


_NOW: ContextVar[Bearings | None] = ContextVar("bearings", default=None)


def now() -> Bearings | None:
    """Of what is being worked on; None where it is nobody's in particular."""
    return _NOW.get()


def take(bearings: Bearings) -> Token[Bearings | None]:
    """From here on the work is that of `bearings`, until `leave`."""
    return _NOW.set(bearings)


def leave(token: Token[Bearings | None]) -> None:
    _NOW.reset(token)


def of_message(envelope: Envelope, traceparent: str = "") -> Bearings:
    """The bearings of the work on a message, under a span of its own where it has one."""
    return Bearings(
        traceparent or envelope.traceparent,
        envelope.correlation_id,
        envelope.tenant_id,
        envelope.id,
    )


def ends_as(outcome: str, error: str = "") -> None:
    """Says what became of the work, where it is known before its end."""
    found = _NOW.get()
    if found is not None:
        found.outcome, found.error = outcome, error


def whose_tenant(tenant_id: object) -> None:
    """Says for which tenant the work is, once that is known."""
    found = _NOW.get()
    if found is not None:
        found.tenant_id = tenant_id


def nobodys() -> Context:
    """For a task that works for many: what it says is not said of whoever came first."""
    return Context()
