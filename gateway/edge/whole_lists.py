"""A list as a whole: page after page until there is no other, as one reply."""

from collections.abc import Awaitable, Callable
from typing import Any

from contracts.wire.reply import Reply
from contracts.wire.strict import Query
from gateway.edge.problems import refused
from gateway.edge.stream_client import NoReply

# Beyond it is refused, so that nobody takes a part for the whole.
MOST_ITEMS = 200_000

Answer = Callable[[Query], Awaitable[Reply | NoReply]]


async def whole(asked: Query, answer: Answer, pages_of: int) -> Reply | NoReply:
    """The first reply, with the items of all that follow it; with no `pages_of`, one reply is all.
    What goes wrong on the way is the answer. Raises Refused where there are too many."""
    if not pages_of:
        return await answer(asked)
    items: list[Any] = []
    page: dict[str, Any] = {"limit": pages_of}
    first: dict[str, Any] = {}
    while True:
        reply = await answer(asked.model_copy(update=page))
        if not isinstance(reply, Reply) or reply.status != 200:
            return reply
        first = first or reply.body
        items += reply.body["items"]
        if reply.body["next_cursor"] is None:
            return Reply(200, {**first, "items": items, "next_cursor": None})
        if len(items) >= MOST_ITEMS:
            raise refused("range_too_long", f"A table has {MOST_ITEMS} lines at most.")
        page["cursor"] = reply.body["next_cursor"]
