"""Asking one context's handlers as Intake does, without a stream in between."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.catalogue import COMMANDS
from contracts.wire.codec import decode
from contracts.wire.envelope import SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, decode_reply, refusal
from contracts.wire.sealing import Keyring
from contracts.wire.streams import commands_of
from contracts.wire.strict import Message
from handlers.delivery.commands import Carried, CommandRunner
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.intake import TRIES
from handlers.delivery.queries import QueryRunner
from handlers.delivery.work import Asked, CommandRoute, QueryRoute
from storage.delivery.engine import make_engine
from storage.delivery.errors import Trouble, sqlstate, trouble_of
from storage.delivery.known import Fact
from tests.integration.postgres import SECRET, MigratedDatabase

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Event:
    """An outbox row: what the relay will publish."""

    type: str
    stream: str
    sequence: int | None
    data: dict[str, Any]
    fields: dict[str, str]


CONNECTIONS = 8
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
DEADLOCK = "40P01"


class Desk:
    """The handlers of a context over its database, as the application's role.

    `facts` are those of the last command; `carried` is all that it left to do; `quarrels` are the
    errors after which something was tried again, by SQLSTATE.
    """

    def __init__(self, context: str, engine: AsyncEngine, administrator: AsyncEngine) -> None:
        self.context = context
        self.engine = engine
        self.administrator = administrator
        self.keyring = Keyring(SECRET)
        self.carried = Carried(None)
        self.quarrels: Counter[str | None] = Counter()
        # Those whom commands are sent to, and the commands that went to and fro.
        self.neighbours: list[Desk] = []
        self.told: tuple[str, ...] = ()
        self._answered: dict[UUID, Reply] = {}
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._taken_to = 0
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
            make_engine(database.app, connections=CONNECTIONS, name="desk"),
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
        /,
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
        # As many at once as there are connections, as a process has it: the rest wait for a turn.
        async with self._turns:
            if route.prepare is not None:
                asked = Asked(body, envelope, await route.prepare(asked))
            if isinstance(route, QueryRoute):
                found = await self.persist(lambda: self._queries.run(route, asked))
                return decode_reply(found, self.keyring)
            return await self.answer(route, asked)

    async def begin(
        self, message: type[Message], tenant_id: UUID, actor: Actor = SYSTEM, **fields: Any
    ) -> UUID:
        """Carries out a command that then waits for another context; its id."""
        data = orjson.dumps(fields)
        envelope = Envelope(new_id(), message.type, "tests", data, tenant_id=tenant_id, actor=actor)
        route = self._routes[message.type]
        assert isinstance(route, CommandRoute)
        asked: Asked[Any] = Asked(message.model_validate_json(data), envelope)
        self.carried = await self._carried_out(route, asked)
        assert self.carried.reply is None
        return envelope.id

    async def end(self, command_id: UUID) -> Reply:
        """The reply to a command that waits: its neighbours bring it about."""
        found = await self._brought_about(command_id)
        assert found is not None, "the command waits for somebody who is not there"
        return found

    async def answer(self, route: CommandRoute, asked: Asked[Any]) -> Reply:
        """The reply to a command; where it waits, the reply that its neighbours bring about."""
        self.carried = await self._carried_out(route, asked)
        if self.carried.reply is not None:
            return decode_reply(self.carried.reply, self.keyring)
        return await self.end(asked.envelope.id)

    async def deliver(self, envelope: Envelope) -> Carried:
        """Carries out a command that another context sent."""
        route = self._routes[envelope.type]
        assert isinstance(route, CommandRoute)
        asked: Asked[Any] = Asked(route.message.model_validate_json(envelope.data), envelope)
        if route.prepare is not None:
            asked = Asked(asked.message, envelope, await route.prepare(asked))
        return await self._carried_out(route, asked)

    async def persist(self, work: Callable[[], Awaitable[T]]) -> T:
        """What the work comes to: who loses a quarrel tries again, as often as in production."""
        for _ in range(TRIES - 1):
            try:
                return await work()
            except DBAPIError as failure:
                if trouble_of(failure) is not Trouble.AGAIN:
                    raise
                self.quarrels[sqlstate(failure)] += 1
        return await work()

    async def deadlocks(self) -> int:
        """How many there were, as the server counts them and as this desk has met them."""
        return int((await self.rows(DEADLOCKS))[0][0]) + self.quarrels[DEADLOCK]

    async def _carried_out(self, route: CommandRoute, asked: Asked[Any]) -> Carried:
        return await self.persist(lambda: self._commands.run(route, asked, expired=False))

    async def _brought_about(self, command_id: UUID) -> Reply | None:
        """Takes every command from the outboxes to its context, until this one is answered."""
        desks = {desk.context: desk for desk in (self, *self.neighbours)}
        while command_id not in self._answered:
            sent = [one for desk in desks.values() for one in await desk.leaving(desks)]
            if not sent:
                return None
            for envelope in sent:
                await self._took(envelope, desks)
        return self._answered.pop(command_id)

    async def _took(self, envelope: Envelope, desks: Mapping[str, "Desk"]) -> None:
        carried = await desks[COMMANDS[envelope.type].context].deliver(envelope)
        self.told = (*self.told, envelope.type)
        if carried.other is not None:
            asked, answer = carried.other
            self._answered[asked.id] = decode_reply(answer, self.keyring)
            # What it left to do when it began is to be done, too.
            self.carried = replace(carried, facts=self.carried.facts + carried.facts)

    async def leaving(self, contexts: Iterable[str]) -> list[Envelope]:
        """Commands in the outbox for these contexts that were not taken there yet."""
        rows = await self.rows(
            "SELECT id, fields FROM outbox"
            " WHERE sequence IS NULL AND id > :last AND stream = ANY(:to) ORDER BY id",
            last=self._taken_to,
            to=[commands_of(context) for context in contexts],
        )
        self._taken_to = max((row[0] for row in rows), default=self._taken_to)
        return [decode({name: text.encode() for name, text in row[1].items()}) for row in rows]

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
