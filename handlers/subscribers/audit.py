"""The audit trail's answers: who did what, when, from where, before and after."""

from functools import partial
from typing import Any

from contracts.subscriber.audit import AuditExportPerson, AuditList
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.fitting import fitting
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, QueryRoute, Refused, refused
from storage.delivery.transaction import Reading
from storage.subscriber.audit import AddressRow, AuditFilter, AuditRow, list_records

# Several such pages go into one reply of the user context.
PAGE_BYTES = 400_000
Found = tuple[AuditRow, AddressRow | None]


class AuditTrail:
    """Answers `audit.list`."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "audit")

    async def list(self, read: Reading, asked: Asked[AuditList]) -> Done | Refused:
        """Newest first. Who may read only the trail of bookings sees only that, and no address."""
        query, everything = asked.message, asked.actor.may("audit:read")
        try:
            before = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = AuditFilter(
            actor=query.actor,
            subject=query.subject,
            event_type=query.event_type,
            event_type_prefix=None if everything else "booking.",
            outcome=query.outcome,
            since=query.since,
            until=query.until,
        )
        found = await list_records(read, wanted, query.limit + 1, before)
        rows = found if everything else [(row, None) for row, _ in found]
        count = fitting(rows, query.limit, record_view)
        return Done(200, self._cursors.page(read.tenant_id, rows, count, record_view, _place))


class PersonTrail:
    """Answers `audit.export_person`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def list(self, read: Reading, asked: Asked[AuditExportPerson]) -> Done | Refused:
        """What they did, and what was done to their account, newest first; their own addresses, and
        nobody else's."""
        query = asked.message
        cursors = Cursors.of(self._secret, f"audit/{query.user_id}")
        try:
            before = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = AuditFilter(person=query.user_id)
        rows = await list_records(read, wanted, query.limit + 1, before)
        view = partial(_view_for, f"user/{query.user_id}")
        count = fitting(rows, query.limit, view, PAGE_BYTES)
        return Done(200, cursors.page(read.tenant_id, rows, count, view, _place))


def record_view(found: Found) -> dict[str, Any]:
    """An AuditRecord."""
    row, address = found
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
        "outcome": row.outcome,
        "channel": row.channel or None,
        "address": None if address is None else address.address,
        "operation": row.operation or None,
        "reason": row.reason or None,
        "count": row.times,
        "until": None if row.until is None else rfc3339(row.until),
    }


def audit_routes(secret: str) -> tuple[QueryRoute, ...]:
    """Every question that the audit trail answers."""
    return (
        # Sealed on its way: it says addresses.
        QueryRoute(AuditList, AuditTrail(secret).list, private=True, of_deleted=True),
        QueryRoute(AuditExportPerson, PersonTrail(secret).list, private=True),
    )


def _view_for(person: str, found: Found) -> dict[str, Any]:
    row, address = found
    theirs = address is not None and address.person == person
    return record_view((row, address if theirs else None))


def _place(found: Found) -> list[str]:
    row, _ = found
    return [rfc3339(row.at), str(row.record_id)]
