"""Golden files and schemas: within a version only optional fields are added."""

import json
from typing import Any

import pytest

from tests.contract.samples import GOLDEN, SCHEMAS, TYPES, schema_of

SAID = "run `python -m tests.contract.samples` and commit what it writes"


@pytest.mark.parametrize("message_type", sorted(TYPES))
def test_an_old_message_is_still_read(message_type: str) -> None:
    """The golden file of every command, query and event parses with today's contract."""
    path = GOLDEN / f"{message_type}.json"
    assert path.exists(), SAID
    found = TYPES[message_type].model_validate_json(path.read_bytes())
    again = json.loads(found.model_dump_json(exclude_unset=True, by_alias=True))
    assert again == json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("message_type", sorted(TYPES))
def test_a_schema_only_gains_optional_fields(message_type: str) -> None:
    """Nothing that was released is taken away, narrowed or newly required."""
    path = SCHEMAS / f"{message_type}.json"
    assert path.exists(), SAID
    broken = breaks(json.loads(path.read_text("utf-8")), schema_of(TYPES[message_type]))
    assert broken == []


def test_no_file_outlives_its_type() -> None:
    """A type that was released is never taken away."""
    for folder in (GOLDEN, SCHEMAS):
        assert {path.stem for path in folder.glob("*.json")} == set(TYPES)


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        ({"properties": {"a": {"type": "integer"}}, "required": ["a"]}, "a: type"),
        ({"properties": {}, "required": []}, "a: is gone"),
        (
            {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "b"]},
            "b: is required now",
        ),
        ({"properties": {"a": {"type": "string", "maxLength": 3}}, "required": ["a"]}, "a: maxL"),
        ({"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}, None),
        ({"properties": {"a": {"type": "string"}}, "required": []}, None),
    ],
)
def test_what_breaks_a_reader_is_noticed(new: dict[str, Any], complaint: str | None) -> None:
    """Another type, a field gone, a new duty and a narrower bound are told; the rest is free."""
    old = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    found = breaks(old, new)
    assert (found == []) if complaint is None else found[0].startswith(complaint)


# What narrows when it appears or changes; `description`, `title` and `default` say nothing.
HELD = (
    *("type", "format", "pattern", "const", "minLength", "maxLength", "minimum", "maximum"),
    *("minItems", "maxItems", "additionalProperties"),
)


def breaks(old: Any, new: Any, path: str = "") -> list[str]:
    """What an old message, or an old reader, would stumble over."""
    if "$defs" in old:
        old, new = resolved(old, old["$defs"]), resolved(new, new.get("$defs", {}))
    where = path.rstrip(".") or "it"
    found = [f"{where}: {key}" for key in HELD if key in new and new[key] != old.get(key)]
    found += [f"{where}: {key}" for key in HELD if key in old and key not in new]
    if set(old.get("enum", ())) - set(new.get("enum", old.get("enum", ()))):
        found.append(f"{where}: enum")
    was, now = old.get("properties", {}), new.get("properties", {})
    for name, field in was.items():
        if name not in now:
            found.append(f"{path}{name}: is gone")
        else:
            found += breaks(field, now[name], f"{path}{name}.")
    duties = set(new.get("required", ())) - set(old.get("required", ()))
    found += [f"{path}{name}: is required now" for name in sorted(duties)]
    if "items" in old:
        found += breaks(old["items"], new.get("items", {}), path)
    for one, other in zip(old.get("anyOf", ()), new.get("anyOf", ()), strict=False):
        found += breaks(one, other, path)
    if len(new.get("anyOf", ())) < len(old.get("anyOf", ())):
        found.append(f"{where}: anyOf")
    return found


def resolved(schema: Any, definitions: dict[str, Any]) -> Any:
    """Without references, so that a renamed definition is no change."""
    if isinstance(schema, list):
        return [resolved(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: resolved(one, definitions) for key, one in schema.items() if key != "$defs"}
