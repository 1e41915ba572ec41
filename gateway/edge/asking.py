"""The way of every request: who, may they, what is said, on which stream, and the answer.

The order is part of the contract: host and path were decided before; here come sign-in, tenant,
permission, limits, then body and parameters, then Idempotency-Key, then the stream.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from contracts.wire.envelope import ANONYMOUS, Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Command, Query
from gateway.edge.admission import admitted
from gateway.edge.answers import (
    HttpAnswer,
    accepted_answer,
    json_answer,
    no_answer,
    no_outcome_answer,
    reply_answer,
)
from gateway.edge.csv import CsvAnswer, prefers_csv
from gateway.edge.guard import calendar_text, json_object, raw_body
from gateway.edge.idempotency import command_id, request_fingerprint
from gateway.edge.messages import envelope, read_command, read_path, read_query
from gateway.edge.parts import Parts, parts_of
from gateway.edge.preconditions import expected_version, prefers_async
from gateway.edge.query_string import options_of, refuse_parameters
from gateway.edge.sign_in import Reach
from gateway.edge.stream_client import NoReply
from gateway.edge.visit import HttpRequest, Visit, visit_of
from gateway.edge.whole_lists import whole

# How long a command is worth doing: while its caller waits, and when nobody does.
WAITED_TTL_MS = 25_000
ASYNC_TTL_MS = 86_400_000
_NO_NAMES: Mapping[str, str] = {}
C = TypeVar("C", bound=Command)


async def ask(
    request: HttpRequest,
    query: type[Query],
    *,
    reach: Reach = Reach.TENANT,
    context: str = "",
    names: Mapping[str, str] = _NO_NAMES,
    csv: CsvAnswer | None = None,
    **ids: str,
) -> HttpAnswer:
    """Asks a query and answers with its reply; `names` are parameters that the contract calls
    otherwise, `ids` what the path names. A success is the answer of `csv` where Accept prefers
    that."""
    parts, visit = parts_of(request), visit_of(request)
    caller = await admitted(parts, visit, query, reach, ids)
    read_path(query, ids)
    asked = read_query(query, visit.query, ids, names)
    ttl_ms = int(parts.timeout_seconds * 1000)

    async def answer(asked: Query) -> Reply | NoReply:
        message = envelope(asked, new_id(), caller, visit, parts, ttl_ms)
        return await parts.streams.ask(context or query.context, message, parts.timeout_seconds)

    with parts.in_flight.one_more(caller.tenant_id, query.type):
        if csv is not None and prefers_csv(visit):
            reply = await whole(asked, answer, csv.pages_of)
        else:
            reply = await answer(asked)
    if not isinstance(reply, Reply):
        return no_answer(reply, visit)
    if csv is not None and reply.status == 200 and prefers_csv(visit):
        return csv.written(reply.body)
    return reply_answer(reply, visit)


async def tell(
    request: HttpRequest,
    command: type[Command],
    *,
    reach: Reach = Reach.TENANT,
    within: str = "",
    unwraps: bool = False,
    creates: bool = False,
    locates: bool = False,
    options: Sequence[str] = (),
    **ids: str,
) -> HttpAnswer:
    """Has a command carried out and answers with its outcome, or where it can be asked for.

    `within` is the command's field that the body is: a calendar where that is a text, else JSON,
    and with `unwraps` the body may also be an object with that one field; a creation heeds no
    If-Match; `locates` when the new object can be read below this path; `options` are the
    command's fields that are given as parameters.
    """
    order, _ = await draw_up(
        request,
        command,
        reach=reach,
        within=within,
        unwraps=unwraps,
        creates=creates,
        options=options,
        waits=False,
        **ids,
    )
    reply = await carried_out(parts_of(request), order)
    return outcome(reply, order, visit_of(request), locates=locates)


@dataclass(frozen=True, slots=True)
class Order:
    """A command that is ready to be sent, to which context, and how long is waited for its outcome;
    `kept` where whoever sent it can ask for that later."""

    context: str
    message: Envelope
    wait: float
    kept: bool


async def draw_up(
    request: HttpRequest,
    command: type[C],
    *,
    reach: Reach = Reach.TENANT,
    within: str = "",
    unwraps: bool = False,
    creates: bool = False,
    options: Sequence[str] = (),
    waits: bool = False,
    **ids: str,
) -> tuple[Order, C]:
    """The command that the request gives, as `tell` describes it, and as it was said; with `waits`
    its outcome is waited for, whatever Prefer says. Raises Refused."""
    parts, visit = parts_of(request), visit_of(request)
    caller = await admitted(parts, visit, command, reach, ids)
    read_path(command, ids)
    is_text = bool(within) and command.model_fields[within].annotation is str
    raw = await raw_body(request, visit, calendar=is_text)
    body: dict[str, Any] = {within: calendar_text(raw)} if is_text else json_object(raw)
    within = "" if is_text else within
    if unwraps and set(body) == {within} and isinstance(body[within], dict):
        body = body[within]
    body |= options_of(command, visit.query, options)
    version = None if creates else expected_version(visit)
    said = read_command(command, body, ids, within, version)
    given = _given_id(said, within) if creates else None
    identity_of_command = command_id(visit, caller, request.scope["path_template"], given)
    fingerprint = request_fingerprint(parts.fingerprint_key, visit, request.scope["path"], raw)
    # A stranger can ask for nothing later, so nothing is kept for them.
    kept = caller.actor is not ANONYMOUS
    at_once = kept and not waits and prefers_async(visit)
    wait = 0.0 if at_once else parts.timeout_seconds
    ttl_ms = max(WAITED_TTL_MS, int(wait * 1000)) if wait else ASYNC_TTL_MS
    message = envelope(said, identity_of_command, caller, visit, parts, ttl_ms, fingerprint)
    return Order(command.context, message, wait, kept), said


async def carried_out(parts: Parts, order: Order) -> Reply | NoReply:
    """What became of the command."""
    with parts.in_flight.one_more(order.message.tenant_id, order.message.type):
        return await parts.streams.tell(order.context, order.message, order.wait, kept=order.kept)


def outcome(
    reply: Reply | NoReply, order: Order, visit: Visit, *, locates: bool = False
) -> HttpAnswer:
    """What became of the command as an answer, or where it can be asked for."""
    if isinstance(reply, Reply):
        return reply_answer(reply, visit, locates=locates)
    if not order.kept:
        return no_answer(reply, visit)
    if reply is NoReply.LATE:
        return accepted_answer(order.context, order.message.id, preferred=not order.wait)
    return no_outcome_answer(reply, order.context, order.message.id, visit)


async def hand_in(request: HttpRequest, command: type[Command]) -> HttpAnswer:
    """Takes a stranger's command and answers 202 at once: nobody hears of its outcome, nor how long
    that took."""
    parts, visit = parts_of(request), visit_of(request)
    caller = await admitted(parts, visit, command, Reach.ANYBODY)
    body = json_object(await raw_body(request, visit))
    refuse_parameters(visit.query)
    said = read_command(command, body, {})
    message = envelope(said, new_id(), caller, visit, parts, WAITED_TTL_MS)
    with parts.in_flight.one_more(None, command.type):
        reply = await parts.streams.tell(command.context, message, 0.0, kept=False)
    taken = reply is NoReply.LATE
    return json_answer({}, 202) if taken or isinstance(reply, Reply) else no_answer(reply, visit)


def _given_id(said: Command, within: str) -> UUID | None:
    """The id that the caller gave the object to be created."""
    holder = said if "id" in type(said).model_fields else getattr(said, within, None)
    identity: UUID | None = getattr(holder, "id", None)
    return identity
