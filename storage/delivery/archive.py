"""Archived outbox rows: events that are old, for a consumer that begins again.

All of it runs as the timers' own role, whose policies show it the rows of all tenants.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.timing import committed

BATCH = 5_000

# all tenants: rows go by age, and never before they are on their stream. Of a command nothing is
# kept: its outcome is its context's. From which address something was done is not kept for longer
# than an event is.
_MOVE = text("""
    WITH old AS (
        SELECT id FROM outbox
        WHERE published_at < clock_timestamp() - make_interval(days => :days)
        ORDER BY id LIMIT :batch
    ),
    gone AS (
        DELETE FROM outbox USING old WHERE outbox.id = old.id
        RETURNING pub_seq, event_id, tenant_id, aggregate_id, sequence, type, fields, published_at
    ),
    kept AS (
        INSERT INTO outbox_archive
            (pub_seq, event_id, tenant_id, aggregate_id, sequence, type, fields, published_at)
        SELECT pub_seq, event_id, tenant_id, aggregate_id, sequence, type,
               fields - 'clientaddress', published_at
        FROM gone WHERE pub_seq IS NOT NULL AND sequence IS NOT NULL
    )
    SELECT count(*) FROM gone
""")
# all tenants: rows go by age, and that they are gone stays known
_FORGET = text("""
    WITH old AS (
        SELECT pub_seq FROM outbox_archive
        WHERE published_at < clock_timestamp() - make_interval(days => :days)
        ORDER BY pub_seq LIMIT :batch
    ),
    gone AS (
        DELETE FROM outbox_archive USING old WHERE outbox_archive.pub_seq = old.pub_seq
        RETURNING outbox_archive.pub_seq
    ),
    known AS (
        UPDATE outbox_archive_state
        SET forgotten_up_to = greatest(forgotten_up_to, (SELECT max(pub_seq) FROM gone))
        WHERE EXISTS (SELECT 1 FROM gone)
    )
    SELECT count(*) FROM gone
""")
_FORGET_TENANT = text("DELETE FROM outbox_archive WHERE tenant_id = :tenant_id")
# What is not on its stream yet gets there first.
_FORGET_PUBLISHED = text(
    "DELETE FROM outbox WHERE tenant_id = :tenant_id AND published_at IS NOT NULL"
)
# all tenants: events are numbered in one order
_FORGOTTEN = text("SELECT forgotten_up_to FROM outbox_archive_state")
# all tenants: a consumer hears everybody's events
_PUBLISHED = text("""
    SELECT pub_seq, fields FROM (
        SELECT pub_seq, type, fields FROM outbox_archive
        UNION ALL
        SELECT pub_seq, type, fields FROM outbox
        WHERE published_at IS NOT NULL AND sequence IS NOT NULL AND pub_seq IS NOT NULL
    ) AS event
    WHERE pub_seq > :after AND (:every OR type = ANY(:types)) ORDER BY pub_seq LIMIT :batch
""")


@dataclass(frozen=True, slots=True)
class Published:
    """An event that was published, with its place in its stream."""

    pub_seq: int
    fields: dict[str, Any]


async def archive(engine: AsyncEngine, days: int) -> None:
    """What was published longer ago than `days` is in the archive, and in the outbox no more."""
    moved = BATCH
    while moved == BATCH:
        told = {"days": days, "batch": BATCH}
        ((moved,),) = await committed(engine, _MOVE, told, patient=True)


async def forget_archived(engine: AsyncEngine, days: int) -> None:
    """What was published longer ago than `days` is gone for good."""
    gone = BATCH
    while gone == BATCH:
        told = {"days": days, "batch": BATCH}
        ((gone,),) = await committed(engine, _FORGET, told, patient=True)


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    """Nothing of a tenant that is gone is kept, nor will be."""
    for statement in (_FORGET_PUBLISHED, _FORGET_TENANT):
        await committed(engine, statement, {"tenant_id": tenant_id}, patient=True)


async def forgotten_up_to(engine: AsyncEngine) -> int:
    """The number of the last event that is kept nowhere; 0 where all are kept, but for those of
    tenants that are gone."""
    ((found,),) = await committed(engine, _FORGOTTEN, {})
    return int(found)


async def published(
    engine: AsyncEngine, types: Collection[str], batch: int = BATCH
) -> AsyncIterator[list[Published]]:
    """Every event that is kept, of these types (all, when empty), in order, `batch` at a time."""
    after = 0
    while True:
        asked = {"after": after, "every": not types, "types": list(types), "batch": batch}
        rows = await committed(engine, _PUBLISHED, asked, patient=True)
        if not rows:
            return
        yield [Published(row.pub_seq, row.fields) for row in rows]
        after = rows[-1].pub_seq
