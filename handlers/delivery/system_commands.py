"""Commands that the platform gives itself: by its timers, and by what it hears."""

from uuid import UUID

from contracts.wire.codec import encode
from contracts.wire.envelope import SYSTEM, Envelope, dataschema_of
from contracts.wire.streams import commands_of
from contracts.wire.strict import Command
from handlers.delivery.writer import flat
from journal.messages import sent
from journal.spans import begun


def system_command(
    command: Command,
    command_id: UUID,
    tenant_id: UUID,
    *,
    source: str,
    subject: str,
    cause: Envelope | None = None,
) -> Envelope:
    """The message; its id follows from its cause, so that sending it again is the same."""
    return Envelope(
        id=command_id,
        correlation_id=str(command_id) if cause is None else cause.correlation_id,
        causation_id="" if cause is None else str(cause.id),
        type=command.type,
        source=source,
        subject=subject,
        tenant_id=tenant_id,
        actor=SYSTEM,
        traceparent=begun("" if cause is None else cause.traceparent),
        dataschema=dataschema_of(command.type),
        data=command.model_dump_json(exclude_unset=True, by_alias=True).encode(),
    )


def appending(envelope: Envelope, context: str) -> list[object]:
    """The XADD that puts it on its stream."""
    sent(commands_of(context), envelope)
    return ["XADD", commands_of(context), "*", *flat(encode(envelope))]
