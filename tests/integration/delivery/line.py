"""One context's line on real parts: entries in, effects, replies and events out.

The test itself reads the stream and hands entries to the intake, so that it decides what is
delivered, how often, and to whom.
"""

from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.codec import decode, encode
from contracts.wire.envelope import SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply, decode_reply
from contracts.wire.sealing import Keyring
from contracts.wire.streams import commands_of, dead_of, events_of, replies_to
from contracts.wire.tracing import next_traceparent
from handlers.delivery.asking import Asker, entries_of
from handlers.delivery.commands import CommandRunner
from handlers.delivery.entries import Entry
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.groups import ensure_group
from handlers.delivery.intake import Intake
from handlers.delivery.metrics import ProcessMetrics
from handlers.delivery.operations import own_queries
from handlers.delivery.outage import Outage
from handlers.delivery.queries import QueryRunner
from handlers.delivery.reclaimer import Reclaimer
from handlers.delivery.redis_clients import writing_client
from handlers.delivery.redis_clock import RedisClock, entry_ms
from handlers.delivery.relay import Relay
from handlers.delivery.standing import Standing
from handlers.delivery.trail import Trail
from handlers.delivery.work import CommandRoute, QueryRoute
from handlers.delivery.writer import Writer, flat
from storage.delivery.engine import make_engine
from storage.delivery.known import KnownObjects
from tests.integration.delivery.notes import CONTEXT, Owner, effect_of, note_routes
from tests.integration.patience import ANSWER_WITHIN
from tests.integration.postgres import SECRET, MigratedDatabase

CALLER = Actor("user", str(new_id()), ("customer",), frozenset({"note:add"}))
NO_FAILURE = FailPoints("", "handler", "development")


class Line:
    """Opened on a database with the tables of `notes` and on a Redis that nobody else uses."""

    def __init__(
        self, url: str, database: MigratedDatabase, answer_within: float = ANSWER_WITHIN
    ) -> None:
        self.client: Redis = writing_client(url, 40, answer_within)
        self.database = database
        self.keyring = Keyring(SECRET)
        self.engine = make_engine(database.app, connections=24, name="line")
        self.administrator = make_engine(database.administrator, connections=2, name="line")
        self.relay_engine = make_engine(database.relay, connections=4, name="line relay")
        self.stream = commands_of(CONTEXT)
        self.known = KnownObjects(self.client, 300)
        self.outage = Outage(self.engine, self.client, "one")
        self.writer = Writer(self.client, "worker/one")
        self.clock = RedisClock(self.client)
        self.asker = Asker(self.client, self.client, "line", self.keyring, 3)
        self.owner = Owner()
        routes: tuple[CommandRoute | QueryRoute, ...] = (
            *note_routes(self.owner),
            *own_queries(CONTEXT, self.engine, self.client, self.keyring),
        )
        self.routes = {route.message.type: route for route in routes}
        self.queries = QueryRunner(self.engine, self.keyring)
        self.trail = Trail(self.writer, "worker/one")
        self.metrics = ProcessMetrics()
        self.intake = Intake(
            context=CONTEXT,
            routes=self.routes,
            commands=CommandRunner(CONTEXT, self.engine, self.keyring, NO_FAILURE),
            queries=self.queries,
            writer=self.writer,
            clock=self.clock,
            known=self.known,
            keyring=self.keyring,
            standing=Standing(self.known, rules=None),
            outage=self.outage,
            failpoints=NO_FAILURE,
            trail=self.trail,
            metrics=self.metrics.of_context(CONTEXT, self.routes),
        )

    async def open(self) -> None:
        """Nothing is left of another test."""
        async with self.administrator.begin() as connection:
            await connection.execute(text("TRUNCATE inbox, outbox, effect"))
            await connection.execute(text("UPDATE relay_state SET high_water = 0, next_seq = 1"))
        await ensure_group(self.client, self.stream, CONTEXT)

    async def close(self) -> None:
        for engine in (self.engine, self.administrator, self.relay_engine):
            await engine.dispose()
        await self.client.aclose()

    def relay(self, failpoints: FailPoints = NO_FAILURE) -> Relay:
        return Relay(CONTEXT, self.relay_engine, self.client, failpoints)

    def command(self, tenant_id: UUID, does: str = "done", **fields: Any) -> Envelope:
        """`note.add` as a gateway would send it."""
        return Envelope(
            **{
                "id": new_id(),
                "type": "note.add",
                "source": "gateway/g",
                "data": orjson.dumps({"does": does}),
                "tenant_id": tenant_id,
                "actor": CALLER,
                "reply_to": "g",
                "traceparent": next_traceparent(),
                **fields,
            }
        )

    async def publish(self, envelope: Envelope) -> str:
        found = await self.client.execute_command("XADD", self.stream, "*", *flat(encode(envelope)))
        return str(found.decode())

    async def read(self, consumer: str = "one", count: int = 100) -> list[Entry]:
        """New entries, now in the pending list of `consumer`."""
        answer = await self.client.execute_command(
            *("XREADGROUP", "GROUP", CONTEXT, consumer, "COUNT", count),
            *("STREAMS", self.stream, ">"),
        )
        return [Entry(self.stream, CONTEXT, at, fields) for at, fields in entries_of(answer)]

    async def deliver(self, envelope: Envelope) -> Reply:
        """Publishes, reads and takes it; the reply that came."""
        await self.publish(envelope)
        for entry in await self.read():
            await self.intake.take(entry)
        return (await self.replies(envelope))[-1]

    async def replies(self, envelope: Envelope) -> list[Reply]:
        """The replies to this message, oldest first."""
        answers = [decode(fields) for _, fields in await self.range(replies_to(envelope.reply_to))]
        return [
            decode_reply(one.data, self.keyring)
            for one in answers
            if one.subject == str(envelope.id)
        ]

    async def later_than(self, milliseconds: int) -> bool:
        """Whether so much time has passed by Redis's clock since the last entry was made."""
        at = (await self.range(self.stream))[-1][0]
        seconds, micros = await self.client.time()
        return int(seconds) * 1000 + int(micros) // 1000 >= entry_ms(at) + milliseconds

    async def pending(self) -> int:
        found = await self.client.xpending(self.stream, CONTEXT)
        return int(found["pending"])

    async def dead(self) -> list[dict[str, str]]:
        return [
            {name.decode(): value.decode(errors="replace") for name, value in fields.items()}
            for _, fields in await self.range(dead_of(CONTEXT))
        ]

    async def range(self, stream: str) -> list[tuple[str, dict[bytes, bytes]]]:
        """Everything on a stream."""
        found = await self.client.execute_command("XRANGE", stream, "-", "+")
        return entries_of([[b"", found]])

    async def events(self) -> list[tuple[str, Envelope]]:
        """Ids and events on the event stream."""
        return [(at, decode(fields)) for at, fields in await self.range(events_of(CONTEXT))]

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """Rows as the administrator sees them: of all tenants."""
        return await rows_of(self.administrator, statement, **values)

    async def effects(self) -> set[UUID]:
        return effect_of(await self.rows("SELECT command_id FROM effect"))

    def reclaimer(self, consumer: str = "one", min_idle: int = 0) -> Reclaimer:
        return Reclaimer(
            self.client,
            self.stream,
            CONTEXT,
            consumer,
            self.intake.take,
            self.outage.answers,
            min_idle,
        )


async def rows_of(engine: AsyncEngine, statement: str, **values: Any) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(text(statement), values))


def system(envelope: Envelope) -> Envelope:
    """The same, sent by the system."""
    return envelope.with_fields(actor=SYSTEM)
