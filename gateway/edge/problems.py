"""Problems as answers: every refusal, and every mishap, leaves as `application/problem+json`.

Refused          raised where a request is refused; carries the problem and the headers
HTTPException    Litestar's own refusals: no such path, no such method
Exception        nobody foresaw it: logged with its traceback, answered without any of it
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from contracts.wire.problems import CODES, FieldError, Problem
from gateway.edge.visit import HttpRequest, Visit, visit_of
from journal.notes import note

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"
CHALLENGE = 'Bearer realm="slotstream"'
_CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class Refused(Exception):
    """The request is refused, for what the problem says."""

    def __init__(
        self, problem: Problem, headers: Mapping[str, str] | None = None, limits: Iterable[str] = ()
    ) -> None:
        super().__init__(problem.code)
        self.problem = problem
        # The names of those that were reached, where it is refused for that.
        self.limits = tuple(limits)
        self.headers = dict(headers or {})


def refused(code: str, detail: str = "", **headers: str) -> Refused:
    """A refusal with nothing but a code and a sentence; header names are spelled with `_`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refused(Problem(code=code, detail=detail), named)


def refused_field(code: str, field: str, message: str) -> Refused:
    """A refusal for one field; a code of its own, or `validation_failed`."""
    shown = field[:100]
    errors = (FieldError(field=shown, code=code, message=message),)
    leading = code if code in CODES else "validation_failed"
    return Refused(Problem(code=leading, detail=f"{shown}: {message}", errors=errors))


def problem_headers(problem: Problem) -> dict[str, str]:
    """The headers that a problem needs whoever says it."""
    if problem.status == 401:
        return {"www-authenticate": CHALLENGE}
    if problem.status in (429, 503):
        return {"retry-after": str(problem.extra.get("retry_after", RETRY_AFTER_SECONDS))}
    return {}


def problem_bytes(problem: Problem, visit: Visit, trace_id: str = "") -> bytes:
    visit.codes.append(problem.code)
    document = problem.document(
        instance=visit.instance,
        trace_id=trace_id or visit.trace_id,
        language=preferred_language(visit.header(b"accept-language")),
    )
    return orjson.dumps(document)


def problem_answer(
    problem: Problem,
    visit: Visit,
    headers: Mapping[str, str] | None = None,
    trace_id: str = "",
) -> Response[bytes]:
    """The answer that says the problem; `trace_id` is that of its first delivery, if not ours."""
    return Response(
        problem_bytes(problem, visit, trace_id),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**problem_headers(problem), **(headers or {})},
    )


def preferred_language(accept: str) -> str:
    """The first tag of the highest weight in Accept-Language (RFC 9110 §12.5.4), or English."""
    best, weight = "en", 0.0
    for part in accept.split(","):
        tag, _, parameter = part.partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if tag.strip() and quality > weight:
            best, weight = tag.strip(), quality
    return best


def allow(methods: Iterable[str]) -> str:
    """The Allow header of a path: where there is GET there is HEAD."""
    named = set(methods)
    return ", ".join(sorted(named | ({"HEAD"} if "GET" in named else set())))


def _answer_refused(request: HttpRequest, refusal: Refused) -> Response[bytes]:
    visit = visit_of(request)
    visit.limits.extend(refusal.limits)
    return problem_answer(refusal.problem, visit, refusal.headers)


def _answer_http(request: HttpRequest, failure: HTTPException) -> Response[bytes]:
    status = failure.status_code
    if status >= 500:
        return _answer_unforeseen(request, failure)
    headers: dict[str, str] = {}
    allowed = (failure.headers or {}).get("allow", "")
    if allowed:
        headers["allow"] = allow(allowed.split(", "))
    code = _CODE_OF_STATUS.get(status, "validation_failed")
    return problem_answer(Problem(code=code), visit_of(request), headers)


def _answer_unforeseen(request: HttpRequest, failure: Exception) -> Response[bytes]:
    visit = visit_of(request)
    note(
        logging.ERROR,
        "a request failed in a way that nobody foresaw",
        trouble=failure,
        path=visit.instance,
    )
    return problem_answer(Problem(code="internal_error"), visit)


def exception_handlers() -> ExceptionHandlersMap:
    """Every exception that can leave a route, and who answers it."""
    handlers: dict[Any, Any] = {
        Refused: _answer_refused,
        HTTPException: _answer_http,
        Exception: _answer_unforeseen,
    }
    return handlers
