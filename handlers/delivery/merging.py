"""Merge patches (RFC 7396) of a document, and what differs afterwards."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from contracts.wire.problems import problem_of
from contracts.wire.strict import Strict
from handlers.delivery.work import Refused

S = TypeVar("S", bound=Strict)


def merge_patch(document: Any, patch: Any) -> Any:
    """The document after the patch, as a new value: null removes a member, the rest replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(document) if isinstance(document, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def patched(
    contract: type[S], document: Mapping[str, Any], patch: Mapping[str, Any]
) -> S | Refused:
    """The document after the patch, read by the contract of its creation: what became null has its
    default again, or is missed."""
    # The driver's UUIDs are a class of its own, which orjson does not know.
    whole = orjson.dumps(merge_patch(document, patch), default=str)
    try:
        return contract.model_validate_json(whole)
    except ValidationError as failure:
        return Refused(problem_of(failure))


def changed_fields(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], names: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """`{field: {before, after}}` of those named fields that differ; of a new object, all before
    it are null."""
    old = before or {}
    return {
        name: {"before": old.get(name), "after": after[name]}
        for name in names
        if before is None or old.get(name) != after[name]
    }
