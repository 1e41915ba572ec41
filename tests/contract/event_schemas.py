"""docs/schemas: the body of each type of event as a JSON Schema that stands by itself.

`python -m tests.contract.event_schemas` writes all of them anew, and takes away those of no type.
"""

from pathlib import Path
from typing import Any

from contracts.catalogue import EVENTS
from contracts.wire.envelope import dataschema_of
from gateway.edge.openapi.changes import CHANGES
from tests.contract.samples import written

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


def event_schema(name: str) -> dict[str, Any]:
    """What `data` of this event is: the state after, and `changes`. A later version may add
    fields, and so a reader's schema lets them be."""
    state = _open(EVENTS[name].model_json_schema(mode="serialization", by_alias=True))
    state.pop("title", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": dataschema_of(name),
        "title": name,
        **state,
        "properties": {**state["properties"], **CHANGES["properties"]},
        "required": [*state.get("required", ()), *CHANGES["required"]],
    }


def _open(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_open(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closing = ("additionalProperties", False)
    return {name: _open(one) for name, one in schema.items() if (name, one) != closing}


def write_all() -> None:
    """The folder is what the contracts say."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name in EVENTS:
        (FOLDER / f"{name}.json").write_text(written(event_schema(name)), encoding="utf-8")


if __name__ == "__main__":
    write_all()
