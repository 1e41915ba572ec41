"""What a request says beside its body: path, query and headers."""

import re
from typing import Any

from contracts.wire.strict import Message
from gateway.edge.openapi.rows import Row
from gateway.edge.openapi.shapes import Schema, Shapes
from gateway.edge.samples import Sampler
from gateway.edge.sign_in import Reach

HEADERS: dict[str, Schema] = {
    "RequestId": {
        "name": "X-Request-ID",
        "in": "header",
        "description": "Echoed in the answer; made there where there is none.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    },
    "TenantId": {
        "name": "X-Tenant-ID",
        "in": "header",
        "description": "By which a platform administrator names a tenant; for everybody else it is"
        " the token's, and naming another is 404.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A repetition within 72 hours gets the first outcome again.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the version that is to be changed, or `*`; otherwise 412.",
        "schema": {"type": "string", "pattern": r'^("[0-9]{1,18}"|\*)$'},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of what is known already: 304 if that is still so.",
        "schema": {"type": "string"},
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The `id` that was heard last: what follows it is told, without loss. 410"
        " where that is no longer kept.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,15}-0$"},
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "description": "`respond-async`: 202 at once, and the outcome is at Location.",
        "schema": {"type": "string", "enum": ["respond-async"]},
    },
}
_IN_PATH = re.compile(r"\{(\w+)")


def path_names(path: str) -> list[str]:
    """The parameters of a path's template."""
    return _IN_PATH.findall(path)


def parameters_of(row: Row, path: str, shapes: Shapes) -> list[Schema]:
    """The parameters of an operation."""
    found = [_in_path(name, row, shapes) for name in path_names(path)]
    if row.message is not None:
        found += _in_query(row, row.message, path, shapes)
    return [*found, *({"$ref": f"#/components/parameters/{name}"} for name in _headers(row, path))]


def said_elsewhere(row: Row, path: str) -> set[str]:
    """What path and query say of a command, and so its body cannot."""
    return {*path_names(path), *row.options}


def _in_path(name: str, row: Row, shapes: Shapes) -> Schema:
    schema: Schema = {"type": "string", "format": "uuid"}
    if name == "slug":
        schema = {"type": "string", "pattern": "^[a-z0-9-]{1,63}$"}
    elif row.contexts and name == "context":
        schema = {"type": "string", "enum": list(row.contexts)}
    elif row.message is not None and not name.endswith("_id"):
        # A word that the contract knows.
        schema = shapes.said(row.message)["properties"][name]
    example = Sampler({}).of(schema, name)
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _in_query(row: Row, message: type[Message], path: str, shapes: Shapes) -> list[Schema]:
    said = shapes.said(message)
    shown = {field: parameter for parameter, field in row.names.items()}
    left_out = {*path_names(path), *row.hidden}
    properties: dict[str, Any] = said["properties"]
    if row.changes:
        properties = {name: one for name, one in properties.items() if name in row.options}
    return [
        _parameter(shown.get(name, name), one, required=name in said.get("required", ()))
        for name, one in properties.items()
        if name not in left_out
    ]


def _parameter(name: str, schema: Schema, *, required: bool) -> Schema:
    found: Schema = {"name": name, "in": "query", "schema": _not_null(schema)}
    if required:
        found |= {"required": True, "example": Sampler({}).of(found["schema"], name)}
    return found


def _not_null(schema: Schema) -> Schema:
    """A parameter is there or not; there is no way to say null."""
    kept = {key: one for key, one in schema.items() if (key, one) != ("default", None)}
    choices = [one for one in kept.pop("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        return {**kept, **choices[0]}
    return {**kept, "anyOf": choices} if choices else kept


def _headers(row: Row, path: str) -> list[str]:
    names = ["RequestId"]
    if not row.is_open and "tenant_id" not in path_names(path):
        names += ["TenantId"] if row.reach in (Reach.TENANT, Reach.NAMED) else []
    if row.revalidates:
        names.append("IfNoneMatch")
    if row.way == "follow":
        names.append("LastEventId")
    if row.is_kept:
        names += ["IdempotencyKey"] if row.waits else ["IdempotencyKey", "Prefer"]
    if row.way == "tell" and not row.creates:
        names.append("IfMatch")
    return names
