"""The flat fields of an entry beside `data`, as JSON Schemas: the envelope of each kind."""

from typing import Any

from contracts.wire.streams import INSTANCE
from gateway.edge.samples import ID

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_UUID: Schema = {"type": "string", "format": "uuid"}
_NUMBER: Schema = {"type": "string", "pattern": "^[0-9]+$"}
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

# Every field that an entry can have, with an example. All are strings: a stream knows no other.
FIELDS: dict[str, Schema] = {
    "specversion": {"type": "string", "const": "1.0", "description": "CloudEvents 1.0."},
    "id": {**_UUID, "description": "What makes a repetition harmless.", "examples": [ID]},
    "type": {"type": "string", "description": "The message's type."},
    "source": {
        **_TEXT,
        "description": "Who says it: `gateway/{instance}`, `ingress/{publisher}`, `worker/{name}`,"
        " `timer`, or a context.",
        "examples": ["gateway/gateway-1"],
    },
    "subject": {
        **_TEXT,
        "description": "What it is about, kind and id; of a reply, the id that was asked.",
        "examples": [f"booking/{ID}"],
    },
    "time": {
        "type": "string",
        "format": "date-time",
        "description": "RFC 3339, UTC; of an event, when its transaction began.",
        "examples": ["2026-12-01T09:00:00Z"],
    },
    "tenantid": {
        **_UUID,
        "description": "The tenant; left out of what is the platform's.",
        "examples": [ID],
    },
    "actor": {
        "type": "string",
        "contentMediaType": "application/json",
        "description": "Who asked, as JSON: `kind`, `id`, `roles`, `permissions`.",
        "examples": ['{"kind":"system","id":"slotstream","roles":[],"permissions":["*"]}'],
    },
    "correlationid": {
        **_TEXT,
        "description": "Of the request that all this began with.",
        "examples": [ID],
    },
    "causationid": {**_TEXT, "description": "The message that led to this one.", "examples": [ID]},
    "traceparent": {**_TEXT, "description": "W3C Trace Context.", "examples": [_TRACE]},
    "dataschema": {
        **_TEXT,
        "description": "`urn:slotstream:{type}:{version}`.",
        "examples": ["urn:slotstream:booking.create:1"],
    },
    "ttlms": {
        **_NUMBER,
        "description": "How long it is worth doing, in milliseconds from the entry's own id on.",
        "examples": ["25000"],
    },
    "replyto": {
        "type": "string",
        "pattern": INSTANCE.pattern,
        "description": "The instance that waits on `replies.{instance}`.",
        "examples": ["gateway-1"],
    },
    "fingerprint": {
        **_TEXT,
        "description": "HMAC of the request as it was received: another body is another request.",
        "examples": ["f" * 64],
    },
    "channel": {
        "type": "string",
        "enum": ["http", "ingress", "tool"],
        "description": "The way that the request came in; none for what the system does by itself.",
        "examples": ["http"],
    },
    "clientaddress": {
        **_TEXT,
        "description": "The client's address, sealed; where it came over HTTP.",
        "examples": ["sealed:1a2b3c4d:…"],
    },
    "sequence": {
        **_NUMBER,
        "description": "The version of the object in `subject`: 1, 2, 3 … without gaps.",
        "examples": ["1"],
    },
}
_ALWAYS = ("specversion", "id", "type", "source")
_TRACED = ("subject", "tenantid", "correlationid", "causationid", "traceparent", "dataschema")
_ASKED = (*_TRACED, "actor", "channel", "clientaddress", "time", "ttlms", "replyto")
_PUBLISHED = ("specversion", "id", "type", "tenantid")
# What the entries of each kind may have, and what they must.
OF_KIND: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "command": ((*_ALWAYS, *_ASKED, "fingerprint"), _ALWAYS),
    "query": ((*_ALWAYS, *_ASKED), _ALWAYS),
    "event": (
        (*_ALWAYS, *_TRACED, "actor", "channel", "clientaddress", "time", "sequence"),
        (*_ALWAYS, "subject", "time", "tenantid", "dataschema", "sequence"),
    ),
    "reply": ((*_ALWAYS, *_TRACED), (*_ALWAYS, "subject")),
    "ingress": (
        (*_PUBLISHED, "subject", "correlationid", "traceparent", "ttlms"),
        _PUBLISHED,
    ),
}
_LETTER: dict[str, Schema] = {
    "reason": {**_TEXT, "description": "A code.", "examples": ["too_many_deliveries"]},
    "detail": {**_TEXT, "description": "A sentence.", "examples": ["It failed five times."]},
    "stream": {**_TEXT, "description": "Where it stood.", "examples": ["reservation.commands"]},
    "group": {**_TEXT, "description": "Whose group had it.", "examples": ["reservation"]},
    "entry": {**_TEXT, "description": "Its id there.", "examples": ["1764579600000-0"]},
    "deliveries": {**_NUMBER, "description": "How often it was delivered.", "examples": ["5"]},
    "at": {**_NUMBER, "description": "Milliseconds since 1970.", "examples": ["1764579660000"]},
}


def envelope_schema(kind: str) -> Schema:
    """The header schema of a kind of message."""
    fields, required = OF_KIND[kind]
    properties = {name: FIELDS[name] for name in FIELDS if name in fields}
    return {"type": "object", "properties": properties, "required": list(required)}


def letter_schema() -> Schema:
    """The header schema of a dead letter or a reject: why, and the entry's own fields."""
    return {
        "type": "object",
        "properties": dict(_LETTER),
        "patternProperties": {
            r"^raw\.": {**_TEXT, "description": "A field of the entry, as it came."}
        },
        "required": list(_LETTER),
    }


def example_of(schema: Schema) -> dict[str, str]:
    """Every field of a header schema with a fitting value."""
    return {
        name: one["const"] if "const" in one else one.get("examples", [""])[0]
        for name, one in schema["properties"].items()
    }
