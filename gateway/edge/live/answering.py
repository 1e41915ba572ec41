"""Server-Sent Events (WHATWG HTML §9.2): an answer that lasts for as long as its caller stands.

What a browser's EventSource makes of an answer decides what is refused how: after a status other
than 200 it never comes back, after a connection that ended it does, with Last-Event-ID.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from litestar import Response
from litestar.types import Receive, Scope, Send

from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Query
from gateway.edge.admission import admitted
from gateway.edge.answers import HttpAnswer, no_answer, reply_answer
from gateway.edge.live.following import RETRY_MS, Following, Interest
from gateway.edge.live.seats import Seat
from gateway.edge.messages import envelope, read_query
from gateway.edge.parts import Parts, parts_of
from gateway.edge.problems import Refused
from gateway.edge.sign_in import Caller, Reach, caller_of
from gateway.edge.stream_client import NoReply, ended
from gateway.edge.visit import HttpRequest, Visit, visit_of
from journal.notes import note

EVENT_STREAM = "text/event-stream"
EVERYTHING = "booking:read:any"
LOOK_AGAIN_SECONDS = 3.0
# Where nobody can say whether the caller still stands, they are believed for so long.
BELIEVED_SECONDS = 30.0
_LAST_WORD_WITHIN = 1.0
# Of a proxy (nginx) that it passes on what comes when it comes.
_HEADERS = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no"))


async def follow(request: HttpRequest, query: type[Query]) -> HttpAnswer:
    """The events that the caller may see, from now or from Last-Event-ID on; `query` asks whether
    they may. Raises Refused."""
    parts, visit = parts_of(request), visit_of(request)
    caller = await admitted(parts, visit, query, Reach.TENANT)
    read_query(query, visit.query, {}, {})
    guest = Guest(parts, visit, query, caller)
    reply = await guest.asked()
    if isinstance(reply, NoReply):
        return no_answer(reply, visit)
    if reply.status != 200:
        return reply_answer(reply, visit)
    beginning = await parts.live.beginning(visit)
    return LiveAnswer(guest, beginning, await parts.live.seats.take(caller))


@dataclass(frozen=True, slots=True)
class Guest:
    """Who follows, and how it is known that they may."""

    parts: Parts
    visit: Visit
    query: type[Query]
    caller: Caller

    @property
    def interest(self) -> Interest:
        actor = self.caller.actor
        own = actor.id if actor.kind == "user" else None
        return Interest(str(self.caller.tenant_id), actor.may(EVERYTHING), own)

    async def asked(self) -> Reply | NoReply:
        """What the context says; it looks at the account, the session and the tenant."""
        within = self.parts.timeout_seconds
        said = self.query()
        message = envelope(said, new_id(), self.caller, self.visit, self.parts, int(within * 1000))
        return await self.parts.streams.ask(said.context, message, within)

    async def leaves(self) -> None:
        """Over when the caller may follow no longer: token or key at its end, or what the context
        says; or when nobody could say so for too long."""
        sure_at = time.monotonic()
        while time.monotonic() - sure_at < BELIEVED_SECONDS:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            status = await self._status()
            if status == 200:
                sure_at = time.monotonic()
            elif status < 500:
                return

    async def _status(self) -> int:
        proofs, reach = self.parts.proofs, Reach.TENANT
        try:
            await caller_of(self.visit, proofs, self.query, reach, None)
        except Refused as refusal:
            return refusal.problem.status
        reply = await self.asked()
        return reply.status if isinstance(reply, Reply) else 503


class LiveAnswer(Response[bytes]):
    """Given to Litestar as an answer, and sent by itself: it has to know when its reader is gone,
    and to stop where the reader is too slow to be sent an end."""

    def __init__(self, guest: Guest, beginning: int, seat: Seat) -> None:
        super().__init__(b"", media_type=EVENT_STREAM)
        self._guest = guest
        self._beginning = beginning
        self._seat = seat

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        drain = self._guest.parts.drain
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            if self._guest.visit.method != "HEAD" and not drain.on:
                await self._until_over(receive, send)
            last = b"retry: %d\n\n" % RETRY_MS if drain.on else b""
            async with asyncio.timeout(_LAST_WORD_WITHIN):
                await send({"type": "http.response.body", "body": last, "more_body": False})
        except TimeoutError:
            note(logging.INFO, "a connection that follows reads too slowly, and is cut off")
        finally:
            # Also where this is being cancelled.
            await asyncio.shield(self._seat.give_back())

    async def _until_over(self, receive: Receive, send: Send) -> None:
        async def put(frame: bytes) -> None:
            await send({"type": "http.response.body", "body": frame, "more_body": True})

        live, guest = self._guest.parts.live, self._guest
        following = Following(live.history, live.dealer, guest.interest, self._beginning, put)
        # Whatever is over first.
        await first_of(
            following.run(),
            self._seat.kept(),
            following.overflowed.wait(),
            guest.leaves(),
            guest.parts.drain.begun.wait(),
            _hung_up(receive),
        )


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def first_of(*ways: Coroutine[Any, Any, Any]) -> None:
    """Over when one of these is, and the others are then cancelled. Raises what that one raised."""
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await ended(tasks)
    for task in done:
        task.result()
