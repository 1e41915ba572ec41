"""A tenant's webhooks: their desk, the sender, and receivers."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest_asyncio
from sqlalchemy import text

from contracts.subscriber.webhooks import WebhookCreate, WebhookDeliveries, WebhookGet
from contracts.wire.envelope import Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.sealing import Keyring
from contracts.wire.strict import Message
from domain.user.roles import BUILT_IN_ROLES
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.guard import Resolver
from handlers.subscribers.webhooks.hearing import hear
from handlers.subscribers.webhooks.posting import TOTAL_SECONDS, Poster
from handlers.subscribers.webhooks.recording import Records
from handlers.subscribers.webhooks.routes import webhook_routes
from handlers.subscribers.webhooks.sender import Posts, Sender
from storage.delivery.engine import make_engine
from storage.delivery.transaction import writing
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases
from tests.integration.subscribers.webhooks.receiver import Receiver

LOOPBACK = Reach(loopback=True)


@dataclass
class Shop:
    """A tenant with its owner, who registers endpoints; `desk` is everybody's."""

    desk: Desk
    id: UUID
    owner: Actor

    async def ask(self, message: type[Message], **fields: Any) -> Reply:
        if "tenant_id" in message.model_fields:
            fields["tenant_id"] = str(self.id)
        return await self.desk.ask(message, self.id, self.owner, **fields)

    async def hook(self, url: str, *event_types: str) -> dict[str, Any]:
        """A new endpoint, with its secret."""
        reply = await self.ask(WebhookCreate, url=url, event_types=event_types or ("*",))
        assert reply.status == 201, reply
        body: dict[str, Any] = reply.body
        return body

    async def hears(self, event_type: str = "booking.created", **more: Any) -> Envelope:
        """An event of this tenant has come."""
        event = event_of(self.id, event_type, **more)
        transaction = writing(
            self.desk.engine,
            self.id,
            new_id(),
            fingerprint="",
            actor="system",
            reply_to="",
            traceparent="",
        )
        async with transaction as (work, _):
            await hear(work, event)
        return event

    async def log(self, hook: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
        reply = await self.ask(WebhookDeliveries, webhook_id=hook["id"], **fields)
        assert reply.status == 200, reply
        items: list[dict[str, Any]] = reply.body["items"]
        return items

    async def read(self, hook: dict[str, Any]) -> dict[str, Any]:
        reply = await self.ask(WebhookGet, webhook_id=hook["id"])
        assert reply.status == 200, reply
        body: dict[str, Any] = reply.body
        return body


def event_of(tenant_id: UUID, event_type: str, **more: Any) -> Envelope:
    return Envelope(
        id=new_id(),
        type=event_type,
        source=event_type.partition(".")[0],
        subject=f"booking/{new_id()}",
        time="2026-11-24T09:00:00Z",
        tenant_id=tenant_id,
        actor=Actor("user", str(new_id()), ("owner",)),
        sequence=1,
        data=orjson.dumps({"status": "held", "changes": {}, **more}),
    )


@pytest_asyncio.fixture(scope="session")
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    found = Desk.at("webhook", databases.of("subscriber"))
    found.serve(webhook_routes(SECRET, Keyring(SECRET), LOOPBACK))
    yield found
    await found.close()


@pytest_asyncio.fixture
async def new_shop(desk: Desk) -> AsyncIterator[Callable[[], Shop]]:
    """Tenants; what they leave behind is nobody's to send any more."""
    made: list[UUID] = []

    def shop() -> Shop:
        owner = Actor("user", str(new_id()), ("owner",), frozenset(BUILT_IN_ROLES["owner"]))
        made.append(new_id())
        return Shop(desk, made[-1], owner)

    yield shop
    async with desk.administrator.begin() as connection:
        await connection.execute(
            text("UPDATE webhook SET enabled = false WHERE tenant_id = ANY(:its)"), {"its": made}
        )


@pytest_asyncio.fixture
async def shop(new_shop: Callable[[], Shop]) -> Shop:
    return new_shop()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    await found.start()
    yield found
    await found.stop()


class Clockwork:
    """The sender, by a clock that a test sets; without one it is the database's."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender

    async def send(self, now: datetime | None = None) -> int:
        """Sends what is due then, and waits until it is recorded; how many."""
        begun = len(await self.sender.take_up(now))
        await self.sender.rest()
        return begun


@pytest_asyncio.fixture
async def new_sender(desk: Desk, databases: Databases) -> AsyncIterator[Callable[..., Clockwork]]:
    timers = make_engine(databases.of("subscriber").timer, connections=2, name="sender")
    resolver = Resolver(4)

    def sender(
        poster: Posts | None = None, total_seconds: float = TOTAL_SECONDS, **more: Any
    ) -> Clockwork:
        found = poster or Poster(LOOPBACK, resolver, total_seconds)
        return Clockwork(Sender(timers, Records(desk.engine, Keyring(SECRET)), found, **more))

    yield sender
    resolver.close()
    await timers.dispose()


@pytest_asyncio.fixture
async def clockwork(new_sender: Callable[..., Clockwork]) -> Clockwork:
    return new_sender()


def moment(text: str) -> datetime:
    """An instant of the log."""
    return datetime.fromisoformat(text).astimezone(UTC)
