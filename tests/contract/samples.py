"""A full sample of each message, made from its JSON Schema: every field, each with a fitting value.

`python -m tests.contract.samples` writes a golden file and a schema for each type that has none
yet, and never touches one that is there: what was released stays as it was.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from contracts.catalogue import COMMANDS, EVENTS, QUERIES
from gateway.edge.samples import LEFT_OUT, Sampler

FOLDER = Path(__file__).parent
GOLDEN, SCHEMAS = FOLDER / "golden", FOLDER / "schemas"
TYPES: dict[str, type[BaseModel]] = {**COMMANDS, **QUERIES, **EVENTS}


def written(document: Any) -> str:
    """As it stands in the repository."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="validation", by_alias=True)


def sample_of(message_type: str) -> dict[str, Any]:
    """A message of this type in which every field is said."""
    schema = schema_of(TYPES[message_type])
    sampler = Sampler(schema.get("$defs", {}), LEFT_OUT.get(message_type, ()))
    found: dict[str, Any] = sampler.of(schema)
    return found


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
