"""What leaves with a transaction: its outcome's events and commands as outbox rows."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid5

import orjson

from contracts.wire.codec import encode
from contracts.wire.envelope import SYSTEM, Actor, Envelope, dataschema_of
from contracts.wire.identity import NIL
from contracts.wire.sealing import Keyring, seal_fields
from contracts.wire.streams import commands_of, outgoing_events_of
from contracts.wire.strict import rfc3339
from handlers.delivery.work import Happened, Outcome, Refused, Send
from journal.spans import here
from storage.delivery.transaction import OutboxRow


class Outgoing:
    """Writes the outbox rows of one context."""

    def __init__(self, context: str, keyring: Keyring) -> None:
        self._context = context
        self._keyring = keyring

    def rows(self, cause: Envelope, outcome: Outcome, began_at: datetime) -> list[OutboxRow]:
        """Events and commands of an outcome, in their order."""
        time = rfc3339(began_at)
        events = [
            _event_row(self._context, cause, event, place, time)
            for place, event in enumerate(outcome.events)
        ]
        if isinstance(outcome, Refused):
            return events
        sends = [
            self._command_row(cause, send, place, time) for place, send in enumerate(outcome.sends)
        ]
        return events + sends

    def _command_row(self, cause: Envelope, send: Send, place: int, time: str) -> OutboxRow:
        """A command sent on. Its id follows from its cause, so that a repetition is the same."""
        command = send.command
        command_id = uuid5(cause.id, f"send/{place}/{command.type}")
        data = command.model_dump_json(exclude_unset=True).encode()
        sent = Envelope(
            id=command_id,
            type=command.type,
            source=self._context,
            tenant_id=send.tenant_id,
            actor=SYSTEM,
            time=time,
            correlation_id=cause.correlation_id,
            causation_id=str(cause.id),
            traceparent=here(cause.traceparent),
            dataschema=dataschema_of(command.type),
            channel=cause.channel,
            address=cause.address,
            data=seal_fields(data, command.secret_fields, self._keyring),
        )
        return OutboxRow(
            event_id=uuid5(command_id, "outbox"),
            # The row is its sender's, whichever tenant the command is for.
            tenant_id=cause.tenant_id or NIL,
            aggregate_id=command_id,
            sequence=None,
            type=command.type,
            stream=commands_of(command.context),
            fields=_texts(encode(sent)),
        )


def _event_row(context: str, cause: Envelope, event: Happened, place: int, time: str) -> OutboxRow:
    tenant_id = event.tenant_id or cause.tenant_id or NIL
    # What the platform does by itself comes from nowhere, whoever's request it met.
    by_itself = event.actor is not None and event.actor.kind == "system"
    event_id = uuid5(cause.id, f"event/{tenant_id}/{place}/{event.type}")
    envelope = Envelope(
        id=event_id,
        type=event.type,
        source=context,
        subject=f"{event.kind}/{event.object_id}",
        time=time,
        tenant_id=tenant_id,
        actor=without_permissions(event.actor or cause.actor),
        correlation_id=cause.correlation_id,
        causation_id=str(cause.id),
        traceparent=here(cause.traceparent),
        dataschema=dataschema_of(event.type),
        sequence=event.version,
        channel="" if by_itself else cause.channel,
        address="" if by_itself else cause.address,
        data=orjson.dumps({**event.state, "changes": event.changes}),
    )
    return OutboxRow(
        event_id=event_id,
        tenant_id=tenant_id,
        aggregate_id=event.object_id,
        sequence=event.version,
        type=event.type,
        stream=outgoing_events_of(context),
        fields=_texts(encode(envelope)),
    )


def without_permissions(actor: Actor) -> Actor:
    """Who did it, without the forty permissions that they hold: events keep the roles."""
    return replace(actor, permissions=frozenset(), session=None)


def _texts(fields: dict[str, str | bytes]) -> dict[str, str]:
    return {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in fields.items()
    }
