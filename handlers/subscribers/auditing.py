"""What the audit trail is told: events of every context, and notices of what is no event."""

from datetime import datetime
from typing import Any

import orjson

from contracts.subscriber.audit import AuditNotice
from contracts.wire.envelope import Actor, Envelope
from contracts.wire.sealing import Keyring, Unopenable
from handlers.delivery.work import Asked, CommandRoute, Done, Outcome
from storage.delivery.transaction import Writing
from storage.subscriber.audit import AddressRow, AuditRow, add_record


class Recorder:
    """Writes records; with the keys of the installation, which addresses travel under."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def record(self, work: Writing, event: Envelope) -> None:
        """One record for one event; the event's id is the record's."""
        changes = orjson.loads(event.data).get("changes", {})
        await self._add(work, event, event.actor, event_type=event.type, changes=changes)

    async def notice(self, work: Writing, asked: Asked[AuditNotice]) -> Outcome:
        """One record for one notice; the command's id is the record's."""
        notice = asked.message
        await self._add(
            work,
            asked.envelope.with_fields(subject=notice.subject),
            notice.requested_by.actor,
            event_type=notice.event_type,
            changes={},
            outcome=notice.outcome,
            operation=notice.operation,
            reason=notice.reason,
            times=notice.times,
            until=notice.until,
        )
        return Done(200, {})

    async def _add(self, work: Writing, said: Envelope, actor: Actor, **told: Any) -> None:
        row = AuditRow(
            tenant_id=work.tenant_id,
            record_id=said.id,
            at=datetime.fromisoformat(said.time) if said.time else work.now,
            context=said.source.partition("/")[0],
            subject=said.subject,
            sequence=said.sequence,
            actor={"kind": actor.kind, "id": actor.id, "roles": list(actor.roles)},
            actor_label=actor.label,
            source=said.source,
            correlation_id=said.correlation_id,
            trace_id=said.trace_id,
            channel=said.channel,
            **told,
        )
        await add_record(work, row, self._address(said, actor))

    def _address(self, said: Envelope, actor: Actor) -> AddressRow | None:
        """What was sealed under a key that is no more stays unknown: the record is made."""
        if not said.address:
            return None
        try:
            address = self._keyring.open(said.address).decode()
        except Unopenable:
            return None
        return AddressRow(address, _whose(said, actor))


def _whose(said: Envelope, actor: Actor) -> str | None:
    """The person whose address it is: who did it or, where nobody knows that, whose account was
    tried."""
    if actor.kind in ("user", "platform"):
        return f"user/{actor.id}"
    about_a_user = said.subject.startswith("user/")
    return said.subject if actor.kind == "anonymous" and about_a_user else None


def recording_routes(keyring: Keyring) -> tuple[CommandRoute, ...]:
    """Every command that the audit trail takes."""
    return (CommandRoute(AuditNotice, Recorder(keyring).notice),)
