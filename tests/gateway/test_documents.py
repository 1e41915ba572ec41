"""The OpenAPI documents: each route in one of them, valid, and true to what the route does."""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.wire.problems import CODES
from gateway.app import CONTROLLERS, SUBJECTS
from gateway.edge.openapi.documents import VERSION, Operation, document
from gateway.edge.openapi.rows import Row, With
from gateway.edge.problems import refused
from gateway.edge.sign_in import Reach
from tests.documented import OPERATIONS, operation_at
from tests.gateway.house import House
from tests.gateway.routes import ID, ROUTES
from tests.gateway.routes import Row as Said
from tests.gateway.signer import ACME

DOCUMENTS: dict[str, Any] = {one.name: document(one, OPERATIONS) for one in SUBJECTS}
ROWS = {row.operation: row for subject in SUBJECTS for row in subject.rows}
SENDING = {name: row for name, row in ROWS.items() if row.way is not None}
BODIES = [row for row in ROUTES if row.body is not None]


def described(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An operation as it is documented, and its document."""
    place = OPERATIONS[name]
    found = next(one for one in DOCUMENTS.values() if place.path in one["paths"])
    return found["paths"][place.path][place.method], found


def faults_of(schema: dict[str, Any], value: Any, whole: dict[str, Any]) -> list[str]:
    rooted = {"allOf": [schema], "components": whole["components"]}
    return [fault.message for fault in Draft202012Validator(rooted).iter_errors(value)]


def test_every_route_has_one_row() -> None:
    """A new route is described in one of the documents, and a row that is left over is told."""
    rows = Counter(row.operation for subject in SUBJECTS for row in subject.rows)
    assert rows == Counter(list(OPERATIONS))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid(name: str) -> None:
    """It is OpenAPI 3.1, with every reference met and every example and default of its type."""
    assert [str(fault) for fault in OpenAPIV31SpecValidator(DOCUMENTS[name]).iter_errors()] == []


class Told:
    """Stands in the place of what routes call, and notes what they call it with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[tuple[str, Any, dict[str, Any]]] = []
        for module in {controller.__module__ for controller in CONTROLLERS}:
            for name in (
                "ask",
                "tell",
                "draw_up",
                "hand_in",
                "ask_in_passing",
                "ask_by_token",
                "follow",
            ):
                if hasattr(sys.modules[module], name):
                    monkeypatch.setattr(f"{module}.{name}", self._noting(name))

    def _noting(self, name: str) -> Any:
        async def note(_request: Any, *given: Any, **named: Any) -> Any:
            self.heard.append(("tell" if name == "draw_up" else name, given[-1], named))
            raise refused("not_supported")

        return note


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


def filled(operation: Operation) -> str:
    words = {"tenant_id": str(ACME), "slug": "acme", "context": "user"}
    return operation.path.format_map(_Ids(words))


class _Ids(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ID


def arguments(named: dict[str, Any]) -> dict[str, Any]:
    """What the route says of its message; ids of the path left out."""
    return {
        "reach": named.get("reach", Reach.TENANT),
        "within": named.get("within", ""),
        "unwraps": named.get("unwraps", False),
        "creates": named.get("creates", False),
        "locates": named.get("locates", False),
        "options": tuple(named.get("options", ())),
        "names": dict(named.get("names", {})),
        "hidden": tuple(named.get("hidden", ())),
        "waits": named.get("waits", False),
        "adds": named.get("adds") is not None,
        "csv": named.get("csv") is not None,
    }


def written(row: Row) -> dict[str, Any]:
    """The same, as the row has it."""
    return {
        "reach": row.reach,
        "within": row.within,
        "unwraps": row.unwraps,
        "creates": row.creates,
        "locates": row.locates,
        "options": tuple(row.options),
        "names": row.names,
        "hidden": tuple(row.hidden),
        "waits": row.waits,
        "adds": isinstance(row.answer, With),
        "csv": row.csv,
    }


@pytest.mark.parametrize("name", SENDING)
async def test_a_row_is_what_its_route_does(house: House, told: Told, name: str) -> None:
    """The same message, sent the same way, with the same arguments."""
    row, place = SENDING[name], OPERATIONS[name]
    await house.call(place.method.upper(), filled(place))
    ((way, message, named),) = told.heard
    assert (way, message) == (row.way, row.message)
    assert arguments(named) == written(row)


@pytest.mark.parametrize("name", SENDING)
def test_prefer_stands_where_it_is_heeded(name: str) -> None:
    """Nowhere else is it said that an outcome can be had later."""
    parameters = described(name)[0].get("parameters", ())
    shown = {"$ref": "#/components/parameters/Prefer"} in parameters
    assert shown is (SENDING[name].is_kept and not SENDING[name].waits)


async def test_a_calendar_is_another_message(house: House, told: Told) -> None:
    """A route that takes a calendar too sends the row's other message for it."""
    names = [name for name, row in ROWS.items() if row.calendar is not None]
    for name in names:
        place = OPERATIONS[name]
        headers = {"content-type": "text/calendar"}
        await house.call(place.method.upper(), filled(place), headers=headers)
    assert names
    assert [message for _, message, _ in told.heard] == [ROWS[name].calendar for name in names]


def named(row: Said) -> str:
    return f"{row.method} {row.path}".replace(ID, "ID").replace(str(ACME), "ACME")


def operation_of(row: Said) -> str:
    """The operation that a row of tests/gateway/routes.py calls."""
    found = operation_at(row.method, row.path.partition("?")[0])
    assert found is not None
    return found.id


@pytest.mark.parametrize("row", ROUTES, ids=named)
def test_a_row_has_the_message_on_the_stream(row: Said) -> None:
    """What test_routes.py hears on the stream is what the document describes."""
    found = ROWS[operation_of(row)]
    assert row.type in [one.type for one in (found.message, found.calendar) if one is not None]


@pytest.mark.parametrize("row", BODIES, ids=named)
def test_a_good_body_fits(row: Said) -> None:
    """What a route accepts its schema admits; and with an unknown field it does not."""
    operation, whole = described(operation_of(row))
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert faults_of(schema, row.body, whole) == []
    assert faults_of(schema, {**(row.body or {}), "surprise": {"1": 1}}, whole) != []


@pytest.mark.parametrize("name", ROWS)
def test_a_body_says_nothing_that_the_path_says(name: str) -> None:
    """Ids of the path and the version of If-Match are no fields."""
    operation, whole = described(name)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    taken = {one["name"] for one in operation.get("parameters", ()) if "name" in one}
    fields = set(resolved(body.get("schema", {}), whole).get("properties", ()))
    assert not fields & {*taken, "expected_version"}


def resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


@pytest.mark.parametrize("name", ROWS)
def test_each_code_has_its_status_and_an_example(name: str) -> None:
    """Every problem stands under its own status, with an example that fits the schema."""
    operation, whole = described(name)
    seen = set()
    for status, code, schema, example in problems_of(operation, whole):
        assert CODES[code][0] == int(status)
        assert faults_of(schema, example, whole) == []
        assert example["code"] == code
        seen.add(code)
    assert seen >= set(ROWS[name].codes)


def problems_of(operation: Any, whole: Any) -> Iterator[tuple[str, str, Any, Any]]:
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/problem+json", {})
        for code, example in content.get("examples", {}).items():
            shown = whole["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"]
            yield status, code, content["schema"], shown


def test_booking_operations_show_each_of_their_refusals() -> None:
    """Rules and conflicts of POST /reservations/bookings/ are all there, with what they carry."""
    operation, whole = described("booking_create")
    shown = {code: example for _, code, _, example in problems_of(operation, whole)}
    assert {"too_soon", "not_aligned", "outside_business_hours", "booking_conflict"} <= set(shown)
    assert shown["booking_conflict"]["conflicts"]
    assert shown["booking_conflict"]["next_available"]


@pytest.mark.parametrize("name", SENDING)
def test_permissions_are_told(name: str) -> None:
    """Who may do it stands in the description, and an open route asks for no sign-in."""
    operation, _ = described(name)
    row = SENDING[name]
    assert (operation["security"] == []) is row.is_open
    if not row.is_open and row.message is not None:
        for permission in row.message.permissions:
            assert f"`{permission}`" in operation["description"]


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_is_served_to_anybody(house: House, name: str) -> None:
    """Without sign-in, and 304 to whoever has it already."""
    answer = await house.client.get(f"/{name}/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENTS[name]
    etag = answer.headers["etag"]
    for known in (etag, f'W/{etag}, "another"', "*"):
        again = await house.client.get(f"/{name}/openapi.json", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert house.peer.heard == []


async def test_another_etag_gets_the_document(house: House) -> None:
    """What is known is not what is there: all of it is sent."""
    headers = {"if-none-match": '"another"'}
    answer = await house.client.get("/users/openapi.json", headers=headers)
    assert answer.status_code == 200


def test_the_version_is_the_projects() -> None:
    """Documents and project are released together."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert tomllib.loads(project.read_text("utf-8"))["project"]["version"] == VERSION
