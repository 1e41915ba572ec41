"""The JSON Schemas of contracts, with their definitions gathered in one place."""

from collections.abc import Collection, Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.wire.strict import Message
from gateway.edge.openapi.rows import Answer, Items, Row, With
from gateway.edge.samples import LEFT_OUT, NOTHING, Sampler

Schema = dict[str, Any]
_ROOT = "#/components/schemas/"
_TEMPLATE = _ROOT + "{model}"
# What a request can do without, and most do.
_UNSAID = frozenset(
    {"id", "user_id", "status", "assignment", "additional_resource_ids", "override_rules"}
)
_CLOSED: Schema = {"additionalProperties": False}
_CURSOR: Schema = {
    "anyOf": [{"type": "string"}, {"type": "null"}],
    "description": "The `cursor` of the next page; null on the last one.",
}


class Shapes:
    """The schemas of one document: those of its messages as they are sent, and of its answers as
    they come back. Where the two differ the answer's is called `…Shown`."""

    def __init__(
        self,
        rows: Iterable[Row],
        told: Iterable[type[BaseModel]] = (),
        unsaid: Collection[str] = ("expected_version",),
    ) -> None:
        rows = tuple(rows)
        sent = _definitions((m for row in rows for m in _messages(row)), "validation")
        # Over HTTP it is If-Match that says it, and no body.
        self._sent = {name: _without(one, unsaid) for name, one in sent.items()}
        answers = (*(model for row in rows for model in _models(row)), *told)
        shown = _opened(_definitions(answers, "serialization"))
        other = {name for name in shown if self._sent.get(name, shown[name]) != shown[name]}
        self._shown_as = {name: f"{name}Shown" if name in other else name for name in shown}
        # Makers of clients name their types by titles.
        self._shown = {
            self._shown_as[name]: {**self._renamed(one), "title": self._shown_as[name]}
            for name, one in shown.items()
        }
        self._used: dict[str, Schema] = {}

    def said(self, message: type[Message]) -> Schema:
        """The whole message, as an object with properties; it is not a definition of its own."""
        return self._using(self._sent[message.__name__])

    def body(self, row: Row, message: type[Message], elsewhere: Collection[str]) -> Schema:
        """What the body says: the message without what is said `elsewhere`, or one field of it."""
        said = self.said(message)
        if not row.within:
            return _without(said, elsewhere)
        field: Schema = said["properties"][row.within]
        if row.unwraps:
            wrapped = {"type": "object", "properties": {row.within: field}}
            return {"anyOf": [field, {**wrapped, "required": [row.within], **_CLOSED}]}
        if "id" not in said["properties"]:
            return field
        whole = _copied(self._sent[field["$ref"].removeprefix(_ROOT)])
        whole["properties"] = {"id": said["properties"]["id"], **whole["properties"]}
        return self._using(whole)

    def needs(self, schema: Schema) -> bool:
        """Whether an empty object is not enough."""
        found = self._used[schema["$ref"].removeprefix(_ROOT)] if "$ref" in schema else schema
        return bool(found.get("required"))

    def named(self, name: str, schema: Schema) -> Schema:
        """A definition of its own, by reference."""
        self._used[name] = {**schema, "title": name}
        return {"$ref": _ROOT + name}

    def asked_for_example(self, row: Row, schema: Schema) -> Any:
        """A body that the operation accepts."""
        left_out = LEFT_OUT.get(row.message.type, ()) if row.message else ()
        sampler = Sampler(self._used, left_out, _UNSAID)
        return sampler.of(schema, row.within, f"{row.within}." if row.within else "")

    def shown_example(self, schema: Schema) -> Any:
        """What an answer of this schema looks like."""
        return Sampler(self._used, nothing=NOTHING).of(schema)

    def answered(self, answer: Answer) -> Schema:
        """The body of a success."""
        if isinstance(answer, Items):
            return _page(self._reference(answer.of))
        if isinstance(answer, With):
            shown = self._using(_without(self._shown[self._name(answer.view)], answer.without))
            for name, model in answer.lists:
                shown["properties"][name] = {"type": "array", "items": self._reference(model)}
                shown["required"] = [*shown["required"], name]
            return shown
        return {"type": "object"} if answer is None else self._reference(answer)

    def told(self, model: type[BaseModel]) -> Schema:
        """What an event says of its object."""
        return self._reference(model)

    @property
    def used(self) -> dict[str, Schema]:
        """The definitions that what was asked for so far refers to."""
        return dict(sorted(self._used.items()))

    def _name(self, model: type[BaseModel]) -> str:
        return self._shown_as[model.__name__]

    def _reference(self, model: type[BaseModel]) -> Schema:
        return self._using({"$ref": _ROOT + self._name(model)})

    def _using(self, schema: Schema) -> Schema:
        for name in _references(schema):
            if name not in self._used:
                self._used[name] = self._shown[name] if name in self._shown else self._sent[name]
                self._using(self._used[name])
        copied: Schema = _copied(schema)
        return copied

    def _renamed(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._renamed(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        return {
            key: _ROOT + self._shown_as[one.removeprefix(_ROOT)]
            if key == "$ref"
            else self._renamed(one)
            for key, one in schema.items()
        }


def _definitions(models: Iterable[type[BaseModel]], mode: Any) -> dict[str, Schema]:
    found = [(model, mode) for model in dict.fromkeys(models)]
    _, document = models_json_schema(found, by_alias=True, ref_template=_TEMPLATE)
    named: dict[str, Schema] = document.get("$defs", {})
    return named


def _opened(schema: Any) -> Any:
    """A later version may add a field to an answer; who reads it is to expect that."""
    if isinstance(schema, list):
        return [_opened(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closing = ("additionalProperties", False)
    return {key: _opened(one) for key, one in schema.items() if (key, one) != closing}


def _messages(row: Row) -> tuple[type[BaseModel], ...]:
    return tuple(one for one in (row.message, row.calendar) if one is not None)


def _models(row: Row) -> tuple[type[BaseModel], ...]:
    found: list[type[BaseModel]] = []
    for answer in (row.answer, row.calendar_answer, row.or_answer):
        if isinstance(answer, Items):
            found.append(answer.of)
        elif isinstance(answer, With):
            found += [answer.view, *(model for _, model in answer.lists)]
        elif answer is not None:
            found.append(answer)
    return tuple(found)


def _page(item: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}, "next_cursor": dict(_CURSOR)},
        "required": ["items", "next_cursor"],
    }


def _without(schema: Schema, names: Collection[str]) -> Schema:
    if "properties" not in schema:
        return schema
    properties = {name: one for name, one in schema["properties"].items() if name not in names}
    required = [name for name in schema.get("required", ()) if name not in names]
    kept = {**schema, "properties": properties, "required": required}
    return kept if required else {key: one for key, one in kept.items() if key != "required"}


def _references(schema: Any) -> Iterable[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _references(one)
    elif isinstance(schema, dict):
        for key, one in schema.items():
            if key == "$ref" and isinstance(one, str):
                yield one.removeprefix(_ROOT)
            else:
                yield from _references(one)


def _copied(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_copied(one) for one in schema]
    return {k: _copied(v) for k, v in schema.items()} if isinstance(schema, dict) else schema
