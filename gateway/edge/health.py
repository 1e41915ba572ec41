"""`/health`: this process lives. `/ready`: it can have work done."""

import asyncio
import time

from litestar import Controller, get

from contracts.wire.envelope import SYSTEM
from contracts.wire.identity import new_id
from contracts.wire.operations import Ping
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply
from contracts.wire.streams import CONTEXTS
from gateway.edge.answers import HttpAnswer, json_answer
from gateway.edge.messages import envelope
from gateway.edge.parts import Parts, parts_of
from gateway.edge.problems import problem_answer
from gateway.edge.sign_in import Caller
from gateway.edge.visit import HttpRequest, Visit, visit_of

PING_SECONDS = 2.0
FRESH_SECONDS = 1.0
OK = "ok"


class Readiness:
    """What each part said, a second ago at most; who asks meanwhile waits for the same answer."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        self._said_at = -FRESH_SECONDS
        self._asking = asyncio.Lock()

    async def parts(self, parts: Parts, visit: Visit) -> dict[str, str]:
        """`ok` or what is wrong, by part."""
        if parts.drain.on:
            return {"gateway": "draining"}
        if not parts.streams.alive:
            return {"redis": "no answer"}
        async with self._asking:
            if time.monotonic() - self._said_at >= FRESH_SECONDS:
                said = await asyncio.gather(*(ping(c, parts, visit) for c in CONTEXTS))
                self._said = {"redis": OK, **dict(zip(CONTEXTS, said, strict=True))}
                self._said_at = time.monotonic()
            return self._said


async def ping(context: str, parts: Parts, visit: Visit) -> str:
    """`ok`, or what is wrong with whoever answers for the context."""
    caller = Caller(SYSTEM, None)
    asked = envelope(Ping(), new_id(), caller, visit, parts, int(PING_SECONDS * 1000))
    reply = await parts.streams.ask(context, asked, PING_SECONDS)
    if not isinstance(reply, Reply):
        return "no answer"
    return OK if reply.status == 200 else f"answered {reply.status}"


class HealthController(Controller):
    tags = ("health",)

    @get("/health", operation_id="health", summary="Whether this process lives")
    async def health(self) -> HttpAnswer:
        return json_answer({"status": "ok"})

    @get("/ready", operation_id="ready", summary="Whether every part answers")
    async def ready(self, request: HttpRequest) -> HttpAnswer:
        parts = parts_of(request)
        readiness: Readiness = request.app.state.readiness
        said = await readiness.parts(parts, visit_of(request))
        if all(word == OK for word in said.values()):
            return json_answer({"status": "ready", "parts": said})
        unready = Problem(
            code="unavailable", detail="Not every part answers.", extra={"parts": said}
        )
        return problem_answer(unready, visit_of(request))
