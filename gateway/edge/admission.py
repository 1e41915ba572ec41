"""Who comes in: signed in where that is asked, and within the limits."""

from contracts.wire.strict import Message
from gateway.edge.parts import Parts
from gateway.edge.problems import Refused
from gateway.edge.sign_in import STRANGER, Caller, Reach, caller_of
from gateway.edge.visit import Visit


async def admitted(
    parts: Parts, visit: Visit, message: type[Message], reach: Reach, path_tenant: str | None
) -> Caller:
    """The caller. Raises Refused: what sign-in says, 429 beyond a limit, 503 without Redis."""
    try:
        caller = await caller_of(visit, parts.proofs, message, reach, path_tenant)
    except Refused as refusal:
        if parts.streams.alive:
            # Whoever is refused at the door has come in nowhere: their address counts.
            await parts.rate_limits.admit(visit, STRANGER)
        raise refusal from None
    await parts.rate_limits.admit(visit, caller)
    return caller
