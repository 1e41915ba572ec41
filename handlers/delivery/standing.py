"""Whether the tenant and the caller that a message names still stand.

A token is good for ten minutes; what became of its tenant, its user and their roles since is known
by the facts that their owners write through. Looked at again after a second, so that a deletion, a
disabling, a change of roles or of what a role allows takes effect within seconds.
"""

import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson

from contracts.wire.envelope import KEY_ROLE, Actor, Envelope
from contracts.wire.identity import NIL
from contracts.wire.problems import Problem
from handlers.delivery.tenant_rules import TenantRules
from storage.delivery.known import Fact, KnownObjects

LOOK_AGAIN = 1.0
REMEMBERED = 4096

NO_TENANT = Problem(code="not_found", detail="There is no such tenant.")
CHANGED = Problem(code="invalid_token", detail="Sign in again: the account has changed.")
ENDED = Problem(code="invalid_token", detail="Sign in again: this session is over.")
SUSPENDED = Problem(code="tenant_suspended", detail="Nothing is changed until it is resumed.")
NO_KEY = Problem(code="invalid_token", detail="This API key is not known.")

Roles = Mapping[str, Collection[str]]
_NO_ROLES: Roles = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of tenant and caller; in a tenant that is `stopped` nothing is changed."""

    tenant: Problem | None
    caller: Problem | None
    stopped: bool


class Standing:
    """Asks the cache, and for a tenant that is not in it the tenant context; without rules to ask
    for, where there is no tenant context, such a tenant stands. `built_in` are the roles that every
    tenant has; what its own allow is a fact."""

    def __init__(
        self, known: KnownObjects, rules: TenantRules | None, built_in: Roles = _NO_ROLES
    ) -> None:
        self._known = known
        self._rules = rules
        self._built_in = built_in
        self._seen: OrderedDict[Any, tuple[float, Seen]] = OrderedDict()

    async def problem(
        self, envelope: Envelope, context: str, *, changes: bool = False, of_deleted: bool = False
    ) -> Problem | None:
        """What is wrong with tenant or caller; None when they stand. The system is not asked, and
        the tenant context answers for tenants itself. In a suspended tenant nothing `changes`; what
        the platform may read `of_deleted` ones stands without a tenant."""
        actor, tenant_id = envelope.actor, envelope.tenant_id or NIL
        if actor.kind in ("system", "anonymous"):
            return None
        ask_tenant = context != "tenant"
        # All of the actor: another token of the same user may say what this one does not.
        key = (tenant_id, actor, ask_tenant)
        known = self._seen.get(key)
        now = time.monotonic()
        if known is None or now - known[0] >= LOOK_AGAIN:
            known = (now, await self._look(tenant_id, actor, ask_tenant=ask_tenant))
            self._seen[key] = known
            self._seen.move_to_end(key)
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        seen = known[1]
        needless = of_deleted and actor.kind == "platform"
        problem = (None if needless else seen.tenant) or seen.caller
        return SUSPENDED if changes and seen.stopped and problem is None else problem

    async def _look(self, tenant_id: UUID, actor: Actor, *, ask_tenant: bool) -> Seen:
        problem, stopped = None, False
        if tenant_id != NIL:
            problem, stopped = await self._tenant(tenant_id, ask_tenant=ask_tenant)
        caller = await self._caller(tenant_id, actor)
        return Seen(problem, caller, stopped and actor.kind != "platform")

    async def _tenant(self, tenant_id: UUID, *, ask_tenant: bool) -> tuple[Problem | None, bool]:
        """What is wrong with it, and whether it is suspended."""
        wanted = [("settings", tenant_id), ("suspension", tenant_id)]
        fact, suspension = await self._known.recall(tenant_id, wanted)
        stopped = suspension is not None and _is_suspended(suspension)
        if not ask_tenant:
            return None, stopped
        if fact is None and self._rules is not None:
            fact = await self._rules.asked(tenant_id)
        gone = fact is not None and fact.body is None
        return NO_TENANT if gone else None, stopped

    async def _caller(self, tenant_id: UUID, actor: Actor) -> Problem | None:
        """A person's account, sign-in and roles, or a machine's key. Those that are not in the
        cache have not changed for longer than a token lives."""
        wanted = self._about(tenant_id, actor)
        if not wanted:
            return None
        # The platform's people are those of no tenant, in whichever they act.
        home = NIL if actor.kind == "platform" else tenant_id
        found = await self._known.recall(home, wanted)
        facts = {kind: fact for (kind, _), fact in zip(wanted, found, strict=True) if fact}
        if "apikey" in facts and facts["apikey"].body is None:
            return NO_KEY
        if "session" in facts and facts["session"].body is None:
            return ENDED
        if "user" in facts and _has_changed(facts["user"], actor):
            return CHANGED
        if "roles" in facts and self._allowed(facts["roles"], actor) != actor.permissions:
            return CHANGED
        return None

    def _about(self, tenant_id: UUID, actor: Actor) -> list[tuple[str, UUID]]:
        """The facts that say whether this caller stands."""
        if actor.id is None:
            return []
        if actor.kind == "service":
            return [("apikey", UUID(actor.id))] if KEY_ROLE in actor.roles else []
        if actor.kind not in ("user", "platform"):
            return []
        wanted = [("user", UUID(actor.id))]
        if actor.session is not None:
            wanted.append(("session", UUID(actor.session)))
        if actor.kind == "user" and any(role not in self._built_in for role in actor.roles):
            wanted.append(("roles", tenant_id))
        return wanted

    def _allowed(self, fact: Fact, actor: Actor) -> frozenset[str]:
        """What the caller's roles allow together, as they are now."""
        own = _roles_in(fact.body or b"{}")
        return frozenset(
            permission
            for role in actor.roles
            for permission in self._built_in.get(role) or own.get(role, ())
        )


@lru_cache(maxsize=1024)
def _roles_in(body: bytes) -> Roles:
    """A tenant's own roles in a cached document; equal bytes are parsed once."""
    roles: Roles = orjson.loads(body).get("roles", {})
    return roles


def _is_suspended(fact: Fact) -> bool:
    return fact.body is not None and bool(orjson.loads(fact.body)["suspended"])


def _has_changed(fact: Fact, actor: Actor) -> bool:
    if fact.body is None:
        return True
    user = orjson.loads(fact.body)
    roles = user.get("roles")
    return not user["active"] or (roles is not None and set(roles) != set(actor.roles))
