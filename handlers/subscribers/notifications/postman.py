"""The postman of one way: takes what is due, of all tenants, and sends it; at least once.

A claim is committed before anything is sent, and what became of it afterwards: whoever dies in
between leaves it to be sent again when the claim has run out, under the same Message-ID.
"""

import asyncio
import logging
import random
from datetime import datetime
from typing import Any

import orjson
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.sealing import Keyring, Unopenable
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.work import Unavailable
from handlers.subscribers.notifications.composing import Composer, Unasked, Unsaid
from handlers.subscribers.notifications.delivering import Postponed, Sent, Ways
from handlers.subscribers.notifications.reminding import Reminding
from journal.bearings import Bearings
from journal.notes import note
from journal.work import Work
from storage.delivery.errors import Trouble, trouble_of
from storage.subscriber.notifications import (
    Claimed,
    claim,
    drop,
    end,
    is_superseded,
    postpone,
)

LOOK_EVERY = 1.0
AT_ONCE = 8
# Longer than asking the owners and a server that takes its time need together.
CLAIMED_FOR = 90.0
# Between one attempt and the next; after the last there is none.
WAITS = (60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400)
OWNER_AWAY_SECONDS = 5.0
# What fails here is tried so often: by then somebody may have mended it.
FAILURES_MOST = 5


class Postman:
    """One of several at will: what one has claimed another does not see. Each way has its own, so
    that none waits for a server of another's."""

    def __init__(
        self,
        engine: AsyncEngine,
        composer: Composer,
        reminding: Reminding,
        ways: Ways,
        keyring: Keyring,
        failpoints: FailPoints,
        channel: str = "email",
        claimed_for: float = CLAIMED_FOR,
    ) -> None:
        self._engine = engine
        self._composer = composer
        self._reminding = reminding
        self._ways = ways
        self._channel = channel
        self._keyring = keyring
        self._failpoints = failpoints
        self._claimed_for = claimed_for

    async def run(self) -> None:
        """Sends for ever."""
        while True:
            taken = 0
            try:
                taken = await self.round()
            except Exception as failure:  # the one place: an outage is waited for, the rest raised
                away = isinstance(failure, RedisError) or trouble_of(failure) is not Trouble.BUG
                if not away:
                    raise
                note(logging.INFO, "cannot send messages now", error=type(failure).__name__)
            if taken < AT_ONCE:
                await asyncio.sleep(LOOK_EVERY)

    async def round(self) -> int:
        """Sends what is due, so many at once; how many were taken."""
        claimed = await claim(self._engine, self._channel, AT_ONCE, self._claimed_for)
        results = await asyncio.gather(
            *(self._work(one) for one in claimed), return_exceptions=True
        )
        for failure in results:
            if isinstance(failure, BaseException):
                raise failure
        return len(claimed)

    async def _work(self, one: Claimed) -> None:
        with Work(Bearings(tenant_id=one.tenant_id), None):
            try:
                await self._take(one)
            except Exception as failure:  # the one place: one that fails holds up no other
                if isinstance(failure, RedisError) or trouble_of(failure) is not Trouble.BUG:
                    raise
                said = {"notification": str(one.notification_id), "attempts": one.attempts}
                note(logging.ERROR, "a message cannot be made", trouble=failure, **said)
                if one.attempts >= FAILURES_MOST:
                    await end(self._engine, one, "failed", "failed_here")
                else:
                    wait = WAITS[one.attempts - 1]
                    await postpone(self._engine, one, wait, "failed_here", counted=True)

    async def _opened(self, one: Claimed) -> dict[str, Any] | None:
        """What is to be said; None where that is over."""
        try:
            payload: dict[str, Any] = orjson.loads(self._keyring.open(one.payload))
        except Unopenable:
            await end(self._engine, one, "failed", "sealed_by_another_key")
            return None
        if _run_out(payload, one.claimed_at):
            await end(self._engine, one, "skipped", "expired")
            return None
        if one.attempts > 1 and await is_superseded(self._engine, one):
            await end(self._engine, one, "skipped", "superseded")
            return None
        return payload

    async def _take(self, one: Claimed) -> None:
        payload = await self._opened(one)
        if payload is None:
            return
        try:
            if await self._reminding.takes(one, payload):
                return
            composed = await self._composer.compose(one, payload)
        except Unavailable:
            await postpone(
                self._engine, one, OWNER_AWAY_SECONDS, "owner_unavailable", counted=False
            )
            return
        if isinstance(composed, Unasked):
            await drop(self._engine, one)
            return
        if isinstance(composed, Unsaid):
            await end(self._engine, one, "skipped", composed.reason)
            return
        delivery = await self._ways.send(composed)
        self._failpoints.passing("after_send")
        if isinstance(delivery, Sent):
            await end(self._engine, one, "sent", None)
        elif isinstance(delivery, Postponed) and one.attempts <= len(WAITS):
            wait = WAITS[one.attempts - 1] * random.uniform(0.8, 1.2)
            await postpone(self._engine, one, wait, delivery.reason, counted=True)
        else:
            note(logging.WARNING, "a message cannot be delivered", reason=delivery.reason)
            await end(self._engine, one, "failed", delivery.reason)


def _run_out(payload: dict[str, Any], now: datetime) -> bool:
    """Whether what it brings, a code or an offer, is of no use any more."""
    expires_at = payload.get("expires_at")
    return expires_at is not None and datetime.fromisoformat(expires_at) <= now
