"""Every operation that asks who one is, as a request that would be carried out for its owner."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.e2e.house import House, at, day_ahead, rfc
from tests.e2e.scene import filled
from tests.e2e.who_may import OPERATIONS, Operation


@dataclass(frozen=True, slots=True)
class Call:
    """A request without a word of who makes it; `operation` is its row in the table."""

    name: str
    operation: Operation
    path: str
    body: Any

    def at(self, query: str) -> str:
        """The path with this behind it, too."""
        return f"{self.path}{'&' if '?' in self.path else '?'}{query}" if query else self.path


def calls(house: House, resource: str) -> list[Call]:
    """One of each, in the house: about an object that nobody has where the path names one."""
    start = at(day_ahead(30), 10)
    words = {
        "tenant": house.id,
        "slug": house.slug,
        "context": "user",
        "month": "2026-11",
        "event": "booking.moved",
        "channel": "email",
        "locale": "en",
        "n": "1",
        "resource": resource,
        "start": rfc(start),
        "end": rfc(start + timedelta(hours=1)),
        "day": str(day_ahead(30)),
        "id": str(uuid4()),
    }
    return [
        Call(name, one, filled(one.path, words), filled(one.body, words))
        for name, one in OPERATIONS.items()
        if not one.open
    ]
