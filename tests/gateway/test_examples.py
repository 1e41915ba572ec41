"""The examples of the OpenAPI documents: there for each operation, and true."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.edge.messages import read_command, read_path
from gateway.edge.openapi.parameters import path_names
from gateway.edge.samples import ID
from tests.documented import OPERATIONS
from tests.gateway.test_documents import DOCUMENTS, ROWS, described, faults_of, problems_of

CHANGING = [name for name, row in ROWS.items() if row.changes]
# What an answer without a body is.
EMPTY = ("204", "304")


def bodies(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What an operation is sent and answers, by media type, problems left out."""
    operation, _ = described(name)
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"sent as {kind}", content
    for status, answer in operation["responses"].items():
        assert bool(answer.get("content")) is (status not in EMPTY), f"{name} {status}"
        for kind, content in answer.get("content", {}).items():
            if kind != "application/problem+json":
                yield f"{status} as {kind}", content


@pytest.mark.parametrize("name", ROWS)
def test_what_is_sent_and_answered_has_an_example_that_fits(name: str) -> None:
    """Every body of every operation shows what it looks like, in the form it has."""
    _, whole = described(name)
    found = {where: faults_of(c["schema"], c["example"], whole) for where, c in bodies(name)}
    assert found
    assert {where: faults for where, faults in found.items() if faults} == {}


@pytest.mark.parametrize("name", CHANGING)
def test_an_example_of_a_body_is_accepted(name: str) -> None:
    """The gateway reads it as the command of its operation: no validator refuses it."""
    operation, _ = described(name)
    row = ROWS[name]
    sent = operation.get("requestBody", {}).get("content", {})
    body = sent.get("application/json", {}).get("example", {})
    shown = {one["name"]: one["example"] for one in operation["parameters"] if "example" in one}
    ids = {path: shown[path] for path in path_names(OPERATIONS[name].path)}
    assert row.message is not None
    read_path(row.message, ids)
    read_command(row.message, body, ids, row.within)


@pytest.mark.parametrize("name", ROWS)
def test_each_code_of_a_refusal_is_listed_and_shown(name: str) -> None:
    """What a status can mean is a closed list of codes, with an example of each and no other."""
    operation, whole = described(name)
    listed = {
        (status, code)
        for status, answer in operation["responses"].items()
        for schema in [answer.get("content", {}).get("application/problem+json", {}).get("schema")]
        if schema is not None
        for code in schema["allOf"][1]["properties"]["code"]["enum"]
    }
    assert listed == {(status, code) for status, code, _, _ in problems_of(operation, whole)}
    assert listed


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.message is not None])
def test_who_may_is_told_to_machines_and_people(name: str) -> None:
    """`x-permissions` has any one of which admits, and the description says so."""
    operation, _ = described(name)
    message = ROWS[name].message
    assert message is not None
    needed = () if ROWS[name].is_open else message.permissions
    assert operation["x-permissions"] == list(needed)
    if not ROWS[name].is_open and not needed:
        assert "no permission" in operation["description"]


@pytest.mark.parametrize("name", DOCUMENTS["tenants"]["webhooks"])
def test_a_webhook_shows_what_is_sent(name: str) -> None:
    """Every type of event has an example that fits its schema, the test of an endpoint too."""
    whole = DOCUMENTS["tenants"]
    sent = whole["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
    rooted = {"allOf": [sent["schema"]], "components": whole["components"]}
    assert list(Draft202012Validator(rooted).iter_errors(sent["example"])) == []
    assert (sent["example"]["type"], sent["example"]["id"]) == (name, ID)


def test_a_body_that_does_not_fit_would_be_noticed() -> None:
    """The comparison above can fail."""
    _, whole = described("booking_create")
    ((_, content), *_) = bodies("booking_create")
    spoilt = json.loads(json.dumps(content["example"])) | {"quantity": "one"}
    assert faults_of(content["schema"], spoilt, whole) != []
