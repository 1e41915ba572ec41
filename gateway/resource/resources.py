"""`/resources/`: people, equipment and spaces, and their exceptions by date."""

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath

from contracts.resource.calendar_tokens import (
    ResourceMintCalendarToken,
    ResourceRevokeCalendarToken,
    ResourceVerifyCalendarToken,
)
from contracts.resource.commands import (
    OverrideCreate,
    OverrideDelete,
    ResourceCreate,
    ResourceDelete,
    ResourceRestore,
    ResourceUpdate,
)
from contracts.resource.queries import OverrideList, ResourceGet, ResourceList
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.feeds import ask_by_token
from gateway.edge.visit import HttpRequest


class ResourceController(Controller):
    path = "/resources"
    tags = ("resources",)

    @post("/", operation_id="resource_create", summary="Create a resource")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, ResourceCreate, creates=True, locates=True)

    @get("/", operation_id="resource_list", summary="List resources")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, ResourceList)

    @get("/{resource_id:str}", operation_id="resource_get", summary="Read a resource")
    async def read(self, request: HttpRequest, resource_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, ResourceGet, resource_id=resource_id)

    @patch("/{resource_id:str}", operation_id="resource_update", summary="Change a resource")
    async def update(self, request: HttpRequest, resource_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, ResourceUpdate, resource_id=resource_id)

    @delete("/{resource_id:str}", operation_id="resource_delete", summary="Delete a resource")
    async def remove(self, request: HttpRequest, resource_id: FromPath[str]) -> NoContent:
        return await tell(
            request, ResourceDelete, options=("cancel_bookings",), resource_id=resource_id
        )

    @post(
        "/{resource_id:str}/restore",
        operation_id="resource_restore",
        summary="Restore a resource",
        status_code=200,
    )
    async def restore(self, request: HttpRequest, resource_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, ResourceRestore, resource_id=resource_id)

    @post(
        "/{resource_id:str}/calendar-token",
        operation_id="resource_mint_calendar_token",
        summary="Make the token of the calendar feed",
    )
    async def mint_calendar_token(
        self, request: HttpRequest, resource_id: FromPath[str]
    ) -> HttpAnswer:
        return await tell(request, ResourceMintCalendarToken, creates=True, resource_id=resource_id)

    @delete(
        "/{resource_id:str}/calendar-token",
        operation_id="resource_revoke_calendar_token",
        summary="Revoke the token of the calendar feed",
    )
    async def revoke_calendar_token(
        self, request: HttpRequest, resource_id: FromPath[str]
    ) -> NoContent:
        return await tell(request, ResourceRevokeCalendarToken, resource_id=resource_id)

    @get(
        "/{resource_id:str}/calendar.ics",
        operation_id="resource_calendar",
        summary="Read the calendar feed, by its token",
    )
    async def calendar(self, request: HttpRequest, resource_id: FromPath[str]) -> HttpAnswer:
        return await ask_by_token(request, ResourceVerifyCalendarToken, resource_id=resource_id)


class OverrideController(Controller):
    path = "/resources/{resource_id:str}/overrides"
    tags = ("resources",)

    @get("/", operation_id="override_list", summary="List exceptions by date")
    async def listing(self, request: HttpRequest, resource_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, OverrideList, resource_id=resource_id)

    @post("/", operation_id="override_create", summary="Make an exception for a date")
    async def create(self, request: HttpRequest, resource_id: FromPath[str]) -> HttpAnswer:
        return await tell(
            request, OverrideCreate, within="override", creates=True, resource_id=resource_id
        )

    @delete("/{override_id:str}", operation_id="override_delete", summary="Take one back")
    async def remove(
        self, request: HttpRequest, resource_id: FromPath[str], override_id: FromPath[str]
    ) -> NoContent:
        return await tell(request, OverrideDelete, resource_id=resource_id, override_id=override_id)
