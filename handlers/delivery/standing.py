"""Whether the tenant and the caller that a message names still stand.

A token is good for ten minutes; what became of its tenant and its user since is known by the facts
that their owners write through. Looked at again after a second, so that a deletion, a disabling or
a change of roles takes effect within seconds.
"""

import time
from collections import OrderedDict
from typing import Any
from uuid import UUID

import orjson

from contracts.wire.envelope import Actor, Envelope
from contracts.wire.identity import NIL
from contracts.wire.problems import Problem
from handlers.delivery.tenant_rules import TenantRules
from storage.delivery.known import Fact, KnownObjects

LOOK_AGAIN = 1.0
REMEMBERED = 4096

NO_TENANT = Problem(code="not_found", detail="There is no such tenant.")
CHANGED = Problem(code="invalid_token", detail="Sign in again: the account has changed.")
ENDED = Problem(code="invalid_token", detail="Sign in again: this session is over.")


class Standing:
    """Asks the cache, and for a tenant that is not in it the tenant context; without rules to ask
    for, where there is no tenant context, such a tenant stands."""

    def __init__(self, known: KnownObjects, rules: TenantRules | None) -> None:
        self._known = known
        self._rules = rules
        self._seen: OrderedDict[Any, tuple[float, Problem | None]] = OrderedDict()

    async def problem(self, envelope: Envelope, context: str) -> Problem | None:
        """What is wrong with tenant or caller; None when they stand. The system is not asked, and
        the tenant context answers for tenants itself."""
        actor, tenant_id = envelope.actor, envelope.tenant_id or NIL
        if actor.kind in ("system", "anonymous"):
            return None
        ask_tenant = context != "tenant"
        key = (tenant_id, actor.kind, actor.id, actor.session, actor.roles, ask_tenant)
        seen = self._seen.get(key)
        now = time.monotonic()
        if seen is not None and now - seen[0] < LOOK_AGAIN:
            return seen[1]
        problem = None
        if tenant_id != NIL:
            problem = await self._tenant(tenant_id, ask_tenant=ask_tenant)
        problem = problem or await self._caller(tenant_id, actor)
        self._seen[key] = (now, problem)
        self._seen.move_to_end(key)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return problem

    async def _tenant(self, tenant_id: UUID, *, ask_tenant: bool) -> Problem | None:
        if not ask_tenant:
            return None
        (fact,) = await self._known.recall(tenant_id, [("settings", tenant_id)])
        if fact is None and self._rules is not None:
            fact = await self._rules.asked(tenant_id)
        return NO_TENANT if fact is not None and fact.body is None else None

    async def _caller(self, tenant_id: UUID, actor: Actor) -> Problem | None:
        """A person's account and sign-in. Those that are not in the cache have not changed for
        longer than a token lives."""
        if actor.kind not in ("user", "platform") or actor.id is None:
            return None
        wanted = [("user", UUID(actor.id))]
        if actor.session is not None:
            wanted.append(("session", UUID(actor.session)))
        # The platform's people are those of no tenant, in whichever they act.
        home = NIL if actor.kind == "platform" else tenant_id
        user, *session = await self._known.recall(home, wanted)
        if any(one is not None and one.body is None for one in session):
            return ENDED
        return CHANGED if user is not None and _has_changed(user, actor) else None


def _has_changed(fact: Fact, actor: Actor) -> bool:
    if fact.body is None:
        return True
    user = orjson.loads(fact.body)
    roles = user.get("roles")
    return not user["active"] or (roles is not None and set(roles) != set(actor.roles))
