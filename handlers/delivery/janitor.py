"""Trimming streams: what no group needs any more goes; unread and pending entries never do.

XTRIM MINID at the lowest id that any group still needs; never MAXLEN, never XDEL. Event streams
keep what is younger than the retention besides, so that a subscriber can be rebuilt from them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from redis.asyncio import Redis
from redis.exceptions import ResponseError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.streams import PUBLISHING, events_of
from handlers.delivery.asking import text_of
from handlers.delivery.leftover_consumers import drop_leftover_consumers
from handlers.delivery.timers import Step, attempted
from storage.delivery.archive import archive, forget_archived
from storage.delivery.purging import purge_inbox, trimmable_up_to, wipe_replies

TRIM_EVERY = 30.0
PURGE_EVERY = 3600.0
INBOX_EXTRA_DAYS = 14
# How long a repetition gets its first outcome again, whatever is in it.
SEALED_KEPT_HOURS = 72


class Janitor:
    """Keeps the streams of work and of events short, and the inboxes and outboxes young;
    `engines` are of every database, `forgetting` is what the contexts forget besides. Events
    older than the retention are archived, for ever where `archive_days` does not say how long."""

    def __init__(
        self,
        client: Redis,
        working_streams: Sequence[str],
        engines: Mapping[str, AsyncEngine],
        retention_days: int,
        forgetting: Sequence[Step] = (),
        archive_days: int | None = None,
    ) -> None:
        self._client = client
        self._working = working_streams
        self._engines = engines
        self._days = retention_days
        self._forgetting = forgetting
        self._archive_days = archive_days
        self._wiped_until: dict[str, datetime | None] = {}

    async def run(self) -> None:
        """Tidies for ever."""
        slept = PURGE_EVERY
        while True:
            await attempted("trim", self.trim)
            if slept >= PURGE_EVERY:
                slept = 0.0
                await self.purge()
            await asyncio.sleep(TRIM_EVERY)
            slept += TRIM_EVERY

    async def trim(self) -> None:
        """Trims every stream to what is still needed."""
        for stream in self._working:
            needed = await self.needed_from(stream)
            if needed is not None:
                await self._client.xtrim(stream, minid=needed, approximate=False)
        for context, database in PUBLISHING.items():
            stream, engine = events_of(context), self._engines[database]
            needed = await self.needed_from(stream)
            old = await trimmable_up_to(engine, self._days)
            if needed is not None and old:
                minid = min(_parts(needed), (old + 1, 0))
                await self._client.xtrim(stream, minid=f"{minid[0]}-{minid[1]}", approximate=False)

    async def needed_from(self, stream: str) -> str | None:
        """The lowest id that any group still needs; None when there is no group to ask."""
        try:
            groups = await self._client.xinfo_groups(stream)
        except ResponseError as failure:
            if "no such key" not in str(failure):
                raise
            return None
        lowest: list[tuple[int, int]] = []
        for group in groups:
            pending = await self._client.xpending(stream, text_of(group["name"]))
            first = pending["min"]
            if first is not None:
                lowest.append(_parts(text_of(first)))
            else:
                at, sequence = _parts(text_of(group["last-delivered-id"]))
                lowest.append((at, sequence + 1))
        if not lowest:
            return None
        at, sequence = min(lowest)
        return f"{at}-{sequence}"

    async def purge(self) -> None:
        """What is old is gone from everywhere, or archived."""
        streams = [*self._working, *map(events_of, PUBLISHING)]
        leftovers = partial(drop_leftover_consumers, self._client, streams)
        await attempted("consumers", leftovers)
        for name, engine in self._engines.items():
            inbox_days = self._days + INBOX_EXTRA_DAYS
            await attempted("inbox", partial(purge_inbox, engine, inbox_days))
            await attempted("outbox", partial(archive, engine, self._days))
            if self._archive_days is not None:
                old = partial(forget_archived, engine, self._archive_days)
                await attempted("archive", old)
            await attempted("replies", partial(self._wipe, name))
        for forget in self._forgetting:
            await attempted("forgetting", forget)

    async def _wipe(self, name: str) -> None:
        self._wiped_until[name] = await wipe_replies(
            self._engines[name], SEALED_KEPT_HOURS, self._wiped_until.get(name)
        )


def _parts(entry_id: str) -> tuple[int, int]:
    at, _, sequence = entry_id.partition("-")
    return int(at), int(sequence or 0)
