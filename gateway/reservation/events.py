"""`/reservations/events`: what happens, as it happens."""

from litestar import Controller, get

from contracts.reservation.queries import BookingFollow
from gateway.edge.answers import HttpAnswer
from gateway.edge.live.answering import follow
from gateway.edge.visit import HttpRequest


class EventController(Controller):
    path = "/reservations/events"
    tags = ("events",)

    @get(operation_id="event_follow", summary="Follow what happens, as Server-Sent Events")
    async def follow(self, request: HttpRequest) -> HttpAnswer:
        return await follow(request, BookingFollow)
