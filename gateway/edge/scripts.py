"""Scripts in Redis, called by their digest; who calls in one event-loop turn shares a pipeline."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoScriptError

from gateway.edge.lanes import Lanes
from gateway.edge.redis_line import DENIED, LOST, RedisLine
from journal.notes import note

LANES = 2


class Script:
    """Its source, and the digest that Redis knows it by."""

    __slots__ = ("sha", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        # How Redis names scripts; nothing is kept secret by it.
        self.sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


class _Call:
    __slots__ = ("answer", "script", "words")

    def __init__(self, script: Script, words: tuple[str | int, ...], answer: Any) -> None:
        self.script = script
        self.words = words
        self.answer: asyncio.Future[Any] = answer

    def settle(self, said: Any) -> None:
        if not self.answer.done():
            self.answer.set_result(said)


class Scripts(Lanes[_Call]):
    """An answer is None where Redis gave none: it is away, or took no script."""

    def __init__(self, url: str, lanes: int = LANES) -> None:
        super().__init__(url, lanes)
        self._under_way: set[_Call] = set()

    async def run(self, script: Script, keys: Sequence[str], *words: str | int) -> Any:
        """What the script answers."""
        answer = asyncio.get_running_loop().create_future()
        self.hand_in(_Call(script, (len(keys), *keys, *words), answer))
        return await answer

    def lose(self) -> None:
        """Redis does not answer any more: nobody waits for what was sent, either."""
        self.give_up_waiting()
        for call in tuple(self._under_way):
            call.settle(None)

    def _turn_back(self, parcel: _Call) -> None:
        parcel.settle(None)

    async def _carry(self, line: RedisLine, parcels: list[_Call]) -> None:
        self._under_way.update(parcels)
        try:
            await line.ready()
            await line.send([("EVALSHA", call.script.sha, *call.words) for call in parcels])
            unknown = [call for call in parcels if not await _answered(line, call)]
            if unknown:
                # Whole, where Redis did not know it: it has been started since.
                await line.send([("EVAL", call.script.source, *call.words) for call in unknown])
            for call in unknown:
                await _answered(line, call)
        except LOST as failure:
            note(logging.WARNING, "Redis answered no script", error=type(failure).__name__)
            await line.drop()
        finally:
            for call in parcels:
                call.settle(None)
            self._under_way.difference_update(parcels)


async def _answered(line: RedisLine, call: _Call) -> bool:
    """Whether there is an answer; there is none, and nothing was done, where the script is new."""
    try:
        call.settle(await line.read())
    except NoScriptError:
        return False
    except DENIED as failure:
        note(logging.ERROR, "Redis refused a script", error=str(failure))
        call.settle(None)
    return True
