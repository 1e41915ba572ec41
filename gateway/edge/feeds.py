"""Calendar feeds: whoever has the token reads, for calendar applications send nothing else.

The token stands in the address: it is no part of what is logged, of problems, or of a message that
is not sealed. Whatever is wrong with it, the answer is the same.
"""

import asyncio
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from litestar import Response
from pydantic import ValidationError

from contracts.catalogue import QUERIES
from contracts.wire.envelope import SYSTEM
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Query
from gateway.edge.answers import HttpAnswer, no_answer, reply_answer
from gateway.edge.calendar import TEXT_CALENDAR, written
from gateway.edge.messages import envelope
from gateway.edge.parts import Parts, parts_of
from gateway.edge.problems import Refused, refused
from gateway.edge.query_string import pairs
from gateway.edge.sign_in import STRANGER, Caller
from gateway.edge.stream_client import NoReply
from gateway.edge.visit import HttpRequest, Visit, visit_of

# Pages of a feed that are read: 5,000 bookings, those that begin first.
MOST_PAGES = 5
# Kept by whoever asked, and asked about each time.
_HEADERS = {"cache-control": "private, no-cache"}


class _Unanswered(Exception):
    """A question came to nothing that could be shown."""

    def __init__(self, reply: Reply | NoReply) -> None:
        super().__init__()
        self.reply = reply


async def ask_by_token(request: HttpRequest, verify: type[Query], **ids: str) -> HttpAnswer:
    """The calendar of whatever `ids` name, if `verify` says that the token opens it. 304 where
    If-None-Match names what it is. Raises Refused."""
    parts, visit = parts_of(request), visit_of(request)
    await parts.rate_limits.admit(visit, STRANGER)
    question = _question(verify, visit, ids)
    try:
        with parts.in_flight.one_more(None, verify.type):
            opened = await _reply(question, None, parts, visit)
            entries, locale = await _entries(UUID(opened["tenant_id"]), parts, visit, ids)
    except _Unanswered as failure:
        return _refusal(failure.reply, visit)
    name = opened["name"]
    told = orjson.dumps([1, name, locale, entries])
    headers = {**_HEADERS, "etag": f'"{sha256(told).hexdigest()[:32]}"'}
    known = visit.header(b"if-none-match")
    if known == "*" or headers["etag"] in known:
        return Response(b"", status_code=304, media_type=TEXT_CALENDAR, headers=headers)
    # Apart: thousands of events take a part of a second, in which others have their turn.
    text = await asyncio.to_thread(written, name, entries, locale)
    return Response(text, media_type=TEXT_CALENDAR, headers=headers)


def _question(verify: type[Query], visit: Visit, ids: dict[str, str]) -> Query:
    """Whether this one token opens that; what cannot be asked opens nothing."""
    try:
        ((name, token),) = pairs(visit.query)
        if name != "token":
            raise _no_calendar()
        return verify.model_validate_json(orjson.dumps({**ids, "token": token}))
    except (ValueError, ValidationError, TypeError):
        raise _no_calendar() from None


async def _entries(
    tenant_id: UUID, parts: Parts, visit: Visit, ids: dict[str, str]
) -> tuple[list[dict[str, Any]], str | None]:
    """What the feed shows, and the tenant's locale. Raises _Unanswered."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    locale: str | None = None
    for _ in range(MOST_PAGES):
        asked = QUERIES["booking.feed"].model_validate_json(orjson.dumps({**ids, **cursor}))
        page = await _reply(asked, tenant_id, parts, visit)
        found += page["items"]
        locale = page["locale"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    return found, locale


async def _reply(asked: Query, tenant_id: UUID | None, parts: Parts, visit: Visit) -> Any:
    """The body of the answer. Raises _Unanswered."""
    ttl_ms = int(parts.timeout_seconds * 1000)
    message = envelope(asked, new_id(), Caller(SYSTEM, tenant_id), visit, parts, ttl_ms)
    reply = await parts.streams.ask(asked.context, message, parts.timeout_seconds)
    if not isinstance(reply, Reply) or reply.status != 200:
        raise _Unanswered(reply)
    return reply.body


def _refusal(reply: Reply | NoReply, visit: Visit) -> HttpAnswer:
    """503 where nobody could say; else there is no such calendar."""
    if isinstance(reply, NoReply):
        return no_answer(reply, visit)
    if reply.status >= 500:
        return reply_answer(reply, visit)
    raise _no_calendar()


def _no_calendar() -> Refused:
    return refused("not_found", "There is no such calendar.")
