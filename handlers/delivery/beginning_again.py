"""A consumer that begins again: every event that is kept takes effect once more, at most once."""

import asyncio
import logging
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.codec import decode
from handlers.delivery.events import TRIES, Effect
from journal.notes import note
from storage.delivery.archive import Published, forgotten_up_to, published
from storage.delivery.errors import Trouble, trouble_of

# Events that take effect at a time; each has a connection for as long.
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Events of `context` up to this number are kept nowhere any more."""

    context: str
    forgotten_up_to: int


async def missing(outboxes: Mapping[str, AsyncEngine]) -> list[Incomplete]:
    """Of which contexts not every event is kept; `outboxes` are their databases."""
    found = [Incomplete(name, await forgotten_up_to(outboxes[name])) for name in outboxes]
    return [one for one in found if one.forgotten_up_to]


async def hear_again(
    outboxes: Mapping[str, AsyncEngine], types: Collection[str], effect: Effect
) -> tuple[int, int]:
    """How many events were heard, and how many were not: those in the archives, and those that the
    outboxes still have, which are what the streams have. Whatever is published meanwhile comes by
    its stream, and what comes by both ways takes effect once. One that fails holds up no other."""
    heard = failed = 0
    for context, engine in outboxes.items():
        async for events in published(engine, types):
            turns = asyncio.Semaphore(AT_ONCE)
            async with asyncio.TaskGroup() as tasks:
                taken = [tasks.create_task(_take(event, effect, turns)) for event in events]
            done = sum(task.result() for task in taken)
            heard, failed = heard + done, failed + len(events) - done
            note(logging.INFO, "heard again", context=context, up_to=events[-1].pub_seq)
    return heard, failed


async def _take(event: Published, effect: Effect, turns: asyncio.Semaphore) -> bool:
    """Whether it took effect, now or before."""
    envelope = decode({name: value.encode() for name, value in event.fields.items()})
    tries = 0
    async with turns:
        while True:
            try:
                await effect(envelope)
            except Exception as failure:  # the one place: what went wrong decides what follows
                tries += 1
                trouble = trouble_of(failure)
                if trouble is Trouble.AWAY:
                    raise
                if trouble is not Trouble.AGAIN or tries == TRIES:
                    said = {"id": envelope.id, "type": envelope.type, "number": event.pub_seq}
                    note(logging.ERROR, "an event was not heard", trouble=failure, **said)
                    return False
                await asyncio.sleep(random.uniform(0, 0.05 * 2**tries))
            else:
                return True
