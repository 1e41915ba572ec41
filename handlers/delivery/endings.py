"""Ending tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_AFTER = 0.5


async def ended(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Returns when every task has ended. A cancellation that comes while a client is between two
    awaits can be lost in it, so it is repeated until it has been heard."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_AFTER)
