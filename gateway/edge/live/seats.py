"""How many connections may follow: seats of a tenant and of a caller, over all gateways together.

Each is a lease in Redis that is renewed while its connection lasts. Those of a gateway that was
killed run out; those that Redis lost are there again with the next renewal.
"""

import asyncio
from dataclasses import dataclass

from contracts.wire.identity import new_id
from gateway.edge.live.following import HEART_BEAT_SECONDS
from gateway.edge.problems import refused
from gateway.edge.rate_limits import too_many
from gateway.edge.scripts import Script
from gateway.edge.sign_in import Caller
from gateway.edge.stream_client import StreamClient

# So long after its last renewal a seat is somebody else's: renewals may fail twice in a row.
LEASE_SECONDS = 3 * HEART_BEAT_SECONDS
# A seat that is free again is so when somebody leaves: nobody knows when.
_TRY_AGAIN_SECONDS = 30
_TENANT_FULL, _CALLER_FULL = 1, 2
_NO_LIMIT = -1

# KEYS are the tenant's seats and the caller's; ARGV the lease, its milliseconds, and how many there
# are of either, -1 for whoever has theirs. Answers 0, or which of the two has none left.
_TAKE = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, 1, -1 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  local most = tonumber(ARGV[i + 2])
  if most >= 0 and redis.call('ZCARD', KEYS[i]) >= most then return i end
end
for i = 1, 2 do
  redis.call('ZADD', KEYS[i], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 0
""")
_GIVE_BACK = Script("for i = 1, 2 do redis.call('ZREM', KEYS[i], ARGV[1]) end return 0")


@dataclass(frozen=True, slots=True)
class Seat:
    """One connection's; whoever has it keeps it until it is given back."""

    streams: StreamClient
    keys: tuple[str, str]
    lease: str

    async def kept(self) -> None:
        """Renews it for ever. Without Redis it is renewed once that is back: nobody can have taken
        it meanwhile."""
        while True:
            await asyncio.sleep(HEART_BEAT_SECONDS)
            await _taken(self, _NO_LIMIT, _NO_LIMIT)

    async def give_back(self) -> None:
        """Afterwards it is somebody else's; without Redis once the lease has run out."""
        await self.streams.run(_GIVE_BACK, self.keys, self.lease)


class Seats:
    """What an installation grants."""

    def __init__(self, streams: StreamClient, most_of_tenant: int, most_of_caller: int) -> None:
        self._streams = streams
        self._most_of_tenant = most_of_tenant
        self._most_of_caller = most_of_caller

    async def take(self, caller: Caller) -> Seat:
        """One of the tenant's and one of the caller's. Raises Refused: 429 where the caller has
        theirs, 503 where the tenant has, or nobody can say."""
        whole = f"followers:{caller.tenant_id}"
        keys = (whole, f"{whole}:{caller.actor.label}")
        seat = Seat(self._streams, keys, str(new_id()))
        told = await _taken(seat, self._most_of_tenant, self._most_of_caller)
        if told is None:
            raise refused("unavailable", "The message broker does not answer.")
        if told == _CALLER_FULL:
            detail = f"A caller may have {self._most_of_caller} connections that follow."
            raise too_many(detail, _TRY_AGAIN_SECONDS, "followers")
        if told == _TENANT_FULL:
            raise refused("overloaded", "This tenant has too many connections that follow.")
        return seat


async def _taken(seat: Seat, most_of_tenant: int, most_of_caller: int) -> int | None:
    lasts = int(LEASE_SECONDS * 1000)
    told: int | None = await seat.streams.run(
        _TAKE, seat.keys, seat.lease, lasts, most_of_tenant, most_of_caller
    )
    return told
