"""What an attribute schema of a category may be: JSON Schema 2020-12, small, and cheap to apply.

A tenant writes it and we run it. So it may not fetch anything, match regular expressions, refer to
itself, or be more than MAX_RULES subschemas long once its references are written out.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from handlers.delivery.work import Refused, refused_fields

MAX_BYTES = 16_384
MAX_RULES = 500
FIELD = "attribute_schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Regular expressions can take for ever; identifiers and dynamic references lead out of the document
# or round in circles; "unevaluated" goes through the whole schema again at each step.
_REFUSED = frozenset(
    {
        "pattern",
        "patternProperties",
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$recursiveRef",
        "$vocabulary",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_DEFINITION = re.compile(r"#/(\$defs|definitions)/([^/~%]{1,100})")
_ONE_SCHEMA = (
    "additionalProperties",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
)
_LISTED_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED_SCHEMAS = ("$defs", "dependentSchemas", "properties")


class _Unfit(Exception):
    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


def schema_refusal(schema: dict[str, Any] | None) -> Refused | None:
    """Why the schema cannot be a category's; None when it can."""
    if schema is None:
        return None
    if len(orjson.dumps(schema)) > MAX_BYTES:
        return _refusal(FIELD, "schema_too_large", f"At most {MAX_BYTES} bytes are accepted.")
    if schema.get("$schema", DIALECT) != DIALECT:
        return _refusal(f"{FIELD}.$schema", "invalid_schema", f"Only {DIALECT} is spoken here.")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as wrong:
        where = ".".join((FIELD, *(str(step) for step in wrong.absolute_path)))
        return _refusal(where, "invalid_schema", "This is no JSON Schema (draft 2020-12).")
    try:
        _Unrolled(schema).walk(schema, FIELD, ())
    except _Unfit as found:
        return _refusal(found.where, "schema_not_accepted", found.message)
    return None


class _Unrolled:
    """Goes through a schema as a validator would, references written out, and counts."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._rules = 0

    def walk(self, schema: Any, where: str, through: tuple[str, ...]) -> None:
        """`through` are the references that led here."""
        self._rules += 1
        if self._rules > MAX_RULES:
            raise _Unfit(FIELD, f"At most {MAX_RULES} rules are accepted, references written out.")
        if not isinstance(schema, dict):
            return
        for name in sorted(_REFUSED & schema.keys()):
            raise _Unfit(f"{where}.{name}", f"`{name}` is not accepted.")
        reference = schema.get("$ref")
        if reference is not None:
            if reference in through:
                raise _Unfit(f"{where}.$ref", "A schema may not refer to itself.")
            self.walk(self._target(reference, where), f"{where}.$ref", (*through, reference))
        for step, inner in _within(schema):
            self.walk(inner, f"{where}.{step}", through)

    def _target(self, reference: str, where: str) -> Any:
        """A definition: elsewhere in the document check_schema has not looked for schemas."""
        found = _DEFINITION.fullmatch(reference)
        definitions = self._root.get(found[1], {}) if found else {}
        if found is None or found[2] not in definitions:
            message = "A reference is `#/$defs/` and the name of a definition: nothing is fetched."
            raise _Unfit(f"{where}.$ref", message)
        return definitions[found[2]]


def _within(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in _ONE_SCHEMA:
        if name in schema:
            yield name, schema[name]
    for name in _LISTED_SCHEMAS:
        for place, inner in enumerate(schema.get(name, ())):
            yield f"{name}.{place}", inner
    for name in _NAMED_SCHEMAS:
        for key, inner in schema.get(name, {}).items():
            yield f"{name}.{key}", inner


def _refusal(where: str, code: str, message: str) -> Refused:
    return refused_fields("invalid_attributes", [(where, code, message)])
