"""The AsyncAPI document as a person reads it: channels by kind, messages, and fields in tables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.edge.asyncapi.channels import CHANNELS

Schema = Mapping[str, Any]
# What a type is made of: a text, and the schema that it names, if it names one.
Pieces = list[tuple[str, str]]
_TOGETHER = ("ingress", "replies", "dead", "rejects")


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a table."""

    name: str
    type: Pieces
    needed: bool
    about: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A message: `envelope` is the schema of its fields beside `data`."""

    name: str
    about: str
    envelope: str
    body: Sequence[Field]
    permissions: Sequence[str]
    sealed: Sequence[str]
    example: str


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, and what stands on it."""

    key: str
    address: str
    about: str
    writers: Sequence[str]
    groups: Sequence[str]
    messages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Book:
    """All of it. `places` by kind, in the order of reading."""

    places: Mapping[str, Sequence[Place]]
    messages: Mapping[str, Shown]
    schemas: Mapping[str, Sequence[Field]]


def book(document: Schema) -> Book:
    """What a page says of the document."""
    schemas: Schema = document["components"]["schemas"]
    messages: Schema = document["components"]["messages"]
    kinds = {"commands": ["commands"], "queries": ["queries"], "events": ["events"]}
    return Book(
        places={
            heading: [
                _place(one.key, document["channels"][one.key])
                for one in CHANNELS
                if one.kind in those
            ]
            for heading, those in {**kinds, "others": list(_TOGETHER)}.items()
        },
        messages={name: _shown(name, one, schemas) for name, one in messages.items()},
        schemas={name: fields(one, schemas) for name, one in sorted(schemas.items())},
    )


def _place(key: str, channel: Schema) -> Place:
    return Place(
        key,
        channel["address"],
        channel["description"],
        channel["x-written-by"],
        channel["x-consumer-groups"],
        list(channel["messages"]),
    )


def _shown(name: str, message: Schema, schemas: Schema) -> Shown:
    headers = message["headers"]
    envelope = headers["allOf"][0]["$ref"] if "allOf" in headers else headers["$ref"]
    (example,) = message["examples"]
    return Shown(
        name,
        message["summary"],
        _last(envelope),
        fields(message["payload"], schemas) if "payload" in message else (),
        message.get("x-permissions", ()),
        message.get("x-sealed-fields", ()),
        json.dumps(_entry(example), ensure_ascii=False, indent=2),
    )


def _entry(example: Schema) -> dict[str, Any]:
    """As it stands in the stream, but for `data`, which is a text there."""
    data = {"data": example["payload"]} if "payload" in example else {}
    return {**example["headers"], **data}


def fields(schema: Schema, schemas: Schema) -> list[Field]:
    """The fields of an object; of what is none, one row without a name."""
    if "$ref" in schema:
        return fields(schemas[_last(schema["$ref"])], schemas)
    if "allOf" in schema:
        return [field for one in schema["allOf"] for field in fields(one, schemas)]
    properties = schema.get("properties")
    if properties is None:
        return [Field("", pieces(schema), False, schema.get("description", ""))]
    required = schema.get("required", ())
    return [
        Field(name, pieces(one), name in required, one.get("description", ""))
        for name, one in (*properties.items(), *schema.get("patternProperties", {}).items())
    ]


def pieces(schema: Schema) -> Pieces:
    """What a value may be, in words."""
    if "$ref" in schema:
        name = _last(schema["$ref"])
        return [(name, name)]
    for word in ("anyOf", "allOf"):
        if word in schema:
            return _joined([pieces(one) for one in schema[word]], " or ")
    if "const" in schema:
        return [(f'"{schema["const"]}"', "")]
    if "enum" in schema:
        return [(" · ".join(f'"{one}"' for one in schema["enum"]), "")]
    if schema.get("type") == "array":
        return [("list of ", ""), *pieces(schema.get("items", {}))]
    if isinstance(schema.get("additionalProperties"), dict):
        return [("map of ", ""), *pieces(schema["additionalProperties"])]
    return [(_plain(schema), "")]


def _plain(schema: Schema) -> str:
    kind = schema.get("type", "anything")
    named = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{named} ({schema['format']})" if "format" in schema else named


def _joined(parts: Sequence[Pieces], between: str) -> Pieces:
    found: Pieces = []
    for part in parts:
        found += [(between, ""), *part] if found else part
    return found


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
