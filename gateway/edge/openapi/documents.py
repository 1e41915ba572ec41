"""A document from its routes and their rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar.handlers import HTTPRouteHandler
from litestar.routes import BaseRoute, HTTPRoute
from pydantic import BaseModel

from gateway.edge.answers import JSON
from gateway.edge.openapi import parameters, successes
from gateway.edge.openapi.parameters import parameters_of, said_elsewhere
from gateway.edge.openapi.refusals import PROBLEM, codes_of, examples, refusals
from gateway.edge.openapi.rows import Row
from gateway.edge.openapi.shapes import Schema, Shapes
from gateway.edge.openapi.webhooks import webhooks

VERSION = "0.1.0"
OPENAPI = "3.1.0"
_MERGE_PATCH = "application/merge-patch+json"
_SECURITY: dict[str, Schema] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """A route as the gateway serves it."""

    id: str
    method: str
    path: str
    summary: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What one document is about, the rows of its operations, and the events that are sent to
    webhooks which these make."""

    name: str
    title: str
    rows: Sequence[Row]
    events: Mapping[str, type[BaseModel]] = field(default_factory=dict)


def operations_of(routes: Iterable[BaseRoute]) -> dict[str, Operation]:
    """The operations of an application by their ids, as it routes them."""
    found = [
        _operation(handler, route.path_format)
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.operation_id is not None
    ]
    return {operation.id: operation for operation in found}


def _operation(handler: HTTPRouteHandler, path: str) -> Operation:
    (method,) = handler.http_methods
    return Operation(
        id=str(handler.operation_id),
        method=str(method).lower(),
        path=path,
        summary=handler.summary or "",
        tags=tuple(tag for layer in handler.ownership_layers for tag in layer.tags or ()),
    )


def document(subject: Subject, operations: Mapping[str, Operation]) -> Schema:
    """The OpenAPI 3.1 document of a subject."""
    shapes = Shapes(subject.rows, subject.events.values())
    paths: dict[str, Schema] = {}
    codes: set[str] = set()
    for row in subject.rows:
        operation = operations[row.operation]
        described, found = _described(row, operation, shapes)
        paths.setdefault(operation.path, {})[operation.method] = described
        codes.update(found)
    sent = webhooks(subject.events, shapes)
    return {
        "openapi": OPENAPI,
        "info": {"title": subject.title, "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        **({"webhooks": sent} if sent else {}),
        "components": {
            "schemas": {**shapes.used, "Pending": successes.PENDING, "Problem": PROBLEM},
            "parameters": parameters.HEADERS,
            "headers": successes.HEADERS,
            "examples": examples(codes),
            "securitySchemes": _SECURITY,
        },
    }


def _described(row: Row, operation: Operation, shapes: Shapes) -> tuple[Schema, list[str]]:
    said: Any = {} if row.message is None else shapes.said(row.message)
    codes = codes_of(row, operation.path, said)
    found: Schema = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": list(operation.tags),
        "security": [] if row.is_open else [{"bearer": []}, {"key": []}],
        "responses": {
            **successes.successes(row, shapes),
            **refusals(row, codes, successes.always(row)),
        },
    }
    told = _description(row)
    if told:
        found["description"] = told
    if row.message is not None:
        found["x-permissions"] = [] if row.is_open else list(row.message.permissions)
    given = parameters_of(row, operation.path, shapes)
    if given:
        found["parameters"] = given
    body = _body(row, operation, shapes)
    if body is not None:
        found["requestBody"] = body
    return found, codes


def _description(row: Row) -> str:
    """What the message says of itself is for those who handle it; this is for callers."""
    permissions = () if row.message is None or row.is_open else row.message.permissions
    sentences = [row.says] if row.says else []
    if row.message is not None and not row.is_open and not permissions:
        sentences.append("Takes no permission beyond being signed in.")
    if permissions:
        sentences.append(f"Takes {' or '.join(f'`{name}`' for name in permissions)}.")
    if permissions and any(name.endswith(":own") for name in permissions):
        sentences.append("`:own` admits to what is one's own.")
    return " ".join(sentences)


def _body(row: Row, operation: Operation, shapes: Shapes) -> Schema | None:
    if not row.changes or row.message is None:
        return None
    schema = shapes.body(row, row.message, said_elsewhere(row, operation.path))
    if schema.get("properties") == {}:
        return None
    if "$ref" not in schema and ("properties" in schema or operation.method == "patch"):
        # One type with a name, also where it stands in two places.
        words = operation.id.split("_")
        schema = shapes.named("".join(map(str.capitalize, words)) + "Body", schema)
    shown = {"schema": schema, "example": shapes.asked_for_example(row, schema)}
    content: dict[str, Schema] = {JSON: shown}
    if operation.method == "patch":
        content[_MERGE_PATCH] = shown
    if row.calendar is not None:
        text = successes.TEXTS["text/calendar"]
        content["text/calendar"] = {"schema": {"type": "string"}, "example": text}
    return {"required": shapes.needs(schema), "content": content}


_ABOUT = (
    "Bodies are JSON in UTF-8, a mebibyte at most; unknown fields are refused. Instants are"
    " RFC 3339 with an offset. Errors are RFC 9457 problems with a stable `code`. A later version"
    " may add fields to answers. With or without a slash at its end a path is the same."
)
