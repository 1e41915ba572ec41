"""The relay's side of the outbox: numbering, reading in order, and how far it has come.

All of it runs as the relay's own role, whose policies show it the rows of all tenants.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = 200

# all tenants: the relay publishes everybody's events in one order
_NUMBER = text("""
    WITH state AS (SELECT next_seq FROM relay_state FOR UPDATE),
    fresh AS (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM outbox
        WHERE pub_seq IS NULL AND stream = :stream ORDER BY id LIMIT :batch
    ),
    numbered AS (
        UPDATE outbox o SET pub_seq = state.next_seq + fresh.place FROM fresh, state
        WHERE o.id = fresh.id RETURNING 1
    )
    UPDATE relay_state SET next_seq = next_seq + (SELECT count(*) FROM numbered)
    WHERE (SELECT count(*) FROM numbered) > 0
""")
# all tenants: as above
_NEXT = text("""
    SELECT pub_seq, event_id, fields FROM outbox
    WHERE pub_seq > :after AND stream = :stream ORDER BY pub_seq LIMIT :batch
""")
_ADVANCE = text("UPDATE relay_state SET high_water = :to")
# all tenants: as above
_PUBLISHED = text("""
    UPDATE outbox SET published_at = clock_timestamp()
    WHERE pub_seq > :after AND pub_seq <= :to AND published_at IS NULL
""")
# all tenants: as above
_ANY = text("SELECT EXISTS (SELECT 1 FROM outbox WHERE published_at IS NULL)")
# What was sent at about the time of the event at :to, or later, may be lost; what of it was carried
# out is known to its consumer's inbox.
# all tenants: the stream is everybody's
_UNSEND = text("""
    UPDATE outbox SET published_at = NULL
    WHERE pub_seq IS NULL AND sequence IS NULL AND stream <> :events
      AND published_at >= coalesce(
        (SELECT published_at FROM outbox WHERE pub_seq = :to), '-infinity'
      ) - interval '1 minute'
""")
# A Redis that died has lost what it was given in its last second (AOF, everysec), and after that it
# was given nothing: what may be lost is among what was sent last.
# all tenants: the stream is everybody's
_UNSEND_LAST = text("""
    UPDATE outbox SET published_at = NULL
    WHERE pub_seq IS NULL AND sequence IS NULL AND stream <> :events
      AND published_at >= (
        SELECT max(published_at) FROM outbox
        WHERE pub_seq IS NULL AND sequence IS NULL AND stream <> :events
      ) - interval '5 seconds'
""")
_STATE = text("SELECT high_water, next_seq FROM relay_state")
# all tenants: as above
_EVENT_AT = text("SELECT event_id FROM outbox WHERE pub_seq = :at")
# all tenants: commands from one context to another
_COMMANDS = text("""
    SELECT id, stream, fields FROM outbox
    WHERE published_at IS NULL AND stream <> :events AND pub_seq IS NULL
    ORDER BY id LIMIT :batch
""")
# all tenants: as above
_SENT = text("UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY(:ids)")
# all tenants: rows numbered under the old base, which never reached the stream
_UNNUMBER = text("UPDATE outbox SET pub_seq = NULL WHERE pub_seq > :above AND published_at IS NULL")
_REBASE = text("""
    UPDATE relay_state SET high_water = cast(:base AS bigint), next_seq = cast(:base AS bigint) + 1
""")
_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('relay:' || :context, 0))")


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event with its place in the stream."""

    pub_seq: int
    event_id: UUID
    fields: dict[str, Any]


async def try_lock(connection: AsyncConnection, context: str) -> bool:
    """Makes this connection's session the one active relay of `context`, if there is none."""
    async with connection.begin():
        found = await connection.execute(_LOCK, {"context": context})
        return bool(found.scalar_one())


async def anything_unpublished(connection: AsyncConnection) -> bool:
    """Whether the relay has anything to do; the cheap question that idle polls ask."""
    async with connection.begin():
        return bool((await connection.execute(_ANY)).scalar_one())


async def number(connection: AsyncConnection, stream: str) -> None:
    """Gives up to BATCH new rows their places in id order."""
    async with connection.begin():
        await connection.execute(_NUMBER, {"stream": stream, "batch": BATCH})


async def next_events(connection: AsyncConnection, stream: str, after: int) -> list[Numbered]:
    """Numbered events above `after`, in order, BATCH at most."""
    async with connection.begin():
        found = await connection.execute(_NEXT, {"after": after, "stream": stream, "batch": BATCH})
        return [Numbered(row.pub_seq, row.event_id, row.fields) for row in found]


async def advance(connection: AsyncConnection, after: int, to: int) -> None:
    """Everything up to `to` is on the stream."""
    async with connection.begin():
        await connection.execute(_PUBLISHED, {"after": after, "to": to})
        await connection.execute(_ADVANCE, {"to": to})


async def go_back(connection: AsyncConnection, stream: str, to: int) -> None:
    """The stream lost what lies above `to`: it is published again, and with it are sent again the
    commands for other contexts that Redis may have lost."""
    async with connection.begin():
        await connection.execute(_UNSEND, {"events": stream, "to": to})
        await connection.execute(_ADVANCE, {"to": to})


async def send_last_again(connection: AsyncConnection, stream: str) -> None:
    """The commands that were sent last, within some seconds, are to be sent once more: whoever had
    them knows them."""
    async with connection.begin():
        await connection.execute(_UNSEND_LAST, {"events": stream})


async def high_water(connection: AsyncConnection) -> int:
    """The number of the last event that is known to be on the stream."""
    async with connection.begin():
        return int((await connection.execute(_STATE)).one().high_water)


async def event_at(connection: AsyncConnection, pub_seq: int) -> UUID | None:
    """The event that has this number, or None when none has (any more)."""
    async with connection.begin():
        found = (await connection.execute(_EVENT_AT, {"at": pub_seq})).scalar_one_or_none()
    return found if isinstance(found, UUID) or found is None else UUID(str(found))


async def new_base(connection: AsyncConnection, base: int) -> None:
    """Numbers go on above `base`; rows that were numbered and never published get new ones."""
    async with connection.begin():
        mark = (await connection.execute(_STATE)).one().high_water
        await connection.execute(_UNNUMBER, {"above": mark})
        await connection.execute(_REBASE, {"base": base})


async def unsent_commands(connection: AsyncConnection, events: str) -> list[tuple[int, str, Any]]:
    """Commands for other contexts that are not on their streams yet: id, stream, fields."""
    async with connection.begin():
        found = await connection.execute(_COMMANDS, {"events": events, "batch": BATCH})
        return [(row.id, row.stream, row.fields) for row in found]


async def mark_sent(connection: AsyncConnection, ids: list[int]) -> None:
    """These commands are on their streams."""
    async with connection.begin():
        await connection.execute(_SENT, {"ids": ids})
