"""A tenant that opens every day, its resource, and the people who book there."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from contracts.reservation import commands, queries
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Message
from domain.tenant.settings import DEFAULT_SETTINGS, settings_to_document
from domain.user.roles import BUILT_IN_ROLES
from handlers.delivery.asking import Asker
from storage.delivery.known import Fact, KnownObjects
from tests.integration.desk import Desk

ALL_DAY = {
    day: [{"start": "00:00", "end": "24:00"}]
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}


class NoOwner(Asker):
    """Whoever is asked knows nothing: what is not in the cache is not there."""

    def __init__(self) -> None:
        pass

    async def ask(
        self,
        message: Message,
        tenant_id: UUID | None,
        traceparent: str = "",
        message_id: UUID | None = None,
    ) -> Reply:
        return Reply(404)


def person(role: str) -> Actor:
    """Somebody with the permissions of a built-in role."""
    return Actor("user", str(new_id()), (role,), BUILT_IN_ROLES[role])


@cache
def today() -> datetime:
    """Midnight of the day on which it was first asked for, in UTC: what a test reckons with stays
    the same when another day begins."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def morning(days: int = 7, hour: int = 9, minute: int = 0) -> datetime:
    """A wall-clock time, so many days from today, in UTC."""
    return today() + timedelta(days=days, hours=hour, minutes=minute)


class Salon:
    """One tenant. `settings` and `resource` write what reservation then knows."""

    def __init__(self, desk: Desk, known: KnownObjects) -> None:
        self.desk = desk
        self._known = known
        self.tenant_id = new_id()
        self.resource_id = new_id()
        self.staff = person("staff")
        self.manager = person("manager")
        self._versions = 0

    async def open(self, **settings: Any) -> None:
        """Settings, one resource of capacity one, and the people are known."""
        await self.settings(**settings)
        await self.resource(self.resource_id)
        for actor in (self.staff, self.manager):
            await self.user(actor)

    async def settings(self, **changed: Any) -> None:
        document = {**settings_to_document(DEFAULT_SETTINGS), "business_hours": ALL_DAY, **changed}
        await self._remember("settings", self.tenant_id, document)

    async def resource(self, resource_id: UUID, **changed: Any) -> UUID:
        document = {
            "id": str(resource_id),
            "capacity": 1,
            "category_id": None,
            "kind": "person",
            "timezone": None,
            "price": None,
            "active": True,
            "overrides": [],
            **changed,
        }
        await self._remember("resource", resource_id, document)
        return resource_id

    async def knows(self, view: dict[str, Any]) -> None:
        """A resource is known as its owner's view has it, in its version."""
        found = view["version"], orjson.dumps(view)
        await self._known.remember(Fact(self.tenant_id, "resource", UUID(view["id"]), *found))

    async def category(self, category_id: UUID) -> None:
        await self._remember("category", category_id, {"id": str(category_id)})

    async def user(self, actor: Actor) -> Actor:
        assert actor.id is not None
        await self._remember("user", UUID(actor.id), {"id": actor.id, "active": True})
        return actor

    async def customer(self) -> Actor:
        return await self.user(person("customer"))

    async def book(
        self,
        starts_at: datetime,
        minutes: int = 60,
        actor: Actor | None = None,
        **fields: Any,
    ) -> Reply:
        return await self.ask(
            commands.BookingCreate,
            actor,
            **{
                "resource_id": self.resource_id,
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=minutes),
                **fields,
            },
        )

    async def ask(self, message: type[Message], actor: Actor | None = None, **fields: Any) -> Reply:
        return await self.desk.ask(message, self.tenant_id, actor or self.staff, **fields)

    async def events(self, booking_id: str) -> list[tuple[str, int | None]]:
        """Type and sequence of each event about a booking."""
        return [(one.type, one.sequence) for one in await self.desk.events(booking_id)]

    async def read(self, booking_id: str, actor: Actor | None = None) -> dict[str, Any]:
        body = (await self.ask(queries.BookingGet, actor, booking_id=booking_id)).body
        assert isinstance(body, dict)
        return body

    async def let_hold_run_out(self, booking_id: str, in_seconds: float = -1) -> None:
        """As if its deadline had been a second ago, or lay so far ahead by the database's clock."""
        found = await self.desk.rows(
            "SELECT clock_timestamp() + make_interval(secs => :far)", far=in_seconds
        )
        values = {"at": found[0][0], "tenant_id": self.tenant_id, "booking_id": UUID(booking_id)}
        async with self.desk.administrator.begin() as connection:
            for table in ("booking", "allocation"):
                statement = f"UPDATE {table} SET hold_expires_at = :at"
                of_it = " WHERE tenant_id = :tenant_id AND booking_id = :booking_id"
                await connection.execute(text(statement + of_it), values)

    async def taken(self, resource_id: UUID | None = None) -> int:
        """How many places of the resource are active."""
        rows = await self.desk.rows(
            "SELECT 1 FROM allocation WHERE resource_id = :it AND active",
            it=resource_id or self.resource_id,
        )
        return len(rows)

    async def _remember(self, kind: str, object_id: UUID, document: dict[str, Any]) -> None:
        self._versions += 1
        body = orjson.dumps({**document, "version": self._versions})
        await self._known.remember(Fact(self.tenant_id, kind, object_id, self._versions, body))
