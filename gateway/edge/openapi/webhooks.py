"""What a document says of the requests that are sent to receivers: OpenAPI 3.1's `webhooks`."""

from collections.abc import Mapping

from pydantic import BaseModel

from gateway.edge.answers import JSON
from gateway.edge.openapi.changes import CHANGES
from gateway.edge.openapi.shapes import Schema, Shapes

TEST = "webhook.test"
_TEXT: Schema = {"type": "string"}
_TEST_DATA: Schema = {
    "type": "object",
    "properties": {"webhook_id": {"type": "string", "format": "uuid"}},
    "required": ["webhook_id"],
}
_HEADERS: tuple[tuple[str, str], ...] = (
    ("webhook-id", "The event's id: the same with each attempt. Drop what you have had."),
    ("webhook-timestamp", "When this attempt was signed, in seconds since 1970."),
    (
        "webhook-signature",
        "`v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body` under a secret; for a day"
        " after a rotation two of them, separated by a space.",
    ),
)
_PARAMETERS: list[Schema] = [
    {"name": name, "in": "header", "required": True, "description": says, "schema": _TEXT}
    for name, says in _HEADERS
]
_RESPONSES: Schema = {
    "2XX": {"description": "It was taken."},
    "410": {"description": "The endpoint is gone: it is disabled."},
    "default": {
        "description": "It was not taken, a redirect included: it is sent again, and not before"
        " `Retry-After`."
    },
}


def webhooks(events: Mapping[str, type[BaseModel]], shapes: Shapes) -> Schema:
    """The request for each type of event, and for the test."""
    told = {
        name: _sent(name, {"allOf": [shapes.told(model), CHANGES]}, shapes)
        for name, model in events.items()
    }
    if told:
        told[TEST] = _sent(TEST, _TEST_DATA, shapes)
    return dict(sorted(told.items()))


def _sent(name: str, data: Schema, shapes: Shapes) -> Schema:
    """The event as CloudEvents 1.0 JSON."""
    properties: Schema = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "type": {"const": name},
        "source": _TEXT,
        "subject": {**_TEXT, "description": "Kind and id of what it is about: `booking/…`."},
        "time": {"type": "string", "format": "date-time"},
        "tenantid": {"type": "string", "format": "uuid"},
        "sequence": {
            "type": ["integer", "null"],
            "description": "The version of what it is about; later ones may come earlier.",
        },
        "datacontenttype": {"const": "application/json"},
        "data": data,
    }
    schema: Schema = {"type": "object", "properties": properties, "required": list(properties)}
    example = {**shapes.shown_example(schema), "source": name.partition(".")[0]}
    return {
        "post": {
            "operationId": name.replace(".", "_") + "_webhook",
            "summary": f"`{name}` has happened" if name != TEST else "A test was asked for",
            "tags": ["webhooks"],
            "security": [],
            "parameters": _PARAMETERS,
            "requestBody": {
                "required": True,
                "content": {JSON: {"schema": schema, "example": example}},
            },
            "responses": _RESPONSES,
        }
    }
