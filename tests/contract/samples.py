"""A full sample of each message, made from its JSON Schema: every field, each with a fitting value.

`python -m tests.contract.samples` writes a golden file and a schema for each type that has none
yet, and never touches one that is there: what was released stays as it was.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from contracts.catalogue import COMMANDS, EVENTS, QUERIES

FOLDER = Path(__file__).parent
GOLDEN, SCHEMAS = FOLDER / "golden", FOLDER / "schemas"
TYPES: dict[str, type[BaseModel]] = {**COMMANDS, **QUERIES, **EVENTS}
ID = "019342c0-0000-7000-8000-000000000001"

# Where a type's schema does not say all that its validators ask for.
STRINGS = {
    "timezone": "America/Sao_Paulo",
    "locale": "pt-BR",
    "cidrs": "192.0.2.0/24",
    "currency": "BRL",
    "color": "#1a2b3c",
    "primary_color": "#1a2b3c",
    "secondary_color": "#ffffff",
    "logo_url": "https://salon.example/logo.png",
    "website": "https://salon.example",
    "amount": "49.90",
    "email": "ana@salon.example",
    "slug": "salon",
    "url": "https://salon.example/hooks",
    "event_types": "booking.*",
    "name": "Ana",
    "start": "09:00",
    "end": "18:00",
    "by_weekday": "MO",
    "exdates": "2026-12-08",
    "starts_at": "2026-12-01T09:00:00Z",
    "ends_at": "2026-12-01T10:00:00Z",
    "from": "2026-12-01T00:00:00Z",
    "to": "2026-12-31T00:00:00Z",
    "month": "2026-12",
}
# One of several ways to say it: these are left out.
LEFT_OUT = {
    "booking.create": {"category_id"},
    "booking.create_batch": {"bookings.category_id"},
    "booking.feed": {"user_id"},
    "availability.get": {"date"},
    "availability.search": {"date"},
    "override.create": {"override.closed"},
    "waitlist.join": {"category_id"},
    "series.create": {"recurring_pattern.until"},
    "series.preview": {"recurring_pattern.until"},
}
NOT_IN_A_CLOSURE = {"date", "starts_on", "ends_on"}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def written(document: Any) -> str:
    """As it stands in the repository."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="validation", by_alias=True)


def sample_of(message_type: str) -> dict[str, Any]:
    """A message of this type in which every field is said."""
    schema = schema_of(TYPES[message_type])
    found: dict[str, Any] = _Sample(schema, LEFT_OUT.get(message_type, set())).of(schema, "", "")
    return found


class _Sample:
    def __init__(self, schema: dict[str, Any], left_out: set[str]) -> None:
        self._definitions = schema.get("$defs", {})
        self._left_out = left_out

    def of(self, schema: dict[str, Any], name: str, path: str) -> Any:
        if "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0], name, path)
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        match schema.get("type"):
            case "object":
                return self._object(schema, name, path)
            case "array":
                items = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
                return [self.of(items, name, path)]
            case "integer":
                return max(schema.get("minimum", 1), 1)
            case "number":
                return 1.5
            case "boolean":
                return True
            case "string":
                return self._string(schema, name)
            case _:
                return {"any": "thing"}

    def _object(self, schema: dict[str, Any], name: str, path: str) -> dict[str, Any]:
        if "properties" not in schema:
            return self._mapping(schema, name, path)
        closure = NOT_IN_A_CLOSURE if schema.get("title") == "ClosureTime" else set()
        return {
            field: self.of(inner, field, f"{path}{field}.")
            for field, inner in schema["properties"].items()
            if f"{path}{field}" not in self._left_out and field not in closure
        }

    def _mapping(self, schema: dict[str, Any], name: str, path: str) -> dict[str, Any]:
        inner = schema.get("additionalProperties")
        if not isinstance(inner, dict):
            return {"any": "thing"}
        key = DAYS[0] if name == "business_hours" else "word"
        key = schema.get("propertyNames", {}).get("enum", [key])[0]
        return {key: self.of(inner, key, f"{path}{key}.")}

    def _string(self, schema: dict[str, Any], name: str) -> str:
        match schema.get("format"):
            case "uuid":
                return ID
            case "date":
                return "2026-12-01"
            case "date-time":
                return STRINGS.get(name, "2026-12-01T09:00:00Z")
            case _:
                return "colour:red" if name == "attribute" else STRINGS.get(name, "a word")


def write_new() -> list[Path]:
    """What was missing is there now."""
    made = []
    for message_type, model in TYPES.items():
        for folder, document in (
            (GOLDEN, sample_of(message_type)),
            (SCHEMAS, schema_of(model)),
        ):
            folder.mkdir(exist_ok=True)
            path = folder / f"{message_type}.json"
            if not path.exists():
                path.write_text(written(document), encoding="utf-8")
                made.append(path)
    return made


if __name__ == "__main__":
    write_new()
