"""Whether the tenant and the caller that a message names still stand.

A token is good for ten minutes; what became of its tenant and its user since is known by the facts
that their owners write through. Looked at again after a second, so that a deletion, a disabling or
a change of roles takes effect within seconds.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from contracts.wire.envelope import Actor, Envelope
from contracts.wire.identity import NIL
from contracts.wire.problems import Problem
from contracts.wire.strict import Query
from handlers.delivery.asking import Asker
from handlers.delivery.work import Unavailable
from storage.delivery.known import Fact, KnownObjects

LOOK_AGAIN = 1.0
REMEMBERED = 4096

NO_TENANT = Problem(code="not_found", detail="There is no such tenant.")
CHANGED = Problem(code="invalid_token", detail="Sign in again: the account has changed.")

Question = Callable[[UUID], Query]


class Standing:
    """Asks the cache, and for a tenant that is not in it the tenant context; without a question,
    where there is no tenant context, such a tenant stands."""

    def __init__(self, known: KnownObjects, asker: Asker, tenant_question: Question | None) -> None:
        self._known = known
        self._asker = asker
        self._question = tenant_question
        self._seen: OrderedDict[Any, tuple[float, Problem | None]] = OrderedDict()

    async def problem(self, envelope: Envelope, context: str) -> Problem | None:
        """What is wrong with tenant or caller; None when they stand. The system is not asked, and
        the tenant context answers for tenants itself."""
        actor, tenant_id = envelope.actor, envelope.tenant_id
        if actor.kind in ("system", "anonymous") or tenant_id in (None, NIL):
            return None
        key = (tenant_id, actor.kind, actor.id, actor.roles, context == "tenant")
        seen = self._seen.get(key)
        now = time.monotonic()
        if seen is not None and now - seen[0] < LOOK_AGAIN:
            return seen[1]
        problem = await self._look(tenant_id, actor, ask_tenant=context != "tenant")
        self._seen[key] = (now, problem)
        self._seen.move_to_end(key)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return problem

    async def _look(
        self, tenant_id: UUID | None, actor: Actor, *, ask_tenant: bool
    ) -> Problem | None:
        if tenant_id is None:
            return None
        wanted = [("settings", tenant_id)]
        if actor.kind == "user" and actor.id is not None:
            wanted.append(("user", UUID(actor.id)))
        facts = await self._known.recall(tenant_id, wanted)
        if ask_tenant and not await self._stands(tenant_id, facts[0]):
            return NO_TENANT
        # A user who is not in the cache has not changed for longer than a token lives.
        user = facts[1] if len(facts) > 1 else None
        return CHANGED if user is not None and _has_changed(user, actor) else None

    async def _stands(self, tenant_id: UUID, fact: Fact | None) -> bool:
        if fact is not None:
            return fact.body is not None
        if self._question is None:
            return True
        reply = await self._asker.ask(self._question(tenant_id), tenant_id)
        if reply.status not in (200, 404):
            raise Unavailable(f"the owner of tenants answered {reply.status}")
        if reply.status == 200:
            body = orjson.dumps(reply.body)
            await self._known.remember(
                Fact(tenant_id, "settings", tenant_id, reply.body["version"], body)
            )
        return reply.status == 200


def _has_changed(fact: Fact, actor: Actor) -> bool:
    if fact.body is None:
        return True
    user = orjson.loads(fact.body)
    roles = user.get("roles")
    return not user["active"] or (roles is not None and set(roles) != set(actor.roles))
