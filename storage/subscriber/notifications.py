"""Queries on what is said to people: queued by the application, sent by the postman's own role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.delivery.timing import committed
from storage.delivery.transaction import Reading, Writing
from storage.subscriber.tables import NOTIFICATION


@dataclass(frozen=True, slots=True)
class Queued:
    """One message to one person, as it is queued. `payload` is sealed."""

    notification_id: UUID
    template: str
    channel: str
    payload: str
    booking_id: UUID | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """One that is due, and is nobody else's to send for as long as its claim lasts. `attempts`
    counts this one."""

    tenant_id: UUID
    notification_id: UUID
    template: str
    channel: str
    user_id: UUID | None
    payload: str
    attempts: int
    created_at: datetime
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Logged:
    """What became of one, without whom it went to and what it said."""

    notification_id: UUID
    template: str
    channel: str
    state: str
    reason: str | None
    attempts: int
    created_at: datetime
    ended_at: datetime | None


_ADD = insert(NOTIFICATION)
# all tenants: the postman serves them all, one after the other: whoever has ten thousand to send
# has one of theirs in a round, as long as others wait. From one tenant to the next the index is
# jumped along, whatever stands there for later.
_CLAIM = text("""
    WITH RECURSIVE waiting AS (
        (SELECT tenant_id FROM notification WHERE state = 'queued' AND channel = :channel
         ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT n.tenant_id FROM notification n
                WHERE n.state = 'queued' AND n.channel = :channel
                  AND n.tenant_id > waiting.tenant_id ORDER BY n.tenant_id LIMIT 1)
        FROM waiting WHERE waiting.tenant_id IS NOT NULL),
    turns AS (
        SELECT due.*, row_number() OVER (PARTITION BY due.tenant_id ORDER BY due.due_at) AS turn
        FROM waiting CROSS JOIN LATERAL (
            SELECT n.tenant_id, n.notification_id, n.due_at FROM notification n
            WHERE n.state = 'queued' AND n.channel = :channel AND n.tenant_id = waiting.tenant_id
              AND n.due_at <= clock_timestamp()
            ORDER BY n.due_at LIMIT :count) due),
    chosen AS (
        SELECT n.tenant_id, n.notification_id FROM notification n
        JOIN turns USING (tenant_id, notification_id)
        WHERE n.state = 'queued' AND n.due_at <= clock_timestamp()
        ORDER BY turns.turn, turns.due_at LIMIT :count FOR UPDATE OF n SKIP LOCKED)
    UPDATE notification n
    SET attempts = attempts + 1,
        due_at = clock_timestamp() + make_interval(secs => :claimed_for)
    FROM chosen
    WHERE n.tenant_id = chosen.tenant_id AND n.notification_id = chosen.notification_id
    RETURNING n.tenant_id, n.notification_id, n.template, n.channel, n.user_id, n.payload,
        n.attempts, n.created_at, clock_timestamp() AS claimed_at
""")
_END = text("""
    UPDATE notification SET state = :state, reason = :reason, ended_at = clock_timestamp()
    WHERE tenant_id = :tenant AND notification_id = :notification AND state = 'queued'
""")
_POSTPONE = text("""
    UPDATE notification
    SET due_at = clock_timestamp() + make_interval(secs => :seconds), reason = :reason,
        attempts = attempts - :uncounted
    WHERE tenant_id = :tenant AND notification_id = :notification AND state = 'queued'
""")
_DROP = text("""
    DELETE FROM notification
    WHERE tenant_id = :tenant AND notification_id = :notification AND state = 'queued'
""")
# What is said later than that by the same way, of the same booking and to the same person; what
# was planned long ago says something else.
_SUPERSEDED = text("""
    SELECT EXISTS (SELECT 1 FROM notification one
        JOIN notification later ON later.tenant_id = one.tenant_id
            AND later.booking_id = one.booking_id AND later.channel = one.channel
            AND later.user_id IS NOT DISTINCT FROM one.user_id
            AND later.created_at > one.created_at
        WHERE one.tenant_id = :tenant AND one.notification_id = :notification
            AND one.template IN ('booking.created', 'booking.moved')
            AND later.template IN ('booking.moved', 'booking.cancelled')
            AND later.state IN ('queued', 'sent'))
""")
# all tenants: what has been said is wiped by age
_WIPE = text("""
    UPDATE notification SET payload = NULL
    WHERE payload IS NOT NULL AND ended_at < clock_timestamp() - make_interval(hours => :hours)
