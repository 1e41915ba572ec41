"""Throwing dead letters away for good."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import redis

from contracts.wire.streams import dead_of
from ops.dead_letters.letters import PAGE, DeadLetter


def discard(client: "redis.Redis", chosen: Iterable[DeadLetter]) -> Iterator[list[DeadLetter]]:
    """They are gone, a page at a time; those of a page that somebody else took meanwhile, too."""
    for context, of_one in groupby(chosen, key=lambda letter: letter.context):
        page: list[DeadLetter] = []
        for letter in of_one:
            page.append(letter)
            if len(page) == PAGE:
                yield _discarded(client, context, page)
                page = []
        if page:
            yield _discarded(client, context, page)


def _discarded(client: "redis.Redis", context: str, page: list[DeadLetter]) -> list[DeadLetter]:
    client.xdel(dead_of(context), *(letter.id for letter in page))
    return page
