"""Replies, and their absence, as HTTP answers."""

from typing import Any
from uuid import UUID

import orjson
from litestar import Response
from pydantic import ValidationError

from contracts.wire.problems import Problem
from contracts.wire.reply import Reply
from gateway.edge.problems import problem_answer
from gateway.edge.stream_client import NoReply
from gateway.edge.visit import Visit

HttpAnswer = Response[Any]
# The same, for a route that is documented to answer 204.
NoContent = Response[None]
JSON = "application/json"


def json_answer(document: object, status: int = 200, **headers: str) -> HttpAnswer:
    """A JSON answer; header names are spelled with `_`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(orjson.dumps(document), status_code=status, media_type=JSON, headers=named)


def reply_answer(reply: Reply, visit: Visit, *, locates: bool = False) -> HttpAnswer:
    """The answer that a reply stands for; `locates` names the new object's place in a 201."""
    headers = {"idempotency-replayed": "true"} if reply.replayed else {}
    if reply.problem is not None:
        trace_id = str(reply.problem.get("trace_id", ""))
        return problem_answer(_problem(reply), visit, headers, trace_id)
    body = reply.body
    if isinstance(body, dict):
        version = body.get("version")
        if isinstance(version, int):
            headers["etag"] = f'"{version}"'
        if locates and reply.status == 201 and "id" in body:
            headers["location"] = f"{visit.instance.rstrip('/')}/{body['id']}"
    empty = reply.status == 204
    return Response(
        b"" if empty else orjson.dumps(body),
        status_code=reply.status,
        media_type=JSON,
        headers=headers,
    )


def _problem(reply: Reply) -> Problem:
    """The problem of a reply, in the words of this version; a code from a later one is `500`."""
    told = reply.problem or {}
    try:
        return Problem.read(told)
    except ValidationError:
        return Problem(code=str(told["code"]))


def accepted_answer(context: str, command_id: UUID, *, preferred: bool = False) -> HttpAnswer:
    """202: the command is on its stream and is going to reach a final state."""
    headers = {"location": operation_path(context, command_id)}
    if preferred:
        headers["preference-applied"] = "respond-async"
    state = {"id": str(command_id), "context": context, "state": "pending"}
    return json_answer(state, 202, **headers)


def no_outcome_answer(why: NoReply, context: str, command_id: UUID, visit: Visit) -> HttpAnswer:
    """The answer to a change that may not even be on its stream."""
    if why is NoReply.AWAY:
        return problem_answer(_away(), visit)
    place = operation_path(context, command_id)
    detail = f"Whether this was done can be asked for at {place}."
    return problem_answer(
        Problem(code="outcome_unknown", detail=detail), visit, {"location": place}
    )


def no_answer(why: NoReply, visit: Visit) -> HttpAnswer:
    """The answer to a question that was not answered, and can be asked again."""
    problem = Problem(code="timeout") if why is NoReply.LATE else _away()
    return problem_answer(problem, visit)


def _away() -> Problem:
    return Problem(code="unavailable", detail="The message broker does not answer.")


def operation_path(context: str, command_id: UUID) -> str:
    return f"/operations/{context}/{command_id}"
