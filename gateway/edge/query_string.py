"""Query parameters as the JSON that a query's contract reads: right types, no unknown names."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import parse_qsl

from contracts.wire.strict import Message
from gateway.edge.problems import refused, refused_field

_WHOLE = re.compile(r"^-?[0-9]{1,15}$")
_MOST = 200
# A plus sign that was not percent-encoded arrives as a space.
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


def parameters(
    query: type[Message], raw: bytes, path_ids: Collection[str], names: Mapping[str, str]
) -> dict[str, Any]:
    """The document of the parameters; `names` are those that are called otherwise in the contract.

    Raises Refused for a name that the contract does not have (or that the path gives), and for a
    repetition where the contract takes one value.
    """
    fields = _fields(query)
    contract_names = set(names.values())
    document: dict[str, Any] = {}
    for given, text in pairs(raw):
        name = names.get(given, given)
        field = None if given in contract_names or name in path_ids else fields.get(name)
        if field is None:
            raise refused_field("unknown_field", given, "There is no such parameter.")
        if "\x00" in text:
            raise refused_field("control_character", given, "NUL is not accepted.")
        scalar, repeatable = field
        if repeatable:
            document.setdefault(name, []).append(_value(scalar, text))
        elif name in document:
            raise refused_field("repeated", given, "Give this parameter once.")
        else:
            document[name] = _value(scalar, text)
    return document


def options_of(command: type[Message], raw: bytes, options: Collection[str]) -> dict[str, Any]:
    """Those of a command's fields that are said in the query; the others cannot be."""
    if not options:
        refuse_parameters(raw)
        return {}
    others = [name for name in command.model_fields if name not in options]
    return parameters(command, raw, others, {})


def refuse_parameters(raw: bytes) -> None:
    """For a route that takes none."""
    for name, _ in pairs(raw):
        raise refused_field("unknown_field", name, "There is no such parameter.")


def pairs(raw: bytes) -> list[tuple[str, str]]:
    """Names and values as sent, decoded."""
    if not raw:
        return []
    try:
        return parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST
        )
    except ValueError:
        raise refused("validation_failed", "The query is not percent-encoded UTF-8.") from None


@lru_cache(maxsize=256)
def _fields(query: type[Message]) -> dict[str, tuple[Any, bool]]:
    return {
        field.alias or name: _scalar(field.annotation) for name, field in query.model_fields.items()
    }


def _scalar(annotation: Any) -> tuple[Any, bool]:
    """The type of one value, and whether there may be several."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _scalar(inside[0])
    if origin in (Union, UnionType):
        return _scalar(next(kind for kind in inside if kind is not type(None)))
    if origin is tuple:
        return _scalar(inside[0])[0], True
    return annotation, False


def _value(scalar: Any, text: str) -> Any:
    """What does not look like the type stays text, for the contract to refuse."""
    if scalar is int and _WHOLE.match(text):
        return int(text)
    if scalar is bool and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if scalar is datetime:
        return _LOST_PLUS.sub(r"+\1", text)
    return text
