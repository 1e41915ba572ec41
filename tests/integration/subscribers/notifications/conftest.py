"""A notification context over the real database and cache, with owners who know three people."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, get_args
from uuid import UUID

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.saying import Said
from contracts.wire.strict import Message
from handlers.app.tenants import settings_of_tenant
from handlers.delivery.asking import Asker
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.tenant_rules import TenantRules
from handlers.delivery.work import Unavailable
from handlers.subscribers.notifications.choosing import Texts
from handlers.subscribers.notifications.composing import Composer
from handlers.subscribers.notifications.delivering import ShortTransport, Transport, Ways
from handlers.subscribers.notifications.facts import Facts
from handlers.subscribers.notifications.log import log_routes
from handlers.subscribers.notifications.postman import Postman
from handlers.subscribers.notifications.previewing import template_routes
from handlers.subscribers.notifications.queueing import queueing_routes
from handlers.subscribers.notifications.reminding import Reminding
from storage.delivery.engine import make_engine
from storage.delivery.known import Fact, KnownObjects
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases

SENDER = "no-reply@platform.example"


@dataclass
class Owners(Asker):
    """What the owners of tenants, people, resources and bookings answer; `away`: nothing."""

    settings: dict[str, Any] = field(default_factory=dict)
    branding: dict[str, Any] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    bookings: dict[str, dict[str, Any]] = field(default_factory=dict)
    away: bool = False

    async def ask(
        self,
        message: Message,
        tenant_id: UUID | None,
        traceparent: str = "",
        message_id: UUID | None = None,
    ) -> Reply:
        if self.away:
            raise Unavailable("nobody answers")
        told: Any = message
        match message.type:
            case "tenant.get_settings":
                return Reply(200, {**self.settings, "version": 1})
            case "tenant.get_branding":
                return Reply(200, self.branding)
            case "tenant.get":
                return Reply(200, {"name": "Salão da Ana Ltda."})
            case "resource.get":
                return Reply(200, {"name": "Cadeira 1"})
            case "user.list":
                those = [one for one in self.people.values() if told.role in one["roles"]]
                return Reply(200, {"items": those[: told.limit], "next_cursor": None})
            case "user.get":
                found = self.people.get(str(told.user_id))
            case "booking.list":
                own = [
                    one
                    for one in self.bookings.values()
                    if one["user_id"] == str(told.user_id) and one["status"] in told.status
                ]
                return Reply(200, {"items": own[: told.limit], "next_cursor": None})
            case "booking.get":
                found = self.bookings.get(str(told.booking_id))
            case other:
                raise AssertionError(other)
        return Reply(404) if found is None else Reply(200, found)

    def with_person(self, **fields: Any) -> str:
        """Somebody who can be written to; their id."""
        user_id = str(new_id())
        known = {
            "name": "Bia Lopes",
            "email": "bia@salon.example",
            "locale": None,
            "phone": None,
            "roles": ["customer"],
            "notification_preferences": wishes(),
        }
        self.people[user_id] = {**known, "active": True, "deleted_at": None, **fields}
        return user_id


def wishes(**wished: Any) -> dict[str, Any]:
    """As the user context answers: every message by mail, none by SMS, unless wished otherwise."""
    return {
        "email": dict.fromkeys(get_args(Said), True) | wished.get("email", {}),
        "sms": dict.fromkeys(get_args(Said), False) | wished.get("sms", {}),
        "reminder_minutes_before": wished.get("reminder_minutes_before"),
    }


def owners() -> Owners:
    return Owners(
        settings={
            "timezone": "America/Sao_Paulo",
            "locale": "pt-BR",
            "labels": {},
            "reminder_minutes_before": [],
        },
        branding={
            "display_name": "Salão da Ana",
            "primary_color": "#112233",
            "logo_url": None,
            "contact_email": "oi@salon.example",
            "contact_phone": "+55 11 5555-0000",
            "website": None,
            "address": "Rua A, 1",
        },
    )


@dataclass(frozen=True)
class Office:
    """The context, the role that sends, and whom both ask."""

    desk: Desk
    timer: AsyncEngine
    owners: Owners
    known: KnownObjects

    def postman(
        self,
        transport: Transport,
        fail_point: str = "",
        claim: float = 60,
        sms: ShortTransport | None = None,
        channel: str = "email",
    ) -> Postman:
        ways = Ways(transport, sms)
        rules = TenantRules(self.known, self.owners, settings_of_tenant)
        facts = Facts(self.known, self.owners, rules)
        return Postman(
            self.timer,
            Composer(facts, SENDER, Texts(self.timer)),
            Reminding(self.timer, facts, self.desk.keyring, ways.channels),
            ways,
            self.desk.keyring,
            FailPoints(fail_point, "subscriber", "development"),
            channel,
            claim,
        )

    async def states(self, tenant_id: UUID) -> list[tuple[str, str | None, int]]:
        """State, reason and attempts of what was to be said, oldest first."""
        rows = await self.desk.rows(
            "SELECT state, reason, attempts FROM notification WHERE tenant_id = :it"
            " ORDER BY created_at, notification_id",
            it=tenant_id,
        )
        return [tuple(row) for row in rows]

    async def make_due(self, tenant_id: UUID) -> None:
        """Time has passed for whatever waits to be tried again."""
        await self.change("UPDATE notification SET due_at = now() WHERE tenant_id = :it", tenant_id)

    async def change(self, statement: str, tenant_id: UUID) -> None:
        async with self.desk.administrator.begin() as connection:
            await connection.execute(text(statement), {"it": tenant_id})


@pytest_asyncio.fixture
async def office(databases: Databases, known: KnownObjects) -> AsyncIterator[Office]:
    database = databases.of("subscriber")
    desk = Desk.at("notification", database)
    asked = owners()
    rules = TenantRules(known, asked, settings_of_tenant)
    facts = Facts(known, asked, rules)
    desk.serve(
        (
            *queueing_routes(desk.keyring, prints=False),
            *log_routes(asked, SECRET),
            *template_routes(facts),
        )
    )
    timer = make_engine(database.timer, connections=4, name="postman")
    # What other tests left is not this one's to send.
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM notification")
    yield Office(desk, timer, asked, known)
    await desk.close()
    await timer.dispose()


class NothingKnown(KnownObjects):
    """A cache in which nothing is, and nothing stays."""

    def __init__(self) -> None:
        pass

    async def recall(self, tenant_id: UUID, wanted: list[tuple[str, UUID]]) -> list[Fact | None]:
        return [None for _ in wanted]

    async def remember(self, fact: Fact) -> None:
        """It is not."""
