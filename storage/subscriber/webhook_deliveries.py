"""Queries on what is to be delivered to webhook endpoints, and on each attempt. Nobody commits
here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.subscriber.tables import WEBHOOK_ATTEMPT, WEBHOOK_DELIVERY

_DELIVERY = WEBHOOK_DELIVERY.c
_ATTEMPT = WEBHOOK_ATTEMPT.c
# Well within what a statement may take, and all of them within what a command may.
CANCELLED_AT_ONCE, CANCELLED_TIMES = 5_000, 20


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One event for one endpoint; `attempts` counts all, `tries` those of this round."""

    tenant_id: UUID
    delivery_id: UUID
    webhook_id: UUID
    event_id: UUID
    event_type: str
    payload: str
    state: str
    created_at: datetime
    due_at: datetime | None
    claimed_until: datetime | None = None
    attempts: int = 0
    tries: int = 0
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """What became of sending it once."""

    tenant_id: UUID
    delivery_id: UUID
    number: int
    at: datetime
    duration_ms: int
    status: int | None
    error: str | None
    answer: str


async def add_deliveries(write: Writing, rows: Sequence[DeliveryRow]) -> None:
    """Adds those that are not there yet."""
    if rows:
        statement = upsert(WEBHOOK_DELIVERY).on_conflict_do_nothing()
        await write.run(statement, [asdict(row) for row in rows])


async def find_delivery(
    read: Reading, webhook_id: UUID, delivery_id: UUID, *, lock: bool = False
) -> DeliveryRow | None:
    """The delivery, if it is that endpoint's. `lock` holds it until the commit."""
    query = select(*_DELIVERY).where(
        _DELIVERY.tenant_id == read.tenant_id,
        _DELIVERY.webhook_id == webhook_id,
        _DELIVERY.delivery_id == delivery_id,
    )
    if lock:
        query = query.with_for_update()
    row = (await read.run(query)).one_or_none()
    return None if row is None else _delivery(row)


async def list_deliveries(
    read: Reading,
    webhook_id: UUID,
    state: str | None,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[DeliveryRow]:
    """An endpoint's deliveries, newest first, `limit` at most, before the given place."""
    query = (
        select(*_DELIVERY)
        .where(_DELIVERY.tenant_id == read.tenant_id, _DELIVERY.webhook_id == webhook_id)
        .order_by(_DELIVERY.created_at.desc(), _DELIVERY.delivery_id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(_DELIVERY.state == state)
    if before is not None:
        query = query.where(tuple_(_DELIVERY.created_at, _DELIVERY.delivery_id) < before)
    return [_delivery(row) for row in await read.run(query)]


async def attempts_of(read: Reading, deliveries: Sequence[UUID]) -> list[AttemptRow]:
    """Every attempt of these, in order."""
    query = (
        select(*_ATTEMPT)
        .where(_ATTEMPT.tenant_id == read.tenant_id, _ATTEMPT.delivery_id.in_(deliveries))
        .order_by(_ATTEMPT.delivery_id, _ATTEMPT.number)
    )
    return [AttemptRow(**row._asdict()) for row in await read.run(query)]


async def add_attempt(write: Writing, attempt: AttemptRow) -> None:
    """One more attempt."""
    await write.run(insert(WEBHOOK_ATTEMPT), asdict(attempt))


async def save_delivery(write: Writing, row: DeliveryRow) -> None:
    """Writes what changes of a delivery that was loaded under lock."""
    statement = update(WEBHOOK_DELIVERY).where(
        _DELIVERY.tenant_id == row.tenant_id, _DELIVERY.delivery_id == row.delivery_id
    )
    await write.run(
        statement.values(
            state=row.state,
            attempts=row.attempts,
            tries=row.tries,
            due_at=row.due_at,
            claimed_until=row.claimed_until,
        )
    )


async def cancel_pending(write: Writing, webhook_id: UUID) -> None:
    """Nothing more is sent to this endpoint of what was to be. Of an endless queue the end stays as
    it is: nobody takes it up as long as the endpoint is not enabled, and it is forgotten with the
    rest."""
    found = (
        select(_DELIVERY.delivery_id)
        .where(
            _DELIVERY.tenant_id == write.tenant_id,
            _DELIVERY.webhook_id == webhook_id,
            _DELIVERY.state == "pending",
        )
        .limit(CANCELLED_AT_ONCE)
    )
    statement = (
        update(WEBHOOK_DELIVERY)
        .where(_DELIVERY.tenant_id == write.tenant_id, _DELIVERY.delivery_id.in_(found))
        .values(state="cancelled", due_at=None, claimed_until=None)
    )
    for _ in range(CANCELLED_TIMES):
        if (await write.run(statement)).rowcount < CANCELLED_AT_ONCE:
            return


async def take_up_again(
    write: Writing,
    webhook_id: UUID,
    since: datetime,
    until: datetime,
    states: Sequence[str],
    limit: int,
) -> int:
    """Has `limit` at most of these sent again, from now on, oldest first; how many."""
    found = (
        select(_DELIVERY.delivery_id)
        .where(
            _DELIVERY.tenant_id == write.tenant_id,
            _DELIVERY.webhook_id == webhook_id,
            _DELIVERY.created_at >= since,
            _DELIVERY.created_at < until,
            _DELIVERY.state.in_(states),
        )
        .order_by(_DELIVERY.created_at, _DELIVERY.delivery_id)
        .limit(limit)
        .with_for_update()
    )
    statement = (
        update(WEBHOOK_DELIVERY)
        .where(_DELIVERY.tenant_id == write.tenant_id, _DELIVERY.delivery_id.in_(found))
        .values(state="pending", tries=0, due_at=write.now, claimed_until=None)
    )
    return (await write.run(statement)).rowcount


def _delivery(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(**row._asdict())
