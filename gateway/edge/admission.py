"""Who comes in: signed in where that is asked, and within the limits."""

from collections.abc import Mapping
from uuid import UUID

from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL
from contracts.wire.strict import Message, Query
from gateway.edge.parts import Parts
from gateway.edge.problems import Refused
from gateway.edge.sign_in import STRANGER, Caller, Reach, caller_of
from gateway.edge.visit import Visit
from journal.bearings import whose_tenant

_NO_IDS: Mapping[str, str] = {}


async def admitted(
    parts: Parts,
    visit: Visit,
    message: type[Message],
    reach: Reach,
    ids: Mapping[str, str] = _NO_IDS,
) -> Caller:
    """The caller, of whom `ids` are what the path names. Raises Refused: what sign-in says, 429
    beyond a limit, 503 without Redis."""

    def unadmitted(actor: Actor, tenant_id: UUID | None) -> None:
        parts.trail.refused(visit, message, actor, tenant_id, ids)

    path_tenant = ids.get("tenant_id")
    try:
        caller = await caller_of(visit, parts.proofs, message, reach, path_tenant, unadmitted)
    except Refused as refusal:
        if parts.streams.alive:
            # Whoever is refused at the door has come in nowhere: their address counts.
            await parts.rate_limits.admit(visit, STRANGER)
        raise refusal from None
    whose_tenant(caller.tenant_id)
    await parts.rate_limits.admit(visit, caller, mails=message.mails)
    inside = caller.actor.kind == "platform" and caller.tenant_id not in (None, NIL)
    if inside and issubclass(message, Query):
        parts.trail.looked(visit, message, caller, ids)
    return caller
