"""`/state`: who answers, how far behind each group is, and which versions are spoken."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import Controller, get

from contracts.wire.streams import (
    CONTEXTS,
    PUBLISHING,
    SUBSCRIBERS,
    commands_of,
    events_of,
    queries_of,
)
from contracts.wire.strict import rfc3339
from gateway.edge.answers import HttpAnswer, json_answer
from gateway.edge.asyncapi.documents import ASYNCAPI
from gateway.edge.health import OK, Readiness, ping
from gateway.edge.openapi.documents import OPENAPI, VERSION
from gateway.edge.parts import Parts, parts_of
from gateway.edge.scripts import Script
from gateway.edge.visit import HttpRequest, Visit, visit_of

# However many look on, an installation is asked no more often than this, by each gateway.
FRESH_SECONDS = 2.0
# The streams whose names say nothing of who uses the installation: those of publishers do.
STREAMS = (
    *(of(name) for name in (*CONTEXTS, *SUBSCRIBERS) for of in (commands_of, queries_of)),
    *(events_of(name) for name in PUBLISHING),
)
VERSIONS: Mapping[str, str] = {
    "slotstream": VERSION,
    "http": "1.1",
    "openapi": OPENAPI,
    "asyncapi": ASYNCAPI,
    "cloudevents": "1.0",
    "resp": "2",
}
# KEYS: streams. Answers stream, group, lag and pending of each group; a lag that Redis does not
# know (after entries were deleted) is -1, and a stream that nobody has made has no groups.
_GROUPS = Script("""
local told = {}
for _, key in ipairs(KEYS) do
  local groups = redis.pcall('XINFO', 'GROUPS', key)
  if not groups.err then
    for _, fields in ipairs(groups) do
      local named = {}
      for i = 1, #fields, 2 do named[fields[i]] = fields[i + 1] end
      told[#told + 1] = {key, named['name'], named['lag'] or -1, named['pending']}
    end
  end
end
return told
""")


class SystemState:
    """What was found two seconds ago at most; who asks meanwhile waits for the same answer."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._found: dict[str, Any] = {}
        self._found_at = -FRESH_SECONDS
        self._asking = asyncio.Lock()

    async def view(self, parts: Parts, visit: Visit) -> dict[str, Any]:
        """The state as it is answered. Nothing in it is of a tenant."""
        async with self._asking:
            if time.monotonic() - self._found_at >= FRESH_SECONDS:
                self._found = await self._look(parts, visit)
                self._found_at = time.monotonic()
            return self._found

    async def _look(self, parts: Parts, visit: Visit) -> dict[str, Any]:
        at = rfc3339(datetime.now(UTC).replace(microsecond=0))
        needed = await self._readiness.parts(parts, visit)
        beside: dict[str, str] = {}
        groups = None
        if needed.get("redis") == OK:
            said = await asyncio.gather(*(ping(name, parts, visit) for name in SUBSCRIBERS))
            beside = dict(zip(SUBSCRIBERS, said, strict=True))
            # Afterwards: what was just asked is not shown as waiting.
            groups = await parts.streams.run(_GROUPS, STREAMS)
        return {
            "status": _status(needed, beside),
            "at": at,
            "parts": {**needed, **beside},
            "streams": sorted(map(_group, groups or ()), key=lambda one: list(one.values())[:2]),
            "versions": dict(VERSIONS),
        }


def _status(needed: Mapping[str, str], beside: Mapping[str, str]) -> str:
    """Without a context nothing can be booked; without a subscriber what follows comes later."""
    if any(word != OK for word in needed.values()):
        return "unready"
    return "ready" if all(word == OK for word in beside.values()) else "degraded"


def _group(told: Any) -> dict[str, Any]:
    stream, group, lag, pending = told
    return {
        "stream": stream.decode(),
        "group": group.decode(),
        "lag": None if lag < 0 else lag,
        "pending": pending,
    }


class StateController(Controller):
    tags = ("health",)

    @get("/state", operation_id="state", summary="See how the parts are, and how far behind")
    async def state(self, request: HttpRequest) -> HttpAnswer:
        system: SystemState = request.app.state.system
        return json_answer(await system.view(parts_of(request), visit_of(request)))
