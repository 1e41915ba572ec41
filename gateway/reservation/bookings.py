"""`/reservations/bookings/`: taking places, moving them, giving them back."""

from litestar import Controller, get, patch, post
from litestar.params import FromPath

from contracts.reservation.commands import (
    BookingCancel,
    BookingChangeStatus,
    BookingCreate,
    BookingCreateBatch,
    BookingExtendHold,
    BookingUpdate,
)
from contracts.reservation.queries import BookingGet, BookingHistory, BookingList
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest


class BookingController(Controller):
    path = "/reservations/bookings"
    tags = ("bookings",)

    @post("/", operation_id="booking_create", summary="Book")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, BookingCreate, creates=True, locates=True)

    @post(
        "/batch",
        operation_id="booking_create_batch",
        summary="Make up to a hundred bookings, each for itself or all or none",
        status_code=200,
    )
    async def create_batch(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, BookingCreateBatch, creates=True)

    @get("/", operation_id="booking_list", summary="List bookings")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, BookingList)

    @get("/{booking_id:str}", operation_id="booking_get", summary="Read a booking")
    async def read(self, request: HttpRequest, booking_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, BookingGet, booking_id=booking_id)

    @patch("/{booking_id:str}", operation_id="booking_update", summary="Move or edit a booking")
    async def update(self, request: HttpRequest, booking_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, BookingUpdate, booking_id=booking_id)

    @post(
        "/{booking_id:str}/cancel",
        operation_id="booking_cancel",
        summary="Cancel a booking",
        status_code=200,
    )
    async def cancel(self, request: HttpRequest, booking_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, BookingCancel, booking_id=booking_id)

    @post(
        "/{booking_id:str}/status",
        operation_id="booking_change_status",
        summary="Change a booking's status",
        status_code=200,
    )
    async def change_status(self, request: HttpRequest, booking_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, BookingChangeStatus, booking_id=booking_id)

    @post(
        "/{booking_id:str}/extend-hold",
        operation_id="booking_extend_hold",
        summary="Give a hold more time",
        status_code=200,
    )
    async def extend_hold(self, request: HttpRequest, booking_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, BookingExtendHold, booking_id=booking_id)

    @get(
        "/{booking_id:str}/history",
        operation_id="booking_history",
        summary="Read every change of a booking",
    )
    async def history(self, request: HttpRequest, booking_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, BookingHistory, booking_id=booking_id)
