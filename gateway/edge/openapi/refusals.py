"""The errors that an operation can answer with, by status and code, each with an example."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.wire.problems import CODES, KEPT_STATUSES, Problem
from contracts.wire.strict import Page
from gateway.edge.openapi.parameters import path_names
from gateway.edge.openapi.rows import Row
from gateway.edge.openapi.shapes import Schema
from gateway.edge.problems import MEDIA_TYPE
from gateway.edge.sign_in import Reach

_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
# What a code says besides, as an example of it.
_EXTRA: dict[str, Mapping[str, Any]] = {
    "booking_conflict": {
        "conflicts": [{"starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}],
        "next_available": {
            "starts_at": "2026-12-01T10:00:00Z",
            "ends_at": "2026-12-01T11:00:00Z",
        },
    },
    "invalid_transition": {"current_status": "completed", "requested_status": "confirmed"},
    "rate_limited": {"retry_after": 7},
}
# What is wrong with a field, where the code is about one.
_FIELD = {
    "validation_failed": ("quantity", "invalid_value"),
    "unknown_field": ("colour", "unknown_field"),
    "naive_datetime": ("starts_at", "naive_datetime"),
    "unknown_timezone": ("timezone", "unknown_timezone"),
}
_HEADERS = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
    504: ("Location",),
}

_TIME: Schema = {
    "type": "object",
    "properties": {
        "starts_at": {"type": "string", "format": "date-time"},
        "ends_at": {"type": "string", "format": "date-time"},
    },
    "required": ["starts_at", "ends_at"],
}
# What codes carry besides.
_CARRIED: dict[str, Schema] = {
    "conflicts": {
        "type": "array",
        "items": _TIME,
        "description": "With `booking_conflict`: what is taken, and never whose it is.",
    },
    "next_available": {
        "anyOf": [_TIME, {"type": "null"}],
        "description": "With `booking_conflict`: the next time that can be had.",
    },
    "current_status": {"type": "string", "description": "With `invalid_transition`."},
    "requested_status": {"type": "string", "description": "With `invalid_transition`."},
    "retry_after": {"type": "integer", "description": "With `rate_limited`: seconds."},
    "booked": {"type": "integer", "description": "With `has_future_bookings`: the most at once."},
    "results": {
        "type": "array",
        "items": {"type": "object"},
        "description": "Of an atomic batch: what became of each booking.",
    },
    "parts": {"type": "object", "description": "Of `/ready`: what each part says."},
}

PROBLEM: Schema = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is what to branch on; a code may say more.",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:slotstream:problem:[a-z_]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was called."},
        "code": {"type": "string"},
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        **_CARRIED,
        "errors": {
            "type": "array",
            "description": "Each of several things that are wrong.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "occurrence": {"type": "string", "format": "date-time"},
                },
                "required": ["field", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
}


def codes_of(row: Row, path: str, said: Schema) -> list[str]:
    """Every code that the operation can answer with; `said` is what its message can say."""
    found = {"validation_failed", "head_too_large", "internal_error", *row.codes}
    if row.message is None:
        return _in_order(found)
    found |= {"unknown_field", "rate_limited", "unavailable", "timeout", "overloaded"}
    if '"date-time"' in json.dumps(said):
        found.add("naive_datetime")
    if issubclass(row.message, Page) or "cursor" in row.message.model_fields:
        found.add("invalid_cursor")
    if not row.is_open:
        found |= _of_signing_in(row, path)
    if path_names(path):
        found.add("not_found")
    if row.changes:
        found |= _of_changing(row)
    return _in_order(found)


def _of_signing_in(row: Row, path: str) -> set[str]:
    found = {"unauthorized", "invalid_token", "not_found"}
    if row.message is not None and row.message.permissions:
        found.add("forbidden")
    if "tenant_id" in path_names(path):
        found.add("tenant_mismatch")
    elif row.reach in (Reach.TENANT, Reach.NAMED):
        found.add("tenant_required")
    return found


def _of_changing(row: Row) -> set[str]:
    found = {"malformed_json", "body_too_large", "unsupported_media_type", "expired"}
    if row.is_kept:
        found |= {"tenant_suspended", "invalid_idempotency_key", "idempotency_key_reused"}
        found |= {"outcome_unknown", "outcome_not_kept"}
    if row.way == "tell" and not row.creates:
        found.add("stale_version")
    if row.calendar is not None:
        found.add("invalid_calendar")
    return found


def _in_order(codes: Iterable[str]) -> list[str]:
    return sorted(codes, key=list(CODES).index)


def refusals(row: Row, codes: Iterable[str], headers: Mapping[str, Schema]) -> dict[str, Schema]:
    """The responses by status; `headers` are those of every answer of the operation."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[CODES[code][0]].append(code)
    return {
        str(status): _response(status, found, {**headers, **_replayed(row, status)})
        for status, found in sorted(by_status.items())
    }


def _replayed(row: Row, status: int) -> Mapping[str, Schema]:
    """A refusal that is an outcome is given again like a success."""
    kept = row.is_kept and status in KEPT_STATUSES
    return {"Idempotency-Replayed": _header("Idempotency-Replayed")} if kept else {}


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def _response(status: int, codes: list[str], headers: Mapping[str, Schema]) -> Schema:
    named = {name: _header(name) for name in _HEADERS.get(status, ())}
    said: Schema = {
        "properties": {
            "status": {"type": "integer", "enum": [status]},
            "code": {"type": "string", "enum": codes},
        }
    }
    return {
        "description": ". ".join(CODES[code][1] for code in codes),
        "headers": {**headers, **named},
        "content": {
            MEDIA_TYPE: {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, said]},
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }


def examples(codes: Iterable[str]) -> dict[str, Schema]:
    """An example of each of the codes."""
    return {
        code: {"summary": f"{code}: {CODES[code][1]}", "value": _example(code)}
        for code in _in_order(set(codes))
    }


def _example(code: str) -> Schema:
    problem = Problem.model_validate({"code": code, "extra": _EXTRA.get(code, {})})
    shown = problem.document(instance="/reservations/bookings", trace_id=_TRACE)
    if code in _FIELD:
        field, kind = _FIELD[code]
        shown["errors"] = [{"field": field, "code": kind, "message": CODES[code][1]}]
    return shown
