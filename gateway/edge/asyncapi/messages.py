"""Every message as AsyncAPI has it: its fields, its body, and an example of both."""

from collections.abc import Mapping
from typing import Any

from contracts.catalogue import COMMANDS, EVENTS, EVENTS_OF, QUERIES
from contracts.wire.envelope import dataschema_of
from contracts.wire.operations import OperationGet, Ping
from contracts.wire.strict import Message
from gateway.edge.asyncapi.headers import Schema, envelope_schema, example_of, letter_schema
from gateway.edge.openapi.changes import CHANGED, CHANGES
from gateway.edge.openapi.refusals import PROBLEM
from gateway.edge.openapi.rows import Row
from gateway.edge.openapi.shapes import Shapes
from gateway.edge.samples import ID, LEFT_OUT, NOTHING, Sampler

REPLY, LETTER, ENTRY = "reply", "kept_entry", "ingress_entry"
# What every context answers about itself.
OWN_QUERIES: dict[str, type[Message]] = {one.type: one for one in (OperationGet, Ping)}
_SCHEMAS = "#/components/schemas/"
_REPLY_BODY: Schema = {
    "type": "object",
    "description": "An outcome, with the status and codes of the HTTP interface. One about people"
    " is `sealed`, for our own processes alone.",
    "properties": {
        "status": {"type": "integer"},
        "body": {"description": "Of a success: what the HTTP interface answers."},
        "problem": {
            "allOf": [{"$ref": f"{_SCHEMAS}Problem"}],
            "description": "Of a refusal, without `instance`.",
        },
        "replayed": {"type": "boolean", "description": "An earlier outcome, given again."},
        "sealed": {"type": "string"},
    },
    "required": ["status"],
}
_HEADERS = {
    "command": "CommandHeaders",
    "query": "QueryHeaders",
    "event": "EventHeaders",
    "reply": "ReplyHeaders",
    "ingress": "IngressHeaders",
}


class Written:
    """All messages by their types, and the schemas that they refer to."""

    def __init__(self) -> None:
        asked: Mapping[str, type[Message]] = {**COMMANDS, **QUERIES, **OWN_QUERIES}
        rows = [Row(name, message) for name, message in asked.items()]
        self._shapes = Shapes(rows, EVENTS.values(), unsaid=())
        self.messages: dict[str, Schema] = {
            **{name: self._asked("command", one) for name, one in COMMANDS.items()},
            **{name: self._asked("query", one) for name, one in (QUERIES | OWN_QUERIES).items()},
            **{
                name: self._told(context, name)
                for context, events in EVENTS_OF.items()
                for name in events
            },
            REPLY: self._reply(),
            ENTRY: self._entry([*COMMANDS, *QUERIES]),
            LETTER: _letter(),
        }
        self.schemas: dict[str, Schema] = {
            **{name: envelope_schema(kind) for kind, name in _HEADERS.items()},
            "KeptEntryHeaders": letter_schema(),
            "Problem": _without_instance(PROBLEM),
            **self._shapes.used,
        }

    def _asked(self, kind: str, message: type[Message]) -> Schema:
        body = self._shapes.said(message)
        sampler = Sampler(self._shapes.used, LEFT_OUT.get(message.type, ()), ("expected_version",))
        found = _message(kind, message.type, body, sampler.of(body))
        found["x-permissions"] = list(message.permissions)
        if message.secret_fields:
            found["x-sealed-fields"] = list(message.secret_fields)
        return found

    def _told(self, context: str, name: str) -> Schema:
        body: Schema = {"allOf": [self._shapes.told(EVENTS[name]), CHANGES]}
        sampler = Sampler(self._shapes.used, nothing=NOTHING)
        found = _message("event", name, body, {**sampler.of(body), "changes": CHANGED})
        kind = name.partition(".")[0]
        found["examples"][0]["headers"] |= {"source": context, "subject": f"{kind}/{ID}"}
        return found

    def _reply(self) -> Schema:
        return _message("reply", REPLY, _REPLY_BODY, {"status": 200, "body": {}, "replayed": False})

    def _entry(self, types: list[str]) -> Schema:
        body: Schema = {
            "type": "object",
            "description": "The body of the command or query that `type` names.",
        }
        shown: Any = self._body_of("booking.cancel")
        found = _message("ingress", ENTRY, body, shown)
        named = {"properties": {"type": {"type": "string", "enum": types}}}
        found["headers"] = {"allOf": [{"$ref": f"{_SCHEMAS}IngressHeaders"}, named]}
        found["examples"][0]["headers"]["type"] = "booking.cancel"
        return found

    def _body_of(self, name: str) -> Any:
        """The body of a command as its own example has it."""
        return self._asked("command", COMMANDS[name])["examples"][0]["payload"]


def _message(kind: str, name: str, body: Schema, shown: Any) -> Schema:
    headers: Schema = {"$ref": _SCHEMAS + _HEADERS[kind]}
    said = {"properties": {"type": {"type": "string", "const": name}}}
    envelope = {**example_of(envelope_schema(kind)), "type": name}
    if "dataschema" in envelope:
        envelope["dataschema"] = dataschema_of(name)
    return {
        "name": name,
        "title": name,
        "summary": body.get("description", f"`{name}` has happened." if kind == "event" else ""),
        "contentType": "application/json",
        "headers": {"allOf": [headers, said]},
        "payload": body,
        "correlationId": {"location": "$message.header#/correlationid"},
        "tags": [{"name": kind}],
        "examples": [{"name": name.replace(".", "_"), "headers": envelope, "payload": shown}],
    }


def _letter() -> Schema:
    headers = example_of(letter_schema())
    return {
        "name": LETTER,
        "title": "An entry that was set aside",
        "summary": "Why, and the fields of the entry as they came, each with `raw.` before it.",
        "headers": {"$ref": f"{_SCHEMAS}KeptEntryHeaders"},
        "tags": [{"name": "set aside"}],
        "examples": [{"name": LETTER, "headers": {**headers, "raw.type": "booking.create"}}],
    }


def _without_instance(problem: Schema) -> Schema:
    kept = {name: one for name, one in problem["properties"].items() if name != "instance"}
    required = [name for name in problem["required"] if name != "instance"]
    return {**problem, "properties": kept, "required": required}
