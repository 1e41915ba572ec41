"""Messages as spans: sent, published from an outbox, and worked on (OpenTelemetry's messaging).

What a message says is in no attribute, nor what its sender chose freely, such as a correlation id.
"""

from collections.abc import Mapping
from typing import Any

from contracts.wire.envelope import Envelope
from contracts.wire.tracing import next_traceparent
from journal import bearings
from journal.spans import Kind, Span, Value, is_recorded, parent_of
from journal.work import Work


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


class Working(Work):
    """The work of `group` on a message that was delivered to it."""

    __slots__ = ()

    def __init__(self, stream: str, group: str, envelope: Envelope, deliveries: int = 1) -> None:
        span = _working(stream, group, envelope, deliveries)
        own = "" if span is None else span.traceparent
        super().__init__(bearings.of_message(envelope, own), span)

    def finish(self, span: Span) -> None:
        span.attributes["slotstream.outcome"] = self.bearings.outcome or "done"


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
