"""Timers: steps that are done again and again, and done later where they cannot be done now."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

from journal.notes import note
from storage.delivery.errors import Trouble, sqlstate, trouble_of

Step = Callable[[], Awaitable[object]]
# query_canceled: what a statement may take was not enough.
TOOK_TOO_LONG = "57014"


async def attempted(what: str, step: Step) -> None:
    """One step. An outage, and a statement that took too long, keep nothing else from being done; a
    mistake of ours is raised."""
    try:
        await step()
    except Exception as failure:  # the one place: an outage is waited for, the rest raised
        away = isinstance(failure, RedisError) or trouble_of(failure) is not Trouble.BUG
        late = sqlstate(failure) == TOOK_TOO_LONG
        if not away and not late:
            raise
        level = logging.WARNING if late else logging.INFO
        note(level, "a timer waits", what=what, error=type(failure).__name__)


async def repeated(what: str, step: Step, every_seconds: float) -> None:
    """The step for ever, with a pause after each."""
    while True:
        await attempted(what, step)
        await asyncio.sleep(every_seconds)
