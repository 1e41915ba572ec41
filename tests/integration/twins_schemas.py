"""Where a message holds an id, by its contract."""

from collections.abc import Iterator
from typing import Any


def id_paths(schema: dict[str, Any]) -> set[str]:
    """Every place of a message's schema that holds an id or a cursor."""
    return set(_id_paths(schema, schema.get("$defs", {}), ""))


def _id_paths(schema: dict[str, Any], kept: dict[str, Any], path: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _id_paths(kept[schema["$ref"].rpartition("/")[2]], kept, path)
    if schema.get("format") == "uuid" or path.rpartition(".")[2] == "cursor":
        yield path
    for inner in (*schema.get("anyOf", ()), *schema.get("prefixItems", ())):
        yield from _id_paths(inner, kept, path)
    if isinstance(schema.get("items"), dict):
        yield from _id_paths(schema["items"], kept, path)
    for name, inner in schema.get("properties", {}).items():
        yield from _id_paths(inner, kept, f"{path}.{name}".lstrip("."))
