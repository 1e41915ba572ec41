"""The sender: takes up what is due, sends it, and records what became of it, many at once.

claim (committed) ─► parcel ─► sign, post ─► record
                                   │
                killed here: the lease runs out, and it is sent again under the same id
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.sealing import Unopenable
from handlers.delivery.endings import ended
from handlers.delivery.failpoints import FailPoints
from handlers.subscribers.webhooks.attempting import Attempt
from handlers.subscribers.webhooks.posting import TOTAL_SECONDS
from handlers.subscribers.webhooks.recording import Records
from handlers.subscribers.webhooks.schedule import Answer
from handlers.subscribers.webhooks.signing import signed_headers
from journal.notes import note
from storage.delivery.errors import Trouble, trouble_of
from storage.subscriber.webhook_claims import Bounds, Claim, claim

LOOK_EVERY = 0.25
# So many are under way at once; what a tenant and an endpoint may have of them is in `Bounds`.
MOST_UNDER_WAY = 128
# Well above the longest attempt: nobody else sends it while it is being sent.
LEASE = timedelta(seconds=4 * TOTAL_SECONDS)


class Posts(Protocol):
    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """What became of sending it once."""


class Sender:
    """`timers` is the subscriber's database as the timers' role, which sees what is due."""

    def __init__(
        self,
        timers: AsyncEngine,
        records: Records,
        poster: Posts,
        bounds: Bounds | None = None,
        failpoints: FailPoints | None = None,
        count: Callable[[Answer], None] = lambda _: None,
    ) -> None:
        self._timers = timers
        self._records = records
        self._poster = poster
        self._bounds = bounds or Bounds()
        self._failpoints = failpoints or FailPoints("", "subscriber", "")
        self._count = count
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Sends for ever; while the database is away it waits."""
        try:
            while True:
                begun = 0
                try:
                    begun = len(await self.take_up())
                except Exception as failure:  # the one place: an outage is waited for
                    if trouble_of(failure) is Trouble.BUG:
                        raise
                    note(logging.INFO, "cannot send now", error=type(failure).__name__)
                if not begun:
                    await asyncio.sleep(LOOK_EVERY)
        finally:
            await ended(list(self._under_way))

    async def take_up(self, now: datetime | None = None) -> list[Claim]:
        """Takes up what is due and there is room for, and begins to send it."""
        room = MOST_UNDER_WAY - len(self._under_way)
        if room <= 0:
            return []
        claims = await claim(self._timers, room, LEASE, self._bounds, now)
        for one in claims:
            task = asyncio.create_task(self._deliver(one))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return claims

    async def rest(self) -> None:
        """Waits for what was begun."""
        await asyncio.gather(*self._under_way)

    async def _deliver(self, claim: Claim) -> None:
        try:
            await self._once(claim)
        except Exception as failure:  # the one place: whatever it was, the lease runs out
            _noted(claim, failure)
            if trouble_of(failure) is Trouble.BUG:
                await self._given_back(claim)

    async def _given_back(self, claim: Claim) -> None:
        """What fails here each time is an attempt like others: counted, shown and, some day, the
        last one."""
        try:
            answer = Answer(None, "failed_here", "", None, 0)
            self._count(answer)
            await self._records.keep(claim, answer)
        except Exception as failure:  # the one place: the lease runs out, once more
            _noted(claim, failure)

    async def _once(self, claim: Claim) -> None:
        try:
            parcel = await self._records.parcel(claim)
        except Unopenable:
            answer = Answer(None, "secret_lost", "", None, 0)
            await self._records.keep(claim, answer)
            return
        if parcel is None:
            return
        headers = signed_headers(parcel.event_id, claim.now, parcel.body, parcel.secrets)
        with Attempt(claim, parcel) as attempt:
            self._failpoints.passing("before_post")
            answer = await self._poster.post(parcel.url, headers, parcel.body)
            self._failpoints.passing("after_post")
            attempt.ended(answer)
            self._count(answer)
            await self._records.keep(claim, answer)


def _noted(claim: Claim, failure: Exception) -> None:
    note(
        logging.ERROR,
        "a webhook delivery failed here; it is tried again",
        trouble=failure,
        tenant_id=claim.tenant_id,
        delivery=str(claim.delivery_id),
    )
