"""How many items of a list one reply can carry: an entry of a stream has a longest length."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

T = TypeVar("T")

# contracts.wire.codec accepts 1.2 MB; sealing makes a third more of it.
MAX_BYTES = 800_000


def fitting(
    rows: Sequence[T], limit: int, view: Callable[[T], dict[str, Any]], most: int = MAX_BYTES
) -> int:
    """How many rows make a page: `limit`, or as many as fit into `most` bytes, and one at least."""
    total = 0
    for count, row in enumerate(rows[:limit]):
        total += len(orjson.dumps(view(row)))
        if total > most and count:
            return count
    return limit
