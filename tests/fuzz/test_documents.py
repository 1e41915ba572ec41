"""Thousands of requests, right and wrong, and no answer but those that the documents have."""

import os
from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from tests.documented import closed
from tests.e2e.house import Person
from tests.fuzz.drawn import Drawn, drawn, name_of, right_ones, sent
from tests.fuzz.tally import Tally
from tests.fuzz.world import World
from tests.installation import Installation

SUBJECTS = {
    "tenants": "tenant",
    "resources": "resource",
    "users": "user",
    "reservations": "reservation",
}
# To all documents together; `make fuzz` asks for more. Each of the operations, of which there are
# about so many, has its share.
CASES = int(os.environ.get("FUZZ_CASES", "1000"))
OPERATIONS = 92
EACH = ceil(CASES / OPERATIONS)
# So many more that are right, where none of the others was.
INSISTING = 60
# What nothing that is drawn can succeed at, and why.
NEVER = {
    "auth_change_password": "it takes a password, and would end the sessions of whoever has it",
    "auth_change_email": "it takes a password",
    "auth_confirm_email": "its code comes by mail",
    "auth_reset_password": "its code comes by mail",
    "auth_confirm_registration": "its code comes by mail",
}
# What is answered without an end: tests/e2e/test_events_reservation.py reads it.
LASTING = ("event_follow",)


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(subject, marks=getattr(pytest.mark, context))
        for subject, context in SUBJECTS.items()
    ],
)
def test_every_answer_is_documented(
    installation: Installation, platform: Person, session: requests.Session, subject: str
) -> None:
    """Whatever is asked, the answer has a documented status, type, schema and headers, and is no
    5xx; every operation succeeds now and then, and a good part of what is asked."""
    served = Person(installation.base_url).get(f"/{subject}/openapi.json")
    operations = operations_of(closed(served.json()))
    world, tally, failures = World.of(installation, platform), Tally(), []
    for operation in operations:
        try:
            ask_about(operation, world, tally, session)
        except (AssertionError, FailureGroup) as failure:
            failures.append(failure)
    if failures:
        raise BaseExceptionGroup(f"answers that /{subject}/openapi.json does not have", failures)
    assert tally.cases >= EACH * len(operations), f"\n{tally}"
    names = {name_of(operation) for operation in operations}
    assert {name for name in names if not tally.successes_of(name)} <= set(NEVER), f"\n{tally}"
    assert tally.successes >= tally.cases / 3, f"\n{tally}"


def operations_of(document: dict[str, Any]) -> list[Any]:
    """The operations of a document, for Schemathesis."""
    schema = schemathesis.openapi.from_dict(document)
    # Callers have tokens that are good; what is wrong with tokens has tests of its own.
    schema.config.generation.with_security_parameters = False
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return [operation for operation in found if name_of(operation) not in LASTING]


def ask_about(operation: Any, world: World, tally: Tally, session: requests.Session) -> None:
    """Draws requests to one operation, and sends them."""
    name = name_of(operation)
    world.sign_in_again_when_due()

    def ask(found: Drawn) -> None:
        answer = sent(found, operation, world, session)
        tally.note(name, answer)
        if answer.status_code in (200, 201, 204):
            about = found.case.path_parameters or {}
            is_json = answer.headers.get("content-type", [""])[0] == "application/json"
            world.learn(name, about, answer.json() if answer.content and is_json else None)

    drawing = settings(
        max_examples=EACH,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    drawing(given(found=drawn(operation))(ask))()
    if not tally.successes_of(name) and name not in NEVER:
        insisting = settings(drawing, max_examples=INSISTING, phases=[Phase.generate])
        insisting(given(found=right_ones(operation))(ask))()
