"""A context's stream of events: where it begins and ends, and what stands on it.

Its entries are numbered by the relay, `<number>-0`: one event has the same id for ever, also where
it had to be published again.
"""

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from contracts.wire.streams import events_of
from gateway.edge.redis_line import DENIED, LOST, RedisLine

# The longest that a read waits for an event.
BLOCK_MS = 1_000
PAGE = 500
_ANSWER_WITHIN = 2.5
_ID = re.compile(r"^([0-9]{1,15})-0$")


def number_in(entry_id: str) -> int | None:
    """The number of an event's id; None where this is no id of an event."""
    found = _ID.match(entry_id)
    return None if found is None else int(found[1])


@dataclass(frozen=True)
class Happening:
    """An event as it stands on the stream; `tenant` is its tenant's id as text."""

    number: int
    type: str
    tenant: str
    data: bytes

    @cached_property
    def user_id(self) -> str | None:
        """Whose it is: the user of the booking or the entry that it is about."""
        said = orjson.loads(self.data).get("user_id")
        return said if isinstance(said, str) else None

    @cached_property
    def frame(self) -> bytes:
        """As it is sent (WHATWG HTML §9.2.6); data that had line breaks has as many lines."""
        lines = b"".join(b"data: %b\n" % line for line in self.data.splitlines())
        return b"id: %d-0\nevent: %b\n%b\n" % (self.number, self.type.encode(), lines)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers of the first event that is there, if there is one, and of the last there was."""

    first: int | None
    last: int

    def reach(self, number: int) -> bool:
        """Whether everything after this number is still there, and the number was given out."""
        if number > self.last:
            return False
        return number == self.last or (self.first is not None and self.first <= number + 1)


class EventStream:
    """Reads over one line, a page at a time: those who catch up take turns. `types` are the events
    that are told."""

    def __init__(self, url: str, context: str, types: Collection[str]) -> None:
        self._stream = events_of(context)
        self._types = frozenset(types)
        self._line = RedisLine(url, _ANSWER_WITHIN)
        self._turn = asyncio.Lock()

    async def bounds(self) -> Bounds:
        """Raises LOST."""
        try:
            told = await self._call("XINFO", "STREAM", self._stream)
        except DENIED:
            # Nothing was ever published.
            return Bounds(None, 0)
        named = dict(zip(told[::2], told[1::2], strict=True))
        first = named[b"first-entry"]
        return Bounds(_number(first[0]) if first else None, _number(named[b"last-generated-id"]))

    async def page(self, after: int) -> "Page":
        """What follows a number, without waiting for more. Raises LOST."""
        start = f"({after}-0"
        return self._page(await self._call("XRANGE", self._stream, start, "+", "COUNT", PAGE))

    async def wait(self, after: int) -> "Page":
        """What follows a number, once there is something, or nothing after a while. Raises LOST."""
        last = f"{after}-0"
        found = await self._call(
            "XREAD", "COUNT", PAGE, "BLOCK", BLOCK_MS, "STREAMS", self._stream, last
        )
        return self._page(found[0][1] if found else [])

    async def close(self) -> None:
        await self._line.drop()

    async def _call(self, *step: str | int) -> Any:
        async with self._turn:
            try:
                return await self._line.call(*step)
            except DENIED:
                raise
            except LOST:
                await self._line.drop()
                raise
            except asyncio.CancelledError:
                # The answer is still on its way, and is not the next question's.
                await self._line.drop()
                raise

    def _page(self, entries: list[Any]) -> "Page":
        found = tuple(_raw(entry_id, flat) for entry_id, flat in entries)
        return Page(found, self._types)


@dataclass(frozen=True, slots=True)
class Raw:
    """An entry of which nothing was read but its number."""

    number: int
    fields: dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """Entries that follow each other."""

    entries: tuple[Raw, ...]
    types: frozenset[str]

    def of(self, tenants: Collection[str]) -> list[Happening]:
        """The events of these tenants; others' are not looked into."""
        return [
            Happening(entry.number, kind, tenant, entry.fields.get(b"data", b"{}"))
            for entry in self.entries
            if (tenant := entry.fields.get(b"tenantid", b"").decode("latin-1")) in tenants
            and (kind := entry.fields.get(b"type", b"").decode("latin-1")) in self.types
        ]


def _raw(entry_id: bytes, flat: list[bytes]) -> Raw:
    return Raw(_number(entry_id), dict(zip(flat[::2], flat[1::2], strict=True)))


def _number(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])
