"""Saying one thing as the system from a short-lived process, and waiting for its outcome."""

import asyncio
import os

from contracts.wire.reply import Reply
from contracts.wire.sealing import Keyring
from contracts.wire.strict import Message
from handlers.delivery.asking import Asker
from handlers.delivery.endings import ended
from handlers.delivery.redis_clients import reading_client, writing_client


async def ensure(
    redis_url: str, message: Message, keyring: Keyring, within_seconds: float = 30
) -> Reply:
    """The reply to the command or query; raises Unavailable when there is none in time."""
    writing, reading = writing_client(redis_url), reading_client(redis_url)
    asker = Asker(writing, reading, f"once-{os.getpid()}", keyring, within_seconds)
    answering = asyncio.create_task(asker.run())
    try:
        return await asker.ask(message, None)
    finally:
        await ended([answering])
        await writing.aclose()
        await reading.aclose()
