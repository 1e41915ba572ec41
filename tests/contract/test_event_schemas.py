"""docs/schemas: what is written there for readers of events is what the contracts say."""

import json

import pytest
from jsonschema import Draft202012Validator

from contracts.catalogue import EVENTS
from contracts.wire.envelope import dataschema_of
from tests.contract.event_schemas import FOLDER, event_schema
from tests.contract.samples import GOLDEN

SAID = "run `python -m tests.contract.event_schemas` and commit what it writes"


def test_each_type_has_a_file() -> None:
    """No event is without one, and none is left over."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(EVENTS), SAID


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_file_is_what_the_contract_says(name: str) -> None:
    """It is valid, is called as `dataschema` calls it, and admits what was ever published."""
    found = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert found == event_schema(name), SAID
    Draft202012Validator.check_schema(found)
    assert found["$id"] == dataschema_of(name)
    published = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    changed = {"version": {"before": 1, "after": 2}}
    validator = Draft202012Validator(found)
    assert list(validator.iter_errors({**published, "changes": changed, "later": 1})) == []
    assert not validator.is_valid(published)
