"""Reads this instance's reply stream and hands each reply to whoever waits for it.

The stream is a cache: it may expire, be deleted, or be lost with Redis. Where it begins anew, it is
read from its beginning; replies that nobody waits for are dropped.
"""

import asyncio
import logging
from typing import Any

import orjson

from contracts.wire.codec import REPLY_MAX_BYTES, Malformed, decode
from contracts.wire.pending import PendingReplies
from contracts.wire.reply import decode_reply
from contracts.wire.sealing import Keyring, Unopenable
from contracts.wire.streams import replies_to
from gateway.edge.redis_line import DENIED, LOST, RedisLine
from journal.notes import note

BLOCK_MS = 1_000
MOST_AT_ONCE = 500
BEGINNING = b"0-0"
_ANSWER_WITHIN = 2.5
_LONGEST_PAUSE = 0.5


class ReplyReader:
    """One task with a connection of its own; survives Redis going away."""

    def __init__(self, url: str, instance: str, keyring: Keyring, pending: PendingReplies) -> None:
        self._line = RedisLine(url, _ANSWER_WITHIN)
        self._stream = replies_to(instance)
        self._keyring = keyring
        self._pending = pending
        self._last: bytes | None = None

    async def find_end(self) -> None:
        """Skips what stands on the stream: nobody here waits for it. Raises LOST."""
        self._last = await self._last_id()

    async def run(self) -> None:
        """Reads until cancelled."""
        pause = 0.0
        while True:
            try:
                if self._last is None:
                    await self.find_end()
                await self._read_once()
                pause = 0.0
            except LOST as failure:
                if not pause:
                    note(logging.WARNING, "replies cannot be read", error=type(failure).__name__)
                await self._line.drop()
                pause = min(max(pause * 2, 0.05), _LONGEST_PAUSE)
                await asyncio.sleep(pause)

    async def close(self) -> None:
        await self._line.drop()

    async def _read_once(self) -> None:
        last = self._last or BEGINNING
        found = await self._line.call(
            "XREAD", "COUNT", MOST_AT_ONCE, "BLOCK", BLOCK_MS, "STREAMS", self._stream, last
        )
        if not found:
            # Nothing came: perhaps because the stream was lost and counts from lower ids now.
            if _number(await self._last_id()) < _number(last):
                self._last = BEGINNING
            return
        for entry_id, fields in found[0][1]:
            self._last = entry_id
            self._settle(fields)

    async def _last_id(self) -> bytes:
        try:
            told = await self._line.call("XINFO", "STREAM", self._stream)
        except DENIED:
            return BEGINNING
        last: bytes = told[told.index(b"last-generated-id") + 1]
        return last

    def _settle(self, flat: list[Any]) -> None:
        try:
            fields = dict(zip(flat[::2], flat[1::2], strict=True))
            answer = decode(fields, REPLY_MAX_BYTES)
            reply = decode_reply(answer.data, self._keyring)
        except (Malformed, Unopenable, orjson.JSONDecodeError, KeyError, TypeError) as failure:
            note(logging.ERROR, "a reply cannot be read", error=repr(failure))
            return
        self._pending.settle(answer, reply)


def _number(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition(b"-")
    return int(milliseconds), int(sequence)
