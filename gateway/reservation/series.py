"""`/reservations/series/`: recurring bookings."""

from typing import Any

import orjson
from litestar import Controller, get, patch, post
from litestar.params import FromPath

from contracts.reservation.series import (
    SeriesCancel,
    SeriesCreate,
    SeriesGet,
    SeriesPreview,
    SeriesRetrySkipped,
    SeriesUpdate,
)
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest


def with_occurrences(answer: HttpAnswer) -> HttpAnswer:
    """The same answer; each of a problem's `errors` says the occurrence that it is about, which
    the reply names in a list beside them, in the same order."""
    if answer.status_code is None or answer.status_code < 400:
        return answer
    problem: dict[str, Any] = orjson.loads(answer.content)
    starts = problem.pop("occurrences", None)
    if starts is not None:
        for error, start in zip(problem.get("errors", ()), starts, strict=False):
            error["occurrence"] = start
        answer.content = orjson.dumps(problem)
    return answer


class SeriesController(Controller):
    path = "/reservations/series"
    tags = ("series",)

    @post("/", operation_id="series_create", summary="Book every occurrence of a pattern")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return with_occurrences(await tell(request, SeriesCreate, creates=True, locates=True))

    @post(
        "/preview",
        operation_id="series_preview",
        summary="Say of every occurrence whether it can be had",
        status_code=200,
    )
    async def preview(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, SeriesPreview)

    @get("/{series_id:str}", operation_id="series_get", summary="Read a series")
    async def read(self, request: HttpRequest, series_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, SeriesGet, series_id=series_id)

    @patch("/{series_id:str}", operation_id="series_update", summary="Move or edit a series")
    async def update(self, request: HttpRequest, series_id: FromPath[str]) -> HttpAnswer:
        return with_occurrences(await tell(request, SeriesUpdate, series_id=series_id))

    @post(
        "/{series_id:str}/cancel",
        operation_id="series_cancel",
        summary="Cancel bookings of a series",
        status_code=200,
    )
    async def cancel(self, request: HttpRequest, series_id: FromPath[str]) -> HttpAnswer:
        return with_occurrences(await tell(request, SeriesCancel, series_id=series_id))

    @post(
        "/{series_id:str}/retry-skipped",
        operation_id="series_retry_skipped",
        summary="Try the skipped occurrences again",
        status_code=200,
    )
    async def retry_skipped(self, request: HttpRequest, series_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, SeriesRetrySkipped, series_id=series_id)
