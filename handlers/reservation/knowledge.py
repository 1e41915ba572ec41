"""What reservation knows of tenants, resources and users: from the cache, or from their owners.

A booking is never decided on guessed rules: where neither answers in time it is refused with 503.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from contracts.catalogue import QUERIES
from contracts.wire.strict import Query
from domain.resource.resource import Resource, resource_from_document
from domain.tenant.settings import OrganizationSettings, settings_from_document
from handlers.delivery.asking import Asker
from handlers.delivery.work import Unavailable
from storage.delivery.known import Fact, KnownObjects
from storage.reservation.gates import Gate


@dataclass(frozen=True, slots=True)
class KnownSettings:
    """A tenant's rules and their version."""

    rules: OrganizationSettings
    version: int


@dataclass(frozen=True, slots=True)
class KnownResource:
    """A resource as it is decided on, and as it is shown."""

    resource: Resource
    document: dict[str, Any]

    @property
    def id(self) -> UUID:
        return UUID(self.resource.id)

    def behind(self, gate: Gate | None) -> "KnownResource":
        """The resource with what its gate leaves of it, for one that is known from before."""
        if gate is None:
            return self
        capacity = gate.capacity_for(self.document["version"], self.resource.capacity)
        return replace(self, resource=replace(self.resource, capacity=capacity))


class Knowledge:
    """Facts of one tenant, all in one round trip when they are cached."""

    def __init__(self, cache: KnownObjects, asker: Asker) -> None:
        self._cache = cache
        self._asker = asker

    async def recall(
        self, tenant_id: UUID, wanted: Sequence[tuple[str, UUID]], traceparent: str = ""
    ) -> list[bytes | None]:
        """The documents asked for, in order; None for what is deleted or never was."""
        cached = await self._cache.recall(tenant_id, list(wanted))
        return [
            (await self._from_owner(tenant_id, kind, object_id, traceparent)).body
            if fact is None
            else fact.body
            for (kind, object_id), fact in zip(wanted, cached, strict=True)
        ]

    async def is_suspended(self, tenant_id: UUID) -> bool:
        """Whether the tenant is: that is said again and again for as long as it is so."""
        (fact,) = await self._cache.recall(tenant_id, [("suspension", tenant_id)])
        return fact is not None and fact.body is not None and orjson.loads(fact.body)["suspended"]

    async def members(
        self,
        tenant_id: UUID,
        category_id: UUID | None,
        traceparent: str = "",
        attributes: Sequence[str] = (),
    ) -> list[KnownResource]:
        """The active resources of a category (of any, for None) by age; asked of their owner, page
        by page, so that one just made or changed is among them."""
        wanted: dict[str, Any] = {"active": True, "limit": 200, "attribute": tuple(attributes)}
        if category_id is not None:
            wanted["category_id"] = category_id
        found: list[KnownResource] = []
        cursor: str | None = None
        while True:
            query = QUERIES["resource.list"].model_validate(
                wanted if cursor is None else {**wanted, "cursor": cursor}
            )
            reply = await self._asker.ask(query, tenant_id, traceparent)
            if reply.status != 200:
                raise Unavailable(f"the owner of resources answered {reply.status}")
            found += [resource_of(orjson.dumps(item)) for item in reply.body["items"]]
            cursor = reply.body["next_cursor"]
            if cursor is None:
                return found

    async def _from_owner(
        self, tenant_id: UUID, kind: str, object_id: UUID, traceparent: str
    ) -> Fact:
        reply = await self._asker.ask(_question(kind, object_id), tenant_id, traceparent)
        if reply.status == 404:
            return Fact(tenant_id, kind, object_id, 0, None)
        if reply.status != 200:
            raise Unavailable(f"the owner of {kind} answered {reply.status}")
        body = reply.body
        if kind == "user":
            # No name and no address leaves the user context for a cache.
            body = {name: body[name] for name in ("id", "active", "roles", "version")}
        fact = Fact(tenant_id, kind, object_id, body["version"], orjson.dumps(body))
        await self._cache.remember(fact)
        return fact


# The owner's question for each kind of fact, and what it calls the object asked for.
_QUESTIONS = {
    "settings": ("tenant.get_settings", "tenant_id"),
    "resource": ("resource.get", "resource_id"),
    "category": ("category.get", "category_id"),
    "user": ("user.get", "user_id"),
}


def _question(kind: str, object_id: UUID) -> Query:
    query_type, name = _QUESTIONS[kind]
    return QUERIES[query_type].model_validate({name: object_id})


@lru_cache(maxsize=2048)
def settings_of(body: bytes) -> KnownSettings:
    """The rules in a cached document; equal bytes are parsed once."""
    document = orjson.loads(body)
    return KnownSettings(settings_from_document(document), document["version"])


@lru_cache(maxsize=8192)
def resource_of(body: bytes) -> KnownResource:
    """The resource in a cached document; equal bytes are parsed once."""
    document = orjson.loads(body)
    return KnownResource(resource_from_document(document), document)


def user_is_active(body: bytes) -> bool:
    """Whether the user of a cached document may be given anything."""
    return bool(orjson.loads(body)["active"])
