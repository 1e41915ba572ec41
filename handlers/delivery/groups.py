"""Streams and consumer groups: made by us, at id 0, before anything reads or publishes."""

from redis.asyncio import Redis
from redis.exceptions import ResponseError


async def ensure_group(client: Redis, stream: str, group: str) -> None:
    """The group exists. At `0`: what was published before the first reader is not lost, and a group
    that has to be made again sees everything again, which the inbox makes harmless."""
    try:
        await client.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as failure:
        if "BUSYGROUP" not in str(failure):
            raise
