"""What is known of a tenant, a resource and a person at the moment in which something is said.

Rules and resources come from the cache that their owners keep fresh; names and addresses of people
are asked for, and never kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.catalogue import QUERIES
from contracts.wire.identity import NIL
from contracts.wire.strict import rfc3339
from handlers.delivery.asking import Asker
from handlers.delivery.tenant_rules import TenantRules
from handlers.delivery.work import Unavailable
from storage.delivery.known import KnownObjects

PLATFORM = "Slotstream"
COLOR = "#444444"
# As many as one answer brings.
MOST_BOOKINGS = 200


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: a tenant's words, colours and place, or the platform's."""

    name: str
    zone: str
    locale: str
    labels: dict[str, str]
    color: str
    logo_url: str | None
    contact_email: str | None
    address: str | None
    signature: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is said to."""

    name: str
    email: str
    locale: str | None
    phone: str | None = None
    # Of each way, which messages are wanted; somebody without an account is told all there is.
    wanted: Mapping[str, Mapping[str, bool]] | None = None
    # When they want to be reminded; None: as the tenant reminds.
    reminder_minutes: tuple[int, ...] | None = None

    def wants(self, channel: str, template: str) -> bool:
        return self.wanted is None or self.wanted[channel][template]


class Facts:
    """Asks the owners. Raises Unavailable where one does not answer."""

    def __init__(self, known: KnownObjects, asker: Asker, rules: TenantRules) -> None:
        self._known = known
        self._asker = asker
        self._rules = rules

    async def letterhead(self, tenant_id: UUID) -> Letterhead | None:
        """None where there is no such tenant any more."""
        if tenant_id == NIL:
            return Letterhead(PLATFORM, "UTC", "en", {}, COLOR, None, None, None, (PLATFORM,))
        rules = await self._rules.of(tenant_id)
        branding = await self._asked("tenant.get_branding", tenant_id, tenant_id=tenant_id)
        if rules is None or branding is None:
            return None
        name = branding["display_name"]
        if not name:
            tenant = await self._asked("tenant.get", tenant_id, tenant_id=tenant_id)
            if tenant is None:
                return None
            name = tenant["name"]
        reached_by = ("address", "contact_phone", "contact_email", "website")
        return Letterhead(
            name=name,
            zone=rules["timezone"],
            locale=rules["locale"],
            labels=rules["labels"],
            color=branding["primary_color"] or COLOR,
            logo_url=branding["logo_url"],
            contact_email=branding["contact_email"],
            address=branding["address"],
            signature=(name, *(branding[field] for field in reached_by if branding[field])),
        )

    async def resource_name(self, tenant_id: UUID, resource_id: UUID) -> str | None:
        """None where it is deleted."""
        (fact,) = await self._known.recall(tenant_id, [("resource", resource_id)])
        if fact is not None:
            return None if fact.body is None else str(orjson.loads(fact.body)["name"])
        found = await self._asked("resource.get", tenant_id, resource_id=resource_id)
        return None if found is None else str(found["name"])

    async def person(self, tenant_id: UUID, user_id: UUID) -> Person | None:
        """None where there is nobody to say anything to: deleted, erased or disabled."""
        found = await self._asked("user.get", tenant_id, user_id=user_id)
        if found is None or not found["active"] or found["deleted_at"] is not None:
            return None
        return _person(found)

    async def owner(self, tenant_id: UUID) -> Person | None:
        """Of those who own the tenant now, the one who was there first."""
        told = {"role": "owner", "active": True, "limit": 1}
        found = await self._asked("user.list", tenant_id, **told)
        return next(map(_person, found["items"]), None) if found is not None else None

    async def booking(self, tenant_id: UUID, booking_id: UUID) -> dict[str, Any] | None:
        """As it stands now; None where there is none."""
        return await self._asked("booking.get", tenant_id, booking_id=booking_id)

    async def bookings_to_come(
        self, tenant_id: UUID, user_id: UUID, since: datetime
    ) -> Sequence[str]:
        """The ids of a person's next bookings, by start."""
        told = {"user_id": user_id, "from": rfc3339(since), "limit": MOST_BOOKINGS}
        waited_for = {"status": ("pending", "confirmed")}
        found = await self._asked("booking.list", tenant_id, **told, **waited_for)
        return [] if found is None else [str(one["id"]) for one in found["items"]]

    async def reminder_minutes(self, tenant_id: UUID, user_id: UUID | None) -> tuple[int, ...]:
        """How long before a booking its person is reminded of it: as they wish, else as the tenant
        does."""
        person = None if user_id is None else await self.person(tenant_id, user_id)
        if person is not None and person.reminder_minutes is not None:
            return person.reminder_minutes
        rules = await self._rules.of(tenant_id)
        return () if rules is None else tuple(rules["reminder_minutes_before"])

    async def _asked(self, kind: str, tenant_id: UUID, /, **fields: Any) -> dict[str, Any] | None:
        query = QUERIES[kind].model_validate(fields)
        reply = await self._asker.ask(query, tenant_id)
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise Unavailable(f"{kind} was answered {reply.status}")
        body: dict[str, Any] = reply.body
        return body


def _person(found: dict[str, Any]) -> Person:
    wishes = found["notification_preferences"]
    minutes = wishes["reminder_minutes_before"]
    return Person(
        found["name"],
        found["email"],
        found["locale"],
        found["phone"],
        {channel: wishes[channel] for channel in ("email", "sms")},
        None if minutes is None else tuple(minutes),
    )
