"""Consumers that nobody is any more: a container, say, is never called the same again.

A reader asks for entries at least once a second. One that has not for a day, and has nothing in
hand, is taken from its group; whoever comes back under the name is made again by reading.
"""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from handlers.delivery.asking import text_of

IDLE_SECONDS = 86_400.0
# In one step: a consumer that took something in between would lose it with its name.
_DROP = """
for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local found = {}
    for place = 1, #one, 2 do found[one[place]] = one[place + 1] end
    local rests = found['pending'] == 0 and found['idle'] >= tonumber(ARGV[3])
    if found['name'] == ARGV[2] and rests then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
        return 1
    end
end
return 0
"""


async def drop_leftover_consumers(
    client: Redis, streams: Sequence[str], idle_seconds: float = IDLE_SECONDS
) -> int:
    """How many are gone, of all groups of these streams."""
    drop = client.register_script(_DROP)
    gone, least = 0, int(idle_seconds * 1000)
    for stream in streams:
        try:
            groups: Any = await client.xinfo_groups(stream)
        except ResponseError as failure:
            if "no such key" not in str(failure):
                raise
            continue
        for group in (text_of(one["name"]) for one in groups):
            consumers: Any = await client.xinfo_consumers(stream, group)
            for one in consumers:
                if one["pending"] == 0 and one["idle"] >= least:
                    gone += await drop(keys=[stream], args=[group, text_of(one["name"]), least])
    return gone
