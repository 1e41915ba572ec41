"""All contexts beside each other: what one sends another, and asks it, arrives."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.catalogue import COMMANDS, QUERIES
from contracts.wire.envelope import SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.operations import OperationGet
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, decode_reply, refusal
from contracts.wire.sealing import open_fields
from contracts.wire.strict import Message
from domain.reservation.open_time import OpenTime
from handlers.app.tenants import settings_of_tenant
from handlers.delivery.asking import Asker
from handlers.delivery.commands import Carried, reply_of
from handlers.delivery.operations import own_queries
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.tenant_rules import TenantRules
from handlers.delivery.work import Asked, CommandRoute, Outcome, QueryRoute, Refused, Waiting
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.routes import reservation_routes
from handlers.resource.routes import resource_routes
from handlers.subscribers.audit import audit_routes
from handlers.subscribers.auditing import recording_routes
from handlers.subscribers.billing.questions import billing_routes
from handlers.subscribers.notifications.facts import Facts
from handlers.subscribers.notifications.log import log_routes
from handlers.subscribers.notifications.previewing import template_routes
from handlers.subscribers.notifications.queueing import queueing_routes
from handlers.subscribers.reports.set_up import report_routes
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.routes import webhook_routes
from handlers.tenant.routes import tenant_routes
from handlers.user.routes import user_routes
from handlers.user.tools import UserTools
from storage.delivery.engine import make_engine
from storage.delivery.known import KnownObjects
from storage.delivery.transaction import writing
from tests.integration.desk import CONNECTIONS, Desk
from tests.integration.postgres import SECRET, MigratedDatabase

# Every type that is asked here; `operation.get` is answered by each context for itself.
MESSAGES: dict[str, tuple[str, type[Message]]] = {
    **{name: (message.context, message) for name, message in {**COMMANDS, **QUERIES}.items()},
    OperationGet.type: ("user", OperationGet),
}
OUTBOXES = ("tenant", "resource", "user", "reservation", "webhook")
DATABASE_OF = dict.fromkeys(("audit", "notification", "webhook", "billing", "report"), "subscriber")


class Neighbours(Asker):
    """Asks the desk of whoever owns what is asked about, as the system."""

    def __init__(self, street: "Street") -> None:
        self._street = street

    async def ask(
        self,
        message: Message,
        tenant_id: UUID | None,
        traceparent: str = "",
        message_id: UUID | None = None,
    ) -> Reply:
        fields = orjson.loads(message.model_dump_json(exclude_unset=True, by_alias=True))
        return await self._street.ask(message.type, tenant_id, SYSTEM, fields)


class OpenDesk(Desk):
    """Opens what is sealed of a command that another context sent."""

    async def deliver(self, envelope: Envelope) -> Carried:
        secret = MESSAGES[envelope.type][1].secret_fields
        data = open_fields(envelope.data, secret, self.keyring)
        return await super().deliver(envelope.with_fields(data=data))


class Street:
    """The desks of all contexts. `url_of` says as which role they work."""

    def __init__(
        self,
        databases: Mapping[str, MigratedDatabase],
        known: KnownObjects,
        settings: ProcessSettings,
        url_of: Callable[[MigratedDatabase], str],
        prepared: Callable[[AsyncEngine], None] = lambda _: None,
    ) -> None:
        self.known = known
        self.desks: dict[str, Desk] = {}
        for context in dict.fromkeys((*OUTBOXES, *DATABASE_OF)):
            database = databases[DATABASE_OF.get(context, context)]
            engine = make_engine(url_of(database), connections=CONNECTIONS, name="street")
            prepared(engine)
            administrator = make_engine(database.administrator, connections=2, name="street")
            self.desks[context] = OpenDesk(context, engine, administrator)
        for context, routes in self._routes(settings).items():
            self.desks[context].serve(routes)
        for desk in self.desks.values():
            desk.neighbours = [one for one in self.desks.values() if one is not desk]

    def _routes(
        self, settings: ProcessSettings
    ) -> dict[str, tuple[CommandRoute | QueryRoute, ...]]:
        engines = {context: desk.engine for context, desk in self.desks.items()}
        owners = Neighbours(self)
        rules = TenantRules(self.known, owners, settings_of_tenant)
        tools = UserTools.of(settings, engines["user"], rules)
        knowledge = Knowledge(self.known, owners)
        keyring = self.desks["user"].keyring
        about_itself = own_queries("user", engines["user"], self.known._client, keyring)
        return {
            "tenant": tenant_routes(engines["tenant"], SECRET),
            "resource": resource_routes(SECRET),
            "user": (*user_routes(tools, owners), *about_itself),
            "reservation": reservation_routes(knowledge, engines["reservation"], SECRET),
            "audit": (*audit_routes(SECRET), *recording_routes(keyring)),
            "billing": billing_routes(SECRET),
            "webhook": webhook_routes(SECRET, keyring, Reach()),
            "report": report_routes(engines["report"], owners, OpenTime),
            "notification": (
                *queueing_routes(keyring, prints=False),
                *log_routes(owners, SECRET),
                *template_routes(Facts(self.known, owners, rules)),
            ),
        }

    async def close(self) -> None:
        for desk in self.desks.values():
            await desk.close()

    async def ask(
        self,
        name: str,
        tenant_id: UUID | None,
        actor: Actor,
        fields: Mapping[str, Any],
        message_id: UUID | None = None,
    ) -> Reply:
        """The reply, once whatever it takes of other contexts has been done; what is known of
        objects is written through."""
        context, message = MESSAGES[name]
        desk = self.desks[context]
        asked, route = await self._asked(message, desk, tenant_id, actor, fields, message_id)
        if route is None:
            return refusal(Problem(code="forbidden"), "")
        if isinstance(route, QueryRoute):
            return decode_reply(await desk._queries.run(route, asked), desk.keyring)
        reply = await desk.answer(route, asked)
        for fact in desk.facts:
            await self.known.remember(fact)
        return reply

    async def begin(
        self, name: str, tenant_id: UUID, actor: Actor, fields: Mapping[str, Any]
    ) -> UUID:
        """The id of a command that now waits for another context."""
        context, message = MESSAGES[name]
        desk = self.desks[context]
        asked, route = await self._asked(message, desk, tenant_id, actor, fields, None)
        assert isinstance(route, CommandRoute)
        carried = await desk._commands.run(route, asked, expired=False)
        assert carried.reply is None, carried.reply
        return asked.envelope.id

    async def try_out(
        self, name: str, tenant_id: UUID | None, actor: Actor, fields: Mapping[str, Any]
    ) -> Reply:
        """What the handler makes of it, in a transaction that is taken back: the reply, 202 where
        it goes on in another context, and all else that it comes to."""
        context, message = MESSAGES[name]
        desk = self.desks[context]
        asked, route = await self._asked(message, desk, tenant_id, actor, fields, None)
        if route is None:
            return refusal(Problem(code="forbidden"), "")
        if isinstance(route, QueryRoute):
            return decode_reply(await desk._queries.run(route, asked), desk.keyring)
        transaction = writing(
            desk.engine,
            tenant_id,
            asked.envelope.id,
            fingerprint="",
            actor=actor.label,
            reply_to="",
            traceparent="",
        )
        try:
            async with transaction as (work, _):
                raise Undone(_told(await route.decide(work, asked), asked.envelope))
        except Undone as undone:
            return undone.reply

    async def _asked(
        self,
        message: type[Message],
        desk: Desk,
        tenant_id: UUID | None,
        actor: Actor,
        fields: Mapping[str, Any],
        message_id: UUID | None,
    ) -> tuple[Asked[Any], CommandRoute | QueryRoute | None]:
        """What is asked, prepared; no route where it takes a permission that the actor lacks."""
        data = orjson.dumps(fields)
        envelope = Envelope(
            message_id or new_id(), message.type, "tests", data, tenant_id=tenant_id, actor=actor
        )
        asked: Asked[Any] = Asked(message.model_validate_json(data), envelope)
        if message.permissions and not actor.may(*message.permissions):
            return asked, None
        route = desk._routes[message.type]
        if route.prepare is not None:
            asked = Asked(asked.message, envelope, await route.prepare(asked))
        return asked, route

    async def forget_what_leaves(self) -> dict[str, int]:
        """Commands that wait in the outboxes now are taken nowhere; how far each is written."""
        written = {}
        for context in OUTBOXES:
            ((last,),) = await self.rows(context, "SELECT coalesce(max(id), 0) FROM outbox")
            self.desks[context]._taken_to = written[context] = last
        return written

    async def rows(self, context: str, statement: str, **values: Any) -> list[Any]:
        """Rows of all tenants, as the administrator sees them."""
        return await self.desks[context].rows(statement, **values)


def _told(outcome: Outcome, envelope: Envelope) -> Reply:
    if isinstance(outcome, Waiting):
        return Reply(202, [repr(outcome.events), repr(outcome.sends)])
    reply = reply_of(outcome, envelope)
    if isinstance(outcome, Refused):
        return reply
    besides = [repr(outcome.events), repr(outcome.sends), repr(outcome.completes)]
    return replace(reply, body=[reply.body, *besides])


class Undone(Exception):
    """Takes a transaction back, and carries what would have been answered."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("undone")
        self.reply = reply
