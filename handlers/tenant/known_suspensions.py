"""That a tenant is suspended stays known for as long as it is: a timer.

What is known runs out after a while and is lost with Redis, and a tenant may come from elsewhere
suspended; an internal system needs no token that would run out before.
"""

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.delivery.timers import repeated
from storage.delivery.known import Fact, KnownObjects
from storage.tenant.suspended import suspended_tenants

SAY_EVERY = 10.0
_SUSPENDED = orjson.dumps({"suspended": True})


class KnownSuspensions:
    """`engine` is the tenant database as the timers' role."""

    def __init__(self, engine: AsyncEngine, known: KnownObjects) -> None:
        self._engine = engine
        self._known = known

    async def run(self) -> None:
        """Says it again for ever."""
        await repeated("suspensions", self.say, SAY_EVERY)

    async def say(self) -> None:
        """Everybody knows; a tenant that goes on has a newer version, which this does not undo."""
        for tenant_id, version in await suspended_tenants(self._engine):
            fact = Fact(tenant_id, "suspension", tenant_id, version, _SUSPENDED)
            await self._known.remember(fact)
