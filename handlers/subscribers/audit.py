"""The audit trail: a consumer of every context's events, and the answer to who did what."""

from datetime import datetime
from typing import Any

import orjson

from contracts.subscriber.audit import AuditExportPerson, AuditList
from contracts.wire.cursor import InvalidCursor
from contracts.wire.envelope import Envelope
from contracts.wire.strict import rfc3339
from handlers.delivery.fitting import fitting
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, QueryRoute, Refused, refused
from storage.delivery.transaction import Reading, Writing
from storage.subscriber.audit import AuditFilter, AuditRow, add_record, list_records

# Several such pages go into one reply of the user context.
PAGE_BYTES = 400_000


async def record(work: Writing, event: Envelope) -> None:
    """One record for one event; the event's id is the record's."""
    data = orjson.loads(event.data)
    row = AuditRow(
        tenant_id=work.tenant_id,
        record_id=event.id,
        at=datetime.fromisoformat(event.time),
        context=event.source,
        event_type=event.type,
        subject=event.subject,
        sequence=event.sequence,
        actor={
            "kind": event.actor.kind,
            "id": event.actor.id,
            "roles": list(event.actor.roles),
        },
        actor_label=event.actor.label,
        source=event.source,
        correlation_id=event.correlation_id,
        trace_id=event.trace_id,
        changes=data.get("changes", {}),
    )
    await add_record(work, row)


class AuditTrail:
    """Answers `audit.list`."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "audit")

    async def list(self, read: Reading, asked: Asked[AuditList]) -> Done | Refused:
        """Newest first. Who may read only the trail of bookings sees only that."""
        query = asked.message
        try:
            before = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = AuditFilter(
            actor=query.actor,
            subject=query.subject,
            event_type=query.event_type,
            event_type_prefix=None if asked.actor.may("audit:read") else "booking.",
            since=query.since,
            until=query.until,
        )
        rows = await list_records(read, wanted, query.limit + 1, before)
        return Done(200, self._cursors.page(read.tenant_id, rows, query.limit, record_view, _place))


class PersonTrail:
    """Answers `audit.export_person`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def list(self, read: Reading, asked: Asked[AuditExportPerson]) -> Done | Refused:
        """What they did, and what was done to their account, newest first."""
        query = asked.message
        cursors = Cursors.of(self._secret, f"audit/{query.user_id}")
        try:
            before = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = AuditFilter(person=query.user_id)
        rows = await list_records(read, wanted, query.limit + 1, before)
        count = fitting(rows, query.limit, record_view, PAGE_BYTES)
        return Done(200, cursors.page(read.tenant_id, rows, count, record_view, _place))


def record_view(row: AuditRow) -> dict[str, Any]:
    """An AuditRecord."""
    return {
        "id": str(row.record_id),
        "at": rfc3339(row.at),
        "context": row.context,
        "event_type": row.event_type,
        "subject": row.subject,
        "sequence": row.sequence,
        "actor": row.actor,
        "source": row.source,
        "correlation_id": row.correlation_id,
        "trace_id": row.trace_id,
        "changes": row.changes,
    }


def audit_routes(secret: str) -> tuple[QueryRoute, ...]:
    """Every message that the audit subscriber answers."""
    return (
        QueryRoute(AuditList, AuditTrail(secret).list),
        QueryRoute(AuditExportPerson, PersonTrail(secret).list, private=True),
    )


def _place(row: AuditRow) -> list[str]:
    return [rfc3339(row.at), str(row.record_id)]
