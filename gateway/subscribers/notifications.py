"""`/reservations/bookings/{booking_id}/notifications`: what was said about a booking."""

from litestar import Controller, get
from litestar.params import FromPath

from contracts.subscriber.notifications import NotificationList
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask
from gateway.edge.visit import HttpRequest


class NotificationController(Controller):
    path = "/reservations/bookings/{booking_id:str}/notifications"
    tags = ("bookings",)

    @get(
        "/",
        operation_id="booking_notifications",
        summary="List what was said to people about a booking",
    )
    async def listing(self, request: HttpRequest, booking_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, NotificationList, booking_id=booking_id)
