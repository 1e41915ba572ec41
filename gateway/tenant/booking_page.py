"""`/public/{slug}`: what a booking page shows before anybody has signed in."""

from typing import Any

from litestar import Controller, get
from litestar.params import FromPath

from contracts.catalogue import QUERIES
from gateway.edge.answers import HttpAnswer
from gateway.edge.booking_pages import BookingPage, ask_in_passing
from gateway.edge.visit import HttpRequest


class BookingPageController(Controller):
    path = "/public/{slug:str}"
    tags = ("public",)

    @get(operation_id="public_get", summary="Read what a booking page shows of a tenant")
    async def read(self, request: HttpRequest, slug: FromPath[str]) -> HttpAnswer:
        return await ask_in_passing(
            request,
            slug,
            QUERIES["category.list_public"],
            adds=_with_categories,
        )

    @get("/resources", operation_id="public_resources", summary="List what can be booked")
    async def resources(self, request: HttpRequest, slug: FromPath[str]) -> HttpAnswer:
        return await ask_in_passing(request, slug, QUERIES["resource.list_public"])

    @get(
        "/resources/{resource_id:str}/availability",
        operation_id="public_availability",
        summary="Read the free slots of a resource",
    )
    async def availability(
        self, request: HttpRequest, slug: FromPath[str], resource_id: FromPath[str]
    ) -> HttpAnswer:
        return await ask_in_passing(
            request,
            slug,
            QUERIES["availability.get"],
            # Which booking to leave out is for those who may see it.
            hidden=("exclude_booking_id",),
            resource_id=resource_id,
        )


def _with_categories(page: BookingPage, categories: Any) -> dict[str, Any]:
    return {**page.shown, "categories": categories["items"]}
