"""`/resources/{resource_id}/availability`: free slots, which the reservation context knows."""

from litestar import Controller, get
from litestar.params import FromPath

from contracts.reservation.queries import AvailabilityGet, AvailabilitySearch
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask
from gateway.edge.visit import HttpRequest


class AvailabilitySearchController(Controller):
    path = "/resources/availability"
    tags = ("availability",)

    @get(operation_id="availability_search", summary="Find which resources are free when")
    async def search(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, AvailabilitySearch)


class AvailabilityController(Controller):
    path = "/resources/{resource_id:str}/availability"
    tags = ("availability",)

    @get(operation_id="availability_get", summary="Read the free slots of a day or a range")
    async def read(self, request: HttpRequest, resource_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, AvailabilityGet, resource_id=resource_id)
