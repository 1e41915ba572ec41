"""What a success answers: body and headers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.edge.answers import JSON
from gateway.edge.csv import TEXT_CSV
from gateway.edge.openapi.rows import Answer, Items, Row, With
from gateway.edge.openapi.shapes import Schema, Shapes
from gateway.edge.samples import ID

_TEXT: Schema = {"type": "string"}
_SENTENCES = {200: "Done.", 201: "Made.", 202: "Taken on.", 204: "Done, and nothing to say."}
# What an answer, or a body, that is no JSON looks like.
TEXTS = {
    TEXT_CSV: "day,metric,quantity\r\n2026-12-01,bookings,4\r\n",
    "text/calendar": (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//salon.example//EN\r\nBEGIN:VEVENT\r\n"
        "UID:1@salon.example\r\nDTSTAMP:20261124T090000Z\r\nDTSTART;VALUE=DATE:20261225\r\n"
        "SUMMARY:Christmas\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ),
    "text/plain": "# TYPE slotstream_requests_total counter\nslotstream_requests_total 4\n",
    "text/event-stream": f'id: 57-0\nevent: booking.created\ndata: {{"id": "{ID}"}}\n\n',
}
HEADERS: dict[str, Schema] = {
    "X-Request-ID": {
        "description": "That of the request, or a new one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    },
    "RateLimit": {
        "description": "What is left of each limit (draft-ietf-httpapi-ratelimit-headers-11);"
        " where limits are on.",
        "schema": _TEXT,
    },
    "RateLimit-Policy": {"description": "What the limits are.", "schema": _TEXT},
    "ETag": {
        "description": "The version, for If-Match.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    },
    "Digest": {
        "description": "Of this text, for If-None-Match.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where it can be read.", "required": True, "schema": _TEXT},
    "Idempotency-Replayed": {
        "description": "There where this is the outcome of an earlier request.",
        "schema": {"type": "string", "const": "true"},
    },
    "Preference-Applied": {
        "description": "There where Prefer was heeded.",
        "schema": {"type": "string", "const": "respond-async"},
    },
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {"description": "How to sign in.", "required": True, "schema": _TEXT},
}
PENDING: Schema = {
    "type": "object",
    "description": "A command that is under way: its operation.",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "context": {"type": "string"},
        "state": {"const": "pending"},
    },
    "required": ["id", "context", "state"],
}


def header(name: str, component: str = "") -> Mapping[str, Schema]:
    return {name: {"$ref": f"#/components/headers/{component or name}"}}


def always(row: Row) -> dict[str, Schema]:
    """The headers of every answer of an operation."""
    counted = row.message is not None
    limits = {**header("RateLimit-Policy"), **header("RateLimit")} if counted else {}
    return {**header("X-Request-ID"), **limits}


def successes(row: Row, shapes: Shapes) -> dict[str, Schema]:
    """The responses by status: the outcome, and where there is one for a command, 202."""
    answers = {str(row.status): _success(row, shapes)}
    if row.or_answer is not None:
        instead = replace(row, status=200, answer=row.or_answer)
        answers["200"] = _success(instead, shapes)
    if row.is_kept and row.status != 202:
        answers["202"] = _pending(row)
    if row.revalidates:
        answers["304"] = {"description": "Unchanged.", "headers": _headers(row)}
    return answers


def _success(row: Row, shapes: Shapes) -> Schema:
    found: Schema = {"description": _SENTENCES[row.status], "headers": _headers(row)}
    if row.status != 204:
        found["content"] = {row.media_type: _content(row, shapes)}
        if row.csv:
            found["content"][TEXT_CSV] = {"schema": _TEXT, "example": TEXTS[TEXT_CSV]}
    return found


def _content(row: Row, shapes: Shapes) -> Schema:
    if row.media_type != JSON:
        return {"schema": _TEXT, "example": TEXTS[row.media_type]}
    schema = _body(row, shapes)
    return {"schema": schema, "example": shapes.shown_example(schema)}


def _body(row: Row, shapes: Shapes) -> Schema:
    schema = shapes.answered(row.answer)
    if row.calendar is None:
        return schema
    return {"anyOf": [schema, shapes.answered(row.calendar_answer)]}


def _headers(row: Row) -> dict[str, Schema]:
    found = always(row)
    if _has_version(row.answer) or _has_version(row.or_answer):
        found |= header("ETag")
    if row.revalidates:
        found |= header("ETag", "Digest")
    if row.locates:
        found |= header("Location")
    if row.is_kept:
        found |= header("Idempotency-Replayed")
    return found


def _has_version(answer: Answer) -> bool:
    model: Any = answer.view if isinstance(answer, With) else answer
    return model is not None and not isinstance(answer, Items) and "version" in model.model_fields


def _pending(row: Row) -> Schema:
    """What Prefer asked for, or what came of no outcome in time."""
    context = row.message.context if row.message else ""
    example = {"id": ID, "context": context, "state": "pending"}
    return {
        "description": "Under way: the outcome is going to be at Location.",
        "headers": {**always(row), **header("Location"), **header("Preference-Applied")},
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Pending"}, "example": example}},
    }
