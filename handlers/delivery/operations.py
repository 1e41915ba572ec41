"""What every context answers about itself: the outcome of a command, and whether it is alive."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL
from contracts.wire.operations import OperationGet, OperationView, Ping
from contracts.wire.problems import Problem
from contracts.wire.reply import decode_reply, refusal
from contracts.wire.sealing import Keyring
from contracts.wire.streams import OPERATION_KEPT_MS, operation_key
from handlers.delivery.work import Asked, Done, QueryRoute, Refused, refused
from storage.delivery.heads import is_at_head
from storage.delivery.transaction import Reading, outcome_of, writing

ADMINISTRATORS = frozenset({"owner", "platform_admin"})
# Whoever sees what was asked for no tenant.
PLATFORM = frozenset({"platform", "system"})


def is_administrator(actor: Actor) -> bool:
    """Whether what is deleted, and what others have under way, is theirs to see."""
    return actor.kind in PLATFORM or bool(ADMINISTRATORS & set(actor.roles))


def own_queries(
    context: str,
    engine: AsyncEngine,
    client: Redis,
    keyring: Keyring,
    complete: Callable[[Reading], Awaitable[bool]] | None = None,
    database: str = "",
) -> tuple[QueryRoute, ...]:
    """The routes of `operation.get` and `ping` for one context; `complete` says, beside the
    migrations, whether the context has what it must have before anybody can use it. `database` is
    whose that is, where it is not the context's own."""
    operations = Operations(context, engine, client, keyring)
    return (
        QueryRoute(OperationGet, operations.answer, private=True),
        own_ping(context, engine, complete, database),
    )


def own_ping(
    context: str,
    engine: AsyncEngine,
    complete: Callable[[Reading], Awaitable[bool]] | None = None,
    database: str = "",
) -> QueryRoute:
    """The route of `ping` alone, for a context whose commands nobody asks after."""

    async def ping(read: Reading, _asked: Asked[Ping]) -> Done:
        migrated = await is_at_head(database or context, engine)
        ready = migrated and (complete is None or await complete(read))
        body = {"context": context, "migrated": migrated, "ready": ready}
        return Done(200 if ready else 503, body)

    return QueryRoute(Ping, ping)


class Operations:
    """The inbox row is the durable outcome; before there is one, `op:{id}` knows the deadline."""

    def __init__(self, context: str, engine: AsyncEngine, client: Redis, keyring: Keyring) -> None:
        self._context = context
        self._engine = engine
        self._client = client
        self._keyring = keyring

    async def answer(self, read: Reading, asked: Asked[OperationGet]) -> Done | Refused:
        """`pending` until the outcome is there; `expired` only once its row says so, so that an
        expired command can never commit later."""
        found = await _find(read, asked)
        sent = await self._sent(asked)
        if found is None and sent is not None and sent["late"]:
            await self._expire(asked, sent)
            found = await _find(read, asked)
        actor = found[2] if found else (sent["actor"] if sent else None)
        if actor is None or not _may_see(asked.actor, actor):
            return refused("not_found", "There is no such operation.")
        if found is None:
            return Done(200, self._view(asked, "pending"))
        state, reply, _ = found
        return Done(200, self._of_row(asked, state, reply))

    def _of_row(self, asked: Asked[OperationGet], state: str, text: str | None) -> OperationView:
        if state in ("running", "waiting"):
            return self._view(asked, "pending")
        reply = decode_reply(text.encode(), self._keyring) if text else None
        if state == "expired":
            return self._view(asked, "expired")
        if reply is None:
            # Carried out, and nothing was kept of what was said.
            return self._view(asked, "succeeded")
        outcome = "succeeded" if reply.status < 400 else "failed"
        return self._view(
            asked, outcome, http_status=reply.status, body=reply.body, problem=reply.problem
        )

    def _view(self, asked: Asked[OperationGet], state: str, **fields: Any) -> OperationView:
        return OperationView.model_validate(
            {
                "id": asked.message.operation_id,
                "context": self._context,
                "state": state,
                **fields,
            }
        )

    async def _sent(self, asked: Asked[OperationGet]) -> dict[str, Any] | None:
        """What the sender left beside the command, and whether its deadline has passed by Redis's
        own clock; None for another tenant's."""
        key = operation_key(asked.message.operation_id)
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.get(key)
            pipe.pttl(key)
            text, remaining = await pipe.execute()
        if text is None:
            return None
        sent: dict[str, Any] = orjson.loads(text)
        tenants = {str(asked.envelope.tenant_id) if asked.envelope.tenant_id else None}
        if asked.actor.kind in PLATFORM:
            tenants.add(None)
        if sent.get("context") != self._context or sent.get("tenant") not in tenants:
            return None
        sent["late"] = OPERATION_KEPT_MS - int(remaining) > int(sent["ttlms"])
        return sent

    async def _expire(self, asked: Asked[OperationGet], sent: dict[str, Any]) -> None:
        """Whoever inserts first decides: the command's own transaction, or this one."""
        envelope = asked.envelope
        async with writing(
            self._engine,
            envelope.tenant_id if sent["tenant"] else None,
            asked.message.operation_id,
            fingerprint=sent.get("fingerprint", ""),
            actor=sent["actor"],
            reply_to="",
            traceparent="",
        ) as (work, found):
            if found.state == "new":
                reply = refusal(Problem(code="expired"), envelope.trace_id).encode()
                await work.finish(
                    work.tenant_id,
                    asked.message.operation_id,
                    state="expired",
                    reply=reply,
                    effects=None,
                )


async def _find(read: Reading, asked: Asked[OperationGet]) -> tuple[str, str | None, str] | None:
    """The inbox row in the tenant that was named or, for a platform administrator, in none."""
    tenants = [asked.tenant_id]
    if asked.actor.kind == "platform" and asked.tenant_id != NIL:
        tenants.append(NIL)
    for tenant_id in tenants:
        if read.tenant_id != tenant_id:
            await read.enter(tenant_id)
        found = await outcome_of(read, asked.message.operation_id)
        if found is not None:
            return found
    return None


def _may_see(caller: Actor, sender: str) -> bool:
    return caller.label == sender or is_administrator(caller)
