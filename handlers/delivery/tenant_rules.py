"""A tenant's settings as its own context has them: from the cache, or asked for."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from contracts.wire.strict import Query
from handlers.delivery.asking import Asker
from handlers.delivery.work import Unavailable
from storage.delivery.known import Fact, KnownObjects

Question = Callable[[UUID], Query]


class TenantRules:
    """`question` is what the tenant context is asked; of its messages only the name is known."""

    def __init__(self, known: KnownObjects, asker: Asker, question: Question) -> None:
        self._known = known
        self._asker = asker
        self._question = question

    async def of(self, tenant_id: UUID, traceparent: str = "") -> dict[str, Any] | None:
        """The settings; None where there is no such tenant. Raises Unavailable."""
        (fact,) = await self._known.recall(tenant_id, [("settings", tenant_id)])
        if fact is None:
            fact = await self.asked(tenant_id, traceparent)
        document: dict[str, Any] | None = None if fact.body is None else orjson.loads(fact.body)
        return document

    async def asked(self, tenant_id: UUID, traceparent: str = "") -> Fact:
        """What the tenant context says, and remembered; no body where there is no such tenant."""
        reply = await self._asker.ask(self._question(tenant_id), tenant_id, traceparent)
        if reply.status == 404:
            return Fact(tenant_id, "settings", tenant_id, 0, None)
        if reply.status != 200:
            raise Unavailable(f"the owner of tenants answered {reply.status}")
        version, body = reply.body["version"], orjson.dumps(reply.body)
        fact = Fact(tenant_id, "settings", tenant_id, version, body)
        await self._known.remember(fact)
        return fact
