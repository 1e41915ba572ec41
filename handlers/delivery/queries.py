"""One query, answered from a snapshot; nothing is stored."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.reply import Reply, sealed
from contracts.wire.sealing import Keyring
from handlers.delivery.commands import reply_of
from handlers.delivery.work import Asked, Done, QueryRoute
from storage.delivery.transaction import reading


class QueryRunner:
    """Answers the queries of one context from its database."""

    def __init__(self, engine: AsyncEngine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    async def run(self, route: QueryRoute, asked: Asked[Any]) -> bytes:
        """The encoded reply; private answers are sealed."""
        data, _ = await self.answered(route, asked)
        return data

    async def answered(self, route: QueryRoute, asked: Asked[Any]) -> tuple[bytes, Reply]:
        """The same, and what it says."""
        async with reading(self._engine, asked.envelope.tenant_id) as read:
            outcome = await route.answer(read, asked)
        reply = reply_of(outcome, asked.envelope)
        data = reply.encode()
        private = route.private or (isinstance(outcome, Done) and outcome.private)
        return sealed(data, self._keyring) if private else data, reply
