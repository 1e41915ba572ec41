"""Nudges: a commit tells the relay that there is something to publish, and polling is the net."""

import asyncio
import logging
from collections.abc import Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from handlers.delivery.relay import Relay
from handlers.delivery.writer import Step
from journal.notes import note

CHANNEL = "nudge"


def nudge(context: str) -> Step:
    """The step that wakes the relay of a context."""
    return ("PUBLISH", CHANNEL, context)


async def listen(client: Redis, relays: Mapping[str, Relay]) -> None:
    """Wakes relays for ever; one nudge that is missed costs a poll of 100 ms."""
    while True:
        try:
            async with client.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                while True:
                    message = await channel.get_message(ignore_subscribe_messages=True, timeout=1.0)
                    if message is not None:
                        relay = relays.get(message["data"].decode())
                        if relay is not None:
                            relay.wake()
        except (RedisError, OSError) as failure:
            note(logging.INFO, "cannot hear nudges now", error=type(failure).__name__)
            await asyncio.sleep(0.5)
