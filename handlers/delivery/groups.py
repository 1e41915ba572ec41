"""Streams and consumer groups: made by us, at id 0, before anything reads or publishes."""

import logging

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from journal.notes import note


async def ensure_group(client: Redis, stream: str, group: str) -> None:
    """The group exists. At `0`: what was published before the first reader is not lost, and a group
    that has to be made again sees everything again, which the inbox makes harmless."""
    try:
        await client.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as failure:
        if "BUSYGROUP" not in str(failure):
            raise


async def drop_group(client: Redis, stream: str, group: str) -> None:
    """The group is not there, and no trimming waits for what it had not read."""
    try:
        dropped = await client.xgroup_destroy(stream, group)
    except ResponseError as failure:
        if "requires the key to exist" not in str(failure):
            raise
        return
    if dropped:
        note(logging.WARNING, "a group is given up", stream=stream, group=group)
