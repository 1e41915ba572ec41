"""Asking one context's handlers as Intake does, without a stream in between."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.envelope import SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, decode_reply, refusal
from contracts.wire.sealing import Keyring
from contracts.wire.strict import Message
from handlers.delivery.commands import Carried, CommandRunner
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.queries import QueryRunner
from handlers.delivery.work import Asked, CommandRoute, QueryRoute
from storage.delivery.engine import make_engine
from storage.delivery.known import Fact
from tests.integration.postgres import SECRET, MigratedDatabase


@dataclass(frozen=True, slots=True)
class Event:
    """An outbox row: what the relay will publish."""

    type: str
    stream: str
    sequence: int | None
    data: dict[str, Any]
    fields: dict[str, str]


class Desk:
    """The handlers of a context over its database, as the application's role.

    `facts` are those of the last command; `carried` is all that it left to do.
    """

    def __init__(self, context: str, engine: AsyncEngine, administrator: AsyncEngine) -> None:
        self.context = context
        self.engine = engine
        self.administrator = administrator
        self.keyring = Keyring(SECRET)
        self.carried = Carried(None)
        self._routes: dict[str, CommandRoute | QueryRoute] = {}
        self._commands = CommandRunner(
            context, engine, self.keyring, FailPoints("", "handler", "development")
        )
        self._queries = QueryRunner(engine, self.keyring)

    @classmethod
    def at(cls, context: str, database: MigratedDatabase) -> Self:
        """A desk at this database."""
        return cls(
            context,
            make_engine(database.app, connections=8, name="desk"),
            make_engine(database.administrator, connections=2, name="desk"),
        )

    def serve(self, routes: Iterable[CommandRoute | QueryRoute]) -> None:
        self._routes = {route.message.type: route for route in routes}

    async def close(self) -> None:
        await self.engine.dispose()
        await self.administrator.dispose()

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.carried.facts

    async def ask(
        self,
        message: type[Message],
        tenant_id: UUID | None,
        actor: Actor = SYSTEM,
        *,
        command_id: UUID | None = None,
        **fields: Any,
    ) -> Reply:
        """The reply to a message of these fields; bodies are read by the contract, as JSON."""
        data = orjson.dumps(fields)
        envelope = Envelope(
            id=command_id or new_id(),
            type=message.type,
            source="tests",
            data=data,
            tenant_id=tenant_id,
            actor=actor,
        )
        body = message.model_validate_json(data)
        if message.permissions and not actor.may(*message.permissions):
            return refusal(Problem(code="forbidden"), "")
        route = self._routes[message.type]
        asked: Asked[Any] = Asked(body, envelope)
        if route.prepare is not None:
            asked = Asked(body, envelope, await route.prepare(asked))
        if isinstance(route, QueryRoute):
            return decode_reply(await self._queries.run(route, asked), self.keyring)
        self.carried = await self._commands.run(route, asked, expired=False)
        assert self.carried.reply is not None
        return decode_reply(self.carried.reply, self.keyring)

    async def events(self, object_id: UUID | str) -> list[Event]:
        """What was written to the outbox about this object, in order."""
        events = await self._outbox("fields ->> 'subject' LIKE :it", it=f"%/{object_id}")
        return [event for event in events if event.sequence is not None]

    async def sent(self, message_type: str, tenant_id: UUID) -> list[Event]:
        """Commands of this type that leave for another context, concerning this tenant."""
        return await self._outbox(
            "type = :type AND tenant_id = :tenant", type=message_type, tenant=tenant_id
        )

    async def _outbox(self, condition: str, **values: Any) -> list[Event]:
        rows = await self.rows(
            f"SELECT type, stream, sequence, fields FROM outbox WHERE {condition} ORDER BY id",
            **values,
        )
        return [Event(row[0], row[1], row[2], orjson.loads(row[3]["data"]), row[3]) for row in rows]

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """Rows as the administrator sees them: of all tenants."""
        async with self.administrator.connect() as connection:
            return list(await connection.execute(text(statement), values))


def code_of(reply: Reply) -> tuple[int, str | None]:
    """Status and problem code."""
    return reply.status, None if reply.problem is None else reply.problem["code"]


def errors_of(reply: Reply) -> set[tuple[str, str]]:
    """Field and code of each thing that is wrong."""
    assert reply.problem is not None
    return {(error["field"], error["code"]) for error in reply.problem["errors"]}
