"""Requests as they are drawn from a document, and what every answer to them has to be."""

from dataclasses import dataclass
from random import Random
from typing import Any

import requests
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.fitting import CALENDAR, Fitting
from tests.fuzz.world import PLATFORM_ONLY, World

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CALLERS = ("owner", "owner", "owner", "customer", "platform", "nobody")
# For what is the platform's alone.
FOR_PLATFORM = ("platform", "platform", "platform", "owner", "nobody")
# How much of a request is made to fit, see Fitting; 0: it is sent as it was drawn.
ALL, NONE = 1.0, 0.0
SOME = (0.5, 0.85, ALL)
GARBAGE = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"{",
    b"[]",
    b"null",
    b'"a"',
    b'{"a":1,"a":2}',
    b'{"name":"\\ud800"}',
    b'{"name":"\\u0000"}',
    b'{"a":1e999}',
    b'{"a":' + b"[" * 5_000,
    CALENDAR.encode(),
    b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:99999999T999999Z\r\nEND:VEVENT\r\n",
)
NO_GARBAGE: st.SearchStrategy[bytes | None] = st.none()
MEDIA_TYPES = ("application/json", "application/merge-patch+json", "text/calendar", "text/plain")


@dataclass(frozen=True)
class Drawn:
    """A case of Schemathesis; `seed` decides which part of it is made to fit. With `garbage` that
    is its body instead, as `media_type`."""

    case: Any
    caller: str
    seed: int
    often: float
    garbage: bytes | None
    media_type: str


def name_of(operation: Any) -> str:
    name: str = operation.definition.raw["operationId"]
    return name


def drawn(operation: Any) -> st.SearchStrategy[Drawn]:
    """Requests to an operation: as documented more often than not, and otherwise wrong."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    callers = FOR_PLATFORM if name_of(operation) in PLATFORM_ONLY else CALLERS
    kinds = [
        _some(right, callers, SOME),
        _some(right, callers, SOME),
        _some(wrong, callers, SOME),
        _some(wrong, callers, (NONE,)),
    ]
    if operation.method.upper() != "GET":
        garbage: st.SearchStrategy[bytes | None] = st.one_of(
            st.sampled_from(GARBAGE), st.binary(max_size=200)
        )
        kinds.append(_some(right, callers, (ALL,), garbage))
    return st.one_of(kinds)


def right_ones(operation: Any) -> st.SearchStrategy[Drawn]:
    """Requests that are as right as can be, from somebody who may."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    caller = "platform" if name_of(operation) in PLATFORM_ONLY else "owner"
    return _some(right, (caller,), (ALL,))


def _some(
    case: st.SearchStrategy[Any],
    callers: tuple[str, ...],
    often: tuple[float, ...],
    garbage: st.SearchStrategy[bytes | None] = NO_GARBAGE,
) -> st.SearchStrategy[Drawn]:
    return st.builds(
        Drawn,
        case,
        st.sampled_from(callers),
        st.integers(0, 2**32),
        st.sampled_from(often),
        garbage,
        st.sampled_from(MEDIA_TYPES),
    )


def sent(found: Drawn, operation: Any, world: World, session: requests.Session) -> Response:
    """The answer, which is what the document says."""
    case = found.case
    if found.often:
        _fit(found, name_of(operation), world)
    who = world.callers[found.caller]
    case.headers = {**(case.headers or {}), **who.authorization}
    if found.caller == "platform" and "tenant_id" not in (case.path_parameters or {}):
        case.headers.setdefault("X-Tenant-ID", world.house.id)
    answer = _sent(found, world.house.base_url, session)
    case.validate_response(answer, checks=CHECKS)
    check_problem(answer)
    return answer


def _fit(found: Drawn, operation: str, world: World) -> None:
    case = found.case
    fitting = Fitting(world, operation, found.caller, found.often, Random(found.seed))
    case.path_parameters = fitting.path(case.path_parameters or {})
    case.query = fitting.query(case.query or {})
    case.headers = fitting.headers(dict(case.headers or {}))
    fit = fitting.calendar if case.media_type == "text/calendar" else fitting.body
    case.body = fit(case.body)


def _sent(found: Drawn, base_url: str, session: requests.Session) -> Response:
    if found.garbage is None:
        answer: Response = found.case.call(base_url=base_url, session=session)
        return answer
    request = found.case.as_transport_kwargs(base_url=base_url)
    request.pop("json", None)
    headers = {**request["headers"], "Content-Type": found.media_type}
    whole = {**request, "data": found.garbage, "headers": headers}
    return Response.from_any(session.request(**whole))


def check_problem(answer: Response) -> None:
    """What is no success is a problem that can be traced."""
    if answer.status_code < 400:
        return
    problem = answer.json()
    assert answer.headers["content-type"] == ["application/problem+json"]
    assert problem["status"] == answer.status_code
    assert problem["trace_id"]
