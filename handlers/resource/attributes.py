"""A resource's attributes: whether they fit its category's schema, and filters on them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from handlers.delivery.work import Refused, refused_fields

# With MAX_RULES of a schema this bounds what one check can take to about a second.
MAX_VALUES = 1_000
MAX_ERRORS = 50
FIELD = "attributes"


def attributes_refusal(attributes: dict[str, Any], schema: dict[str, Any] | None) -> Refused | None:
    """Where the attributes break the schema; None when they fit, or there is none."""
    if schema is None:
        return None
    if _count(attributes) > MAX_VALUES:
        message = f"At most {MAX_VALUES} values are checked against a schema."
        return refused_fields("invalid_attributes", [(FIELD, "too_many_values", message)])
    # check_schema has seen the schema when it was saved.
    broken = islice(Draft202012Validator(schema).iter_errors(attributes), MAX_ERRORS)
    errors = sorted({found for error in broken for found in _described(error)})
    return refused_fields("invalid_attributes", errors) if errors else None


def filter_candidates(filters: Sequence[str]) -> list[list[dict[str, Any]]]:
    """For each `key:value`, the documents of which attributes must contain one: the value as text
    and, where it reads as one, as number or boolean."""
    found = []
    for written in filters:
        key, _, value = written.partition(":")
        candidates: list[dict[str, Any]] = [{key: value}]
        try:
            literal = orjson.loads(value)
        except orjson.JSONDecodeError:
            literal = None
        if isinstance(literal, bool | int) or (isinstance(literal, float) and isfinite(literal)):
            candidates.append({key: literal})
        found.append(candidates)
    return found


def _described(error: ValidationError) -> Iterator[tuple[str, str, str]]:
    """Field, code and message of what is wrong, without the value that was refused."""
    where = ".".join((FIELD, *(str(step) for step in error.absolute_path)))
    # A schema that is plainly `false` breaks without a keyword.
    keyword = str(error.validator or "false")
    wanted: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    if keyword == "required":
        for name in wanted:
            if name not in instance:
                yield f"{where}.{name}", "missing_field", "This attribute is required."
    elif keyword == "additionalProperties" and wanted is False:
        for name in sorted(instance.keys() - schema.get("properties", {}).keys()):
            yield f"{where}.{name}", "unknown_field", "The category knows no such attribute."
    else:
        shown = orjson.dumps(wanted, default=str).decode()
        yield where, keyword, f"The category asks for {keyword} {shown[:200]}."


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(_count(inner) for inner in value.values())
    if isinstance(value, list):
        return 1 + sum(_count(inner) for inner in value)
    return 1