""")

_SENT = text("""
    SELECT width_bucket(ended_at, cast(:limits AS timestamptz[])) AS place, count(*) AS many
    FROM notification
    WHERE tenant_id = :tenant AND state = 'sent' AND ended_at >= :since AND ended_at < :until
    GROUP BY 1
""")


async def queue(work: Writing, one: Queued) -> None:
    """It is due from now on."""
    await work.run(
        _ADD,
        {
            "tenant_id": work.tenant_id,
            "notification_id": one.notification_id,
            "template": one.template,
            "channel": one.channel,
            "payload": one.payload,
            "booking_id": one.booking_id,
            "user_id": one.user_id,
            "created_at": work.now,
            "due_at": work.now,
        },
    )


async def of_booking(read: Reading, booking_id: UUID, limit: int) -> list[Logged]:
    """What was said about a booking, oldest first."""
    table = NOTIFICATION.c
    shown = [table[name] for name in Logged.__dataclass_fields__]
    query = (
        select(*shown)
        .where(table.tenant_id == read.tenant_id, table.booking_id == booking_id)
        .order_by(table.created_at, table.notification_id)
        .limit(limit)
    )
    return [Logged(**row._asdict()) for row in await read.run(query)]


async def to_person(
    read: Reading, user_id: UUID, limit: int, after: tuple[datetime, UUID] | None
) -> list[Logged]:
    """What was said to a person, oldest first, `limit` at most, after the given place."""
    table = NOTIFICATION.c
    shown = [table[name] for name in Logged.__dataclass_fields__]
    query = (
        select(*shown)
        .where(table.tenant_id == read.tenant_id, table.user_id == user_id)
        .order_by(table.created_at, table.notification_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(table.created_at, table.notification_id) > after)
    return [Logged(**row._asdict()) for row in await read.run(query)]


async def sent_between(read: Reading, limits: Sequence[datetime]) -> list[int]:
    """How many were sent between each limit and the next."""
    values = {
        "tenant": read.tenant_id,
        "limits": list(limits),
        "since": limits[0],
        "until": limits[-1],
    }
    counted = {row.place: row.many for row in await read.run(_SENT, values)}
    return [counted.get(place, 0) for place in range(1, len(limits))]


async def claim(engine: AsyncEngine, channel: str, count: int, claimed_for: float) -> list[Claimed]:
    """Up to `count` that are due, tenants taking turns. Whoever does not say within `claimed_for`
    seconds what became of one leaves it to be sent again."""
    rows = await committed(
        engine, _CLAIM, {"channel": channel, "count": count, "claimed_for": claimed_for}
    )
    return [Claimed(**row._asdict()) for row in rows]


async def end(engine: AsyncEngine, one: Claimed, state: str, reason: str | None) -> None:
    """It is sent, failed or skipped, and stays so."""
    await committed(engine, _END, {"state": state, "reason": reason, **key_of(one)})


async def drop(engine: AsyncEngine, one: Claimed) -> None:
    """Nothing was to be said, and nothing is kept of it."""
    await committed(engine, _DROP, key_of(one))


async def postpone(
    engine: AsyncEngine, one: Claimed, seconds: float, reason: str, *, counted: bool
) -> None:
    """It is due again in so many seconds; an attempt that is not counted was none."""
    uncounted = 0 if counted else 1
    values = {"seconds": seconds, "reason": reason, "uncounted": uncounted, **key_of(one)}
    await committed(engine, _POSTPONE, values)


async def is_superseded(engine: AsyncEngine, one: Claimed) -> bool:
    """Whether what it says of a booking is not so any more, and whoever reads it is told how it is:
    a message that could not be sent for a while would contradict one that came before it."""
    ((found,),) = await committed(engine, _SUPERSEDED, key_of(one))
    return bool(found)


async def wipe_said(engine: AsyncEngine, hours: int) -> None:
    """Of what ended longer ago only ids, template, state and times are left."""
    await committed(engine, _WIPE, {"hours": hours})


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    """Nothing is left of what was said in a tenant."""
    await purging.forget_tenant(engine, (NOTIFICATION,), tenant_id)


def key_of(one: Claimed) -> dict[str, UUID]:
    """By which a statement names it."""
    return {"tenant": one.tenant_id, "notification": one.notification_id}
