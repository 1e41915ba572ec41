"""What strangers may ask about a tenant that has its booking page switched on."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.catalogue import QUERIES
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Query
from gateway.edge.answers import HttpAnswer, no_answer, reply_answer
from gateway.edge.messages import envelope, read_query
from gateway.edge.parts import Parts, parts_of
from gateway.edge.problems import Refused, refused, refused_field
from gateway.edge.query_string import pairs
from gateway.edge.sign_in import STRANGER, Caller, uuid_in_path
from gateway.edge.stream_client import NoReply
from gateway.edge.visit import HttpRequest, Visit, visit_of

# How long a page that was found, or was not, is not asked for again.
LOOK_AGAIN = 2.0
REMEMBERED = 4_096
_SLUG = re.compile(r"^[a-z0-9-]{1,63}$")
# Nobody in particular, who may see free time and nothing else that takes a permission.
PASSER_BY = Actor(kind="anonymous", permissions=frozenset({"availability:read"}))


@dataclass(frozen=True, slots=True)
class BookingPage:
    """A tenant as its own page shows it."""

    tenant_id: UUID
    shown: Mapping[str, Any]


class BookingPages:
    """Pages by slug, as the tenant context knew them two seconds ago at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, BookingPage | None]] = OrderedDict()
        self.hits = self.misses = 0

    async def find(self, slug: str, parts: Parts, visit: Visit) -> BookingPage | NoReply:
        """The page. Raises Refused: 404 where there is none, whatever the reason."""
        if not _SLUG.match(slug):
            raise _no_page()
        seen = self._seen.get(slug)
        if seen is not None and self._clock() - seen[0] < LOOK_AGAIN:
            self.hits += 1
        else:
            self.misses += 1
            asked = QUERIES["tenant.get_public"].model_validate({"slug": slug})
            reply = await _reply(asked, STRANGER, parts, visit)
            if isinstance(reply, NoReply):
                return reply
            if reply.status not in (200, 404):
                return NoReply.LATE
            seen = (self._clock(), _page(reply))
            self._remember(slug, seen)
        if seen[1] is None:
            raise _no_page()
        return seen[1]

    def _remember(self, slug: str, seen: tuple[float, BookingPage | None]) -> None:
        self._seen[slug] = seen
        self._seen.move_to_end(slug)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)


async def ask_in_passing(
    request: HttpRequest,
    slug: str,
    query: type[Query],
    *,
    hidden: Collection[str] = (),
    adds: Callable[[BookingPage, Any], Any] | None = None,
    **ids: str,
) -> HttpAnswer:
    """Asks a query about the tenant of this slug for somebody who has not signed in; `hidden` are
    parameters that they have not, `adds` makes the answer from page and reply."""
    parts, visit = parts_of(request), visit_of(request)
    await parts.rate_limits.admit(visit, STRANGER)
    pages: BookingPages = request.app.state.booking_pages
    page = await pages.find(slug, parts, visit)
    if isinstance(page, NoReply):
        return no_answer(page, visit)
    for identity in ids.values():
        uuid_in_path(identity)
    for name, _ in pairs(visit.query):
        if name in hidden:
            raise refused_field("unknown_field", name, "There is no such parameter.")
    asked = read_query(query, visit.query, ids, {})
    reply = await _reply(asked, Caller(PASSER_BY, page.tenant_id), parts, visit)
    if isinstance(reply, NoReply):
        return no_answer(reply, visit)
    if adds is not None and reply.status == 200:
        reply = Reply(200, adds(page, reply.body))
    return reply_answer(reply, visit)


async def _reply(asked: Query, caller: Caller, parts: Parts, visit: Visit) -> Reply | NoReply:
    ttl_ms = int(parts.timeout_seconds * 1000)
    message = envelope(asked, new_id(), caller, visit, parts, ttl_ms)
    # Strangers have counts of their own: they do not take a tenant's own people's share.
    with parts.in_flight.one_more(None, message.type):
        return await parts.streams.ask(asked.context, message, parts.timeout_seconds)


def _page(reply: Reply) -> BookingPage | None:
    if reply.status != 200 or not isinstance(reply.body, dict):
        return None
    shown = {name: value for name, value in reply.body.items() if name != "tenant_id"}
    return BookingPage(UUID(reply.body["tenant_id"]), shown)


def _no_page() -> Refused:
    return refused("not_found", "There is no such booking page.")
