"""Messages as spans: sent, published from an outbox, and worked on (OpenTelemetry's messaging).

What a message says is in no attribute, nor what its sender chose freely, such as a correlation id.
"""

from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Any, Self

from contracts.wire.envelope import Envelope
from contracts.wire.tracing import next_traceparent
from journal import bearings
from journal.bearings import Bearings
from journal.spans import Kind, Span, Value, is_recorded, parent_of


def sending(stream: str, envelope: Envelope, *, waits: bool, under: str = "") -> Span | None:
    """The span of a message that leaves, whose id is in its traceparent; with `waits` it is to end
    with the reply. It is under the work being done, or `under`."""
    if not is_recorded(envelope.traceparent):
        return None
    told = _told(stream, envelope.type, "send")
    if envelope.tenant_id is not None:
        told["slotstream.tenant_id"] = str(envelope.tenant_id)
    told["messaging.message.id"] = str(envelope.id)
    above = parent_of(envelope.traceparent, under)
    kind: Kind = "client" if waits else "producer"
    return Span(f"send {stream}", kind, envelope.traceparent, above, told)


def sent(stream: str, envelope: Envelope) -> None:
    """The same, of a message that nobody looks after once it has left."""
    span = sending(stream, envelope, waits=False)
    if span is not None:
        span.end()


def publishing(stream: str, fields: Mapping[str, Any]) -> tuple[Mapping[str, Any], Span | None]:
    """Fields from an outbox as they are to leave, under the span of their leaving where that is
    recorded: it is under what brought them about, and over what they bring about."""
    cause = str(fields.get("traceparent", ""))
    if not is_recorded(cause):
        return fields, None
    own = next_traceparent(cause)
    told = _told(stream, str(fields.get("type", "")), "send")
    told["messaging.message.id"] = str(fields.get("id", ""))
    if "tenantid" in fields:
        told["slotstream.tenant_id"] = str(fields["tenantid"])
    span = Span(f"publish {stream}", "producer", own, cause, told)
    return {**fields, "traceparent": own}, span


class Working:
    """`with Working(…)`: what happens inside is the work of `group` on a message, in the lines of
    the log and as a span; what became of it is said by `journal.bearings.ends_as`."""

    __slots__ = ("_bearings", "_span", "_token")

    def __init__(self, stream: str, group: str, envelope: Envelope, deliveries: int = 1) -> None:
        self._span = _working(stream, group, envelope, deliveries)
        own = "" if self._span is None else self._span.traceparent
        self._bearings = bearings.of_message(envelope, own)
        self._token: Token[Bearings | None] | None = None

    def __enter__(self) -> Self:
        self._token = bearings.take(self._bearings)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            bearings.leave(self._token)
        if self._span is not None:
            said = self._bearings
            self._span.attributes["slotstream.outcome"] = said.outcome or "done"
            self._span.end(said.error if kind is None else kind.__name__)


def _working(stream: str, group: str, envelope: Envelope, deliveries: int) -> Span | None:
    if not is_recorded(envelope.traceparent):
        return None
    told = _told(stream, envelope.type, "process")
    told["messaging.consumer.group.name"] = group
    told["messaging.message.id"] = str(envelope.id)
    told["slotstream.delivery"] = deliveries
    if envelope.tenant_id is not None:
        told["slotstream.tenant_id"] = str(envelope.tenant_id)
    own = next_traceparent(envelope.traceparent)
    return Span(f"process {envelope.type}", "consumer", own, envelope.traceparent, told)


def _told(stream: str, message_type: str, operation: str) -> dict[str, Value]:
    return {
        "messaging.system": "redis",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": stream,
        "slotstream.message.type": message_type,
    }
