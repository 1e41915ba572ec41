"""The relay: outbox rows leave in the order of their numbers, and are never lost or doubled.

An event's number is its entry id in the stream (`<pub_seq>-0`). One script appends a batch only
when the stream's last id is the one that was expected, so a crash, a repetition or a second relay
cannot publish twice or reorder. Anything unexpected stops the loop and reconciles:

    stream behind     Redis lost its tail: go back to the stream's last id and publish again, and
                      send again what other contexts were sent since
    same event there  the crash came between append and high water: already published
    another event,    PostgreSQL was restored from a backup: alarm, and go on above the stream's
    or stream ahead   last id under a new base
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.wire.streams import events_of
from handlers.delivery.asking import entries_of, text_of
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.writer import flat
from journal.messages import publishing
from journal.notes import note
from journal.spans import Span
from storage.delivery import outbox
from storage.delivery.errors import Trouble, trouble_of

POLL_SECONDS = 0.1
LOOK_SECONDS = 1.0

# Numbers are compared and not ids: a stranger's `7-5` is no reason never to append `8-0`.
# ARGV: expected last number, then for each entry its number, its count of parts, and the parts.
_APPEND = """
local last = '0-0'
local ok, info = pcall(redis.call, 'XINFO', 'STREAM', KEYS[1])
if ok and not info['err'] then
    for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' then last = info[i + 1] end
    end
end
if string.match(last, '^%d+') ~= ARGV[1] then return {0, last} end
local at = 2
while at <= #ARGV do
    local count = tonumber(ARGV[at + 1])
    local parts = {}
    for i = 1, count do parts[i] = ARGV[at + 1 + i] end
    redis.call('XADD', KEYS[1], ARGV[at] .. '-0', unpack(parts))
    last = ARGV[at] .. '-0'
    at = at + 2 + count
end
return {1, last}
"""


class Relay:
    """Publishes the outbox of one context while it holds that context's advisory lock."""

    def __init__(
        self, context: str, engine: AsyncEngine, client: Redis, failpoints: FailPoints
    ) -> None:
        self._context = context
        self._stream = events_of(context)
        self._engine = engine
        self._client = client
        self._failpoints = failpoints
        self._append = client.register_script(_APPEND)
        self._woken = asyncio.Event()
        # False while there may be numbered events above the high-water mark.
        self._caught_up = False
        self._looked_at = 0.0
        # Whether this is the one active relay of its context.
        self.is_active = False

    @property
    def context(self) -> str:
        return self._context

    def wake(self) -> None:
        """There may be something to publish."""
        self._woken.set()

    async def run(self) -> None:
        """Relays for ever; while a dependency is away, or another relay is active, it waits."""
        while True:
            try:
                async with self._engine.connect() as connection:
                    await self._hold(connection)
            except Exception as failure:  # the one place: an outage is waited for here
                self.is_active = False
                away = isinstance(failure, RedisError) or trouble_of(failure) is not Trouble.BUG
                if not away:
                    raise
                note(logging.WARNING, "relay waits", context=self._context, error=repr(failure))
            await asyncio.sleep(0.3)

    async def _hold(self, connection: AsyncConnection) -> None:
        if not await outbox.try_lock(connection, self._context):
            return
        self.is_active = True
        await self.reconcile(connection)
        # Whatever ended the hold before this one may have been a Redis that died.
        await outbox.send_last_again(connection, self._stream)
        while True:
            self._woken.clear()
            busy = await self.step(connection)
            if not busy:
                try:
                    await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue

    async def step(self, connection: AsyncConnection) -> bool:
        """Publishes one batch; whether there was anything."""
        if self._caught_up and not await outbox.anything_unpublished(connection):
            return await self._stream_is_short(connection)
        sent = await self._send_commands(connection)
        await outbox.number(connection, self._stream)
        mark = await outbox.high_water(connection)
        events = await outbox.next_events(connection, self._stream, mark)
        if not events:
            self._caught_up = True
            return sent
        if not await self._publish(mark, events):
            await self.reconcile(connection)
            return True
        self._failpoints.passing("relay_after_xadd")
        await outbox.advance(connection, mark, events[-1].pub_seq)
        return True

    async def reconcile(self, connection: AsyncConnection) -> None:
        """Brings the high-water mark to where the stream really stands."""
        self._caught_up = False
        mark = await outbox.high_water(connection)
        last = await self._last_number()
        if last < mark:
            note(logging.ERROR, "the stream lost its tail", stream=self._stream, had=mark, has=last)
            await outbox.go_back(connection, self._stream, last)
            return
        if last == 0:
            return
        there = await self._event_on_stream(last)
        ours = await outbox.event_at(connection, last)
        if there is None and last == mark:
            return
        if ours is not None and there is not None and str(ours) == there:
            await outbox.advance(connection, mark, last)
            return
        if ours is None and last == mark:
            return
        note(logging.CRITICAL, "the stream is not this outbox's", stream=self._stream, last=last)
        await outbox.new_base(connection, last)

    async def _stream_is_short(self, connection: AsyncConnection) -> bool:
        """Looks once a second whether Redis still has what was published: a loss is mended also
        when there is nothing new to say."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = now
        if await self._last_number() == await outbox.high_water(connection):
            return False
        await self.reconcile(connection)
        return True

    async def _publish(self, expected: int, events: list[outbox.Numbered]) -> bool:
        args: list[Any] = [expected]
        leaving = [publishing(self._stream, event.fields) for event in events]
        for event, (fields, _) in zip(events, leaving, strict=True):
            parts = flat(fields)
            args += [event.pub_seq, len(parts), *parts]
        appended, last = await self._append(keys=[self._stream], args=args)
        if not appended:
            note(logging.WARNING, "unexpected last id", stream=self._stream, last=last)
            return False
        _end(leaving)
        return True

    async def _send_commands(self, connection: AsyncConnection) -> bool:
        """Commands for other contexts; appended with `*`, a repetition is met by the inbox."""
        commands = await outbox.unsent_commands(connection, self._stream)
        if not commands:
            return False
        leaving = [publishing(stream, fields) for _, stream, fields in commands]
        async with self._client.pipeline(transaction=False) as pipe:
            for (_, stream, _), (fields, _) in zip(commands, leaving, strict=True):
                pipe.execute_command("XADD", stream, "*", *flat(fields))
            await pipe.execute()
        _end(leaving)
        await outbox.mark_sent(connection, [row_id for row_id, _, _ in commands])
        return True

    async def _last_number(self) -> int:
        try:
            info = await self._client.xinfo_stream(self._stream)
        except ResponseError as failure:
            if "no such key" not in str(failure):
                raise
            return 0
        return entry_number(text_of(info["last-generated-id"]))

    async def _event_on_stream(self, number: int) -> str | None:
        place = f"{number}-0"
        found = await self._client.execute_command("XRANGE", self._stream, place, place)
        entries = entries_of([[self._stream, found]]) if found else []
        return entries[0][1][b"id"].decode() if entries else None


def _end(leaving: list[tuple[Mapping[str, Any], Span | None]]) -> None:
    """They are on their streams."""
    for _, span in leaving:
        if span is not None:
            span.end()


def entry_number(entry_id: str) -> int:
    """The number of an event in its stream: the first half of `<pub_seq>-0`."""
    return int(entry_id.partition("-")[0])
