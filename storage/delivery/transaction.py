"""The one edge at which anything is committed: a command's transaction, and a query's snapshot."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql import Executable

from contracts.wire.identity import NIL

_BEGIN = text(
    "SELECT state, fingerprint, reply, effects, began_at FROM delivery_begin("
    ":tenant, :command, :fingerprint, :actor, :reply_to, :traceparent)"
)
_FINISH = text(
    "SELECT delivery_finish(:tenant, :command, :state, :reply, :effects, cast(:outbox AS jsonb))"
)
_TENANT = text("SELECT set_config('app.tenant_id', :tenant, true), clock_timestamp()")
_OPERATION = text(
    "SELECT state, reply, actor FROM inbox WHERE tenant_id = :tenant AND command_id = :command"
)
_WAITING = text(
    "SELECT reply_to, traceparent, actor FROM inbox"
    " WHERE tenant_id = :tenant AND command_id = :command AND state = 'waiting' FOR UPDATE"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What stood in the inbox when a command began: `state` is `new` when nothing did.

    `began_at` is the database's clock; time in a decision is this and never the host's.
    """

    state: str
    fingerprint: str
    reply: str | None
    effects: str | None
    began_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message that leaves with the transaction. Events are numbered by the relay; what goes to
    another stream is appended there with an id of that stream's own."""

    event_id: UUID
    tenant_id: UUID
    aggregate_id: UUID
    sequence: int | None
    type: str
    stream: str
    fields: Mapping[str, Any]


class Reading:
    """A snapshot in which one tenant's rows can be seen. It has no way to commit."""

    def __init__(self, connection: AsyncConnection, tenant_id: UUID, now: datetime) -> None:
        self._connection = connection
        self.tenant_id = tenant_id
        self.now = now

    async def run(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Any] | None = None
    ) -> CursorResult[Any]:
        """Executes one statement; its rows are already fetched."""
        return await self._connection.execute(statement, values)

    async def enter(self, tenant_id: UUID) -> None:
        """From here on this transaction sees and writes the rows of another tenant: sign-in and
        provisioning begin before it is known whose they are."""
        await self._connection.execute(_TENANT, {"tenant": str(tenant_id)})
        self.tenant_id = tenant_id


class Writing(Reading):
    """A command's transaction: the same, and rows may be changed in it."""

    async def finish(
        self,
        inbox_tenant: UUID,
        command_id: UUID,
        *,
        state: str,
        reply: bytes | None,
        effects: bytes | None,
        outbox: Sequence[OutboxRow] = (),
    ) -> None:
        """Stores the outcome and the outbox rows, in one round trip."""
        if self.tenant_id != inbox_tenant:
            await self.enter(inbox_tenant)
        await self._connection.execute(
            _FINISH,
            {
                "tenant": inbox_tenant,
                "command": command_id,
                "state": state,
                "reply": None if reply is None else reply.decode(),
                "effects": None if effects is None else effects.decode(),
                "outbox": orjson.dumps([_row(row) for row in outbox]).decode(),
            },
        )

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What the block wrote is taken back when it raises, and only that."""
        async with self._connection.begin_nested():
            yield

    async def waiting(self, command_id: UUID) -> tuple[str, str, str] | None:
        """Where the command that waits for another context is to be answered: reply stream,
        traceparent and actor; None when it does not wait (any more)."""
        result = await self._connection.execute(
            _WAITING, {"tenant": self.tenant_id, "command": command_id}
        )
        row = result.one_or_none()
        return None if row is None else (row[0], row[1], row[2])


@asynccontextmanager
async def writing(
    engine: AsyncEngine,
    tenant_id: UUID | None,
    command_id: UUID,
    *,
    fingerprint: str,
    actor: str,
    reply_to: str,
    traceparent: str,
) -> AsyncIterator[tuple[Writing, Found]]:
    """One transaction around a command: committed when the block ends, rolled back when it raises.

    Platform commands have no tenant and use the nil tenant.
    """
    tenant = tenant_id or NIL
    async with engine.connect() as connection, connection.begin():
        result = await connection.execute(
            _BEGIN,
            {
                "tenant": tenant,
                "command": command_id,
                "fingerprint": fingerprint,
                "actor": actor,
                "reply_to": reply_to,
                "traceparent": traceparent,
            },
        )
        found = Found(*result.one())
        yield Writing(connection, tenant, found.began_at), found


@asynccontextmanager
async def reading(engine: AsyncEngine, tenant_id: UUID | None) -> AsyncIterator[Reading]:
    """One transaction in which rows are only read."""
    tenant = tenant_id or NIL
    async with engine.connect() as connection, connection.begin():
        result = await connection.execute(_TENANT, {"tenant": str(tenant)})
        yield Reading(connection, tenant, result.one()[1])


async def outcome_of(read: Reading, command_id: UUID) -> tuple[str, str | None, str] | None:
    """State, reply and actor of a command's inbox row, or None where there is none."""
    result = await read.run(_OPERATION, {"tenant": read.tenant_id, "command": command_id})
    row = result.one_or_none()
    return None if row is None else (row.state, row.reply, row.actor)


def _row(row: OutboxRow) -> dict[str, Any]:
    return {
        "event_id": str(row.event_id),
        "tenant_id": str(row.tenant_id),
        "aggregate_id": str(row.aggregate_id),
        "sequence": row.sequence,
        "type": row.type,
        "stream": row.stream,
        "fields": row.fields,
    }
