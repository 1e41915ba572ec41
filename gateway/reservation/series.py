"""`/reservations/series/`: recurring bookings."""

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


class SeriesController(Controller):
    path = "/reservations/series"
    tags = ("series",)

    @post("/", operation_id="series_create", summary="Book every occurrence of a pattern")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, SeriesCreate, creates=True, locates=True)

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
        return await tell(request, SeriesUpdate, series_id=series_id)

    @post(
        "/{series_id:str}/cancel",
        operation_id="series_cancel",
        summary="Cancel bookings of a series",
        status_code=200,
    )
    async def cancel(self, request: HttpRequest, series_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, SeriesCancel, series_id=series_id)

    @post(
        "/{series_id:str}/retry-skipped",
        operation_id="series_retry_skipped",
        summary="Try the skipped occurrences again",
        status_code=200,
    )
    async def retry_skipped(self, request: HttpRequest, series_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, SeriesRetrySkipped, series_id=series_id)
