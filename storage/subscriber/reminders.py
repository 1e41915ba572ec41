"""Queries on what is said later: planned, and called off, by the postman's own role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.timing import committed
from storage.subscriber.notifications import Claimed, key_of

# One statement: a plan is either there or carried out. What is planned again is what it was;
# after a booking has moved to and fro, what was given up is due again.
_PLAN = text("""
    WITH planned AS (
        DELETE FROM notification
        WHERE tenant_id = :tenant AND notification_id = :notification AND state = 'queued'
        RETURNING tenant_id, booking_id, user_id, created_at)
    INSERT INTO notification (tenant_id, notification_id, template, channel, booking_id, user_id,
        payload, created_at, due_at)
    SELECT planned.tenant_id, one.id, :template, one.channel, booking_id, user_id, one.payload,
        created_at, one.due_at
    FROM planned, unnest(cast(:ids AS uuid[]), cast(:channels AS text[]),
        cast(:payloads AS text[]), cast(:dues AS timestamptz[]))
        AS one (id, channel, payload, due_at)
    ON CONFLICT ON CONSTRAINT pk_notification DO UPDATE
    SET state = 'queued', reason = NULL, ended_at = NULL, payload = excluded.payload,
        due_at = excluded.due_at
    WHERE notification.state = 'skipped'
""")
_SPREAD = text("""
    WITH whole AS (
        DELETE FROM notification
        WHERE tenant_id = :tenant AND notification_id = :notification AND state = 'queued'
        RETURNING tenant_id, template, channel, user_id, created_at)
    INSERT INTO notification (tenant_id, notification_id, template, channel, booking_id, user_id,
        payload, created_at, due_at)
    SELECT tenant_id, plan.id, template, channel, plan.booking_id, user_id, plan.payload,
        created_at, clock_timestamp()
    FROM whole, unnest(cast(:ids AS uuid[]), cast(:bookings AS uuid[]),
        cast(:payloads AS text[])) AS plan (id, booking_id, payload)
""")
_CALL_OFF = text("""
    UPDATE notification SET state = 'skipped', reason = 'superseded', ended_at = clock_timestamp()
    WHERE tenant_id = :tenant AND state = 'queued' AND template = :template
      AND booking_id = (SELECT booking_id FROM notification
          WHERE tenant_id = :tenant AND notification_id = :notification)
      AND notification_id <> :notification
""")
_SENT_OF_BOOKING = text("""
    SELECT EXISTS (SELECT 1 FROM notification one
        JOIN notification other ON other.tenant_id = one.tenant_id
            AND other.booking_id = one.booking_id AND other.channel = one.channel
        WHERE one.tenant_id = :tenant AND one.notification_id = :notification
            AND other.template = :template AND other.state = 'sent')
""")


@dataclass(frozen=True, slots=True)
class Planned:
    """Something to be said later. `payload` is sealed."""

    notification_id: UUID
    channel: str
    payload: str
    due_at: datetime


async def carry_out(
    engine: AsyncEngine, plan: Claimed, template: str, rows: Sequence[Planned]
) -> None:
    """In the place of the plan stands what was planned."""
    values = {
        "template": template,
        "ids": [row.notification_id for row in rows],
        "channels": [row.channel for row in rows],
        "payloads": [row.payload for row in rows],
        "dues": [row.due_at for row in rows],
    }
    await committed(engine, _PLAN, {**values, **key_of(plan)})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be planned of one booking. `payload` is sealed."""

    notification_id: UUID
    booking_id: UUID
    payload: str


async def spread(engine: AsyncEngine, whole: Claimed, plans: Sequence[Plan]) -> None:
    """In the place of the whole stand its plans, due at once."""
    values = {
        "ids": [plan.notification_id for plan in plans],
        "bookings": [plan.booking_id for plan in plans],
        "payloads": [plan.payload for plan in plans],
    }
    await committed(engine, _SPREAD, {**values, **key_of(whole)})


async def call_off(engine: AsyncEngine, plan: Claimed, template: str) -> None:
    """What was planned for the same booking is not going to be said."""
    await committed(engine, _CALL_OFF, {"template": template, **key_of(plan)})


async def was_sent(engine: AsyncEngine, one: Claimed, template: str) -> bool:
    """Whether this was said of the same booking, by the same way, before."""
    ((found,),) = await committed(engine, _SENT_OF_BOOKING, {"template": template, **key_of(one)})
    return bool(found)
