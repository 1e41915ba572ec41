"""What a tenant decides about itself: settings, labels, branding, closures."""

from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath

from contracts.tenant.commands import (
    BrandingSet,
    ClosureCreate,
    ClosureDelete,
    ClosureImport,
    LabelsSet,
    SettingsUpdate,
)
from contracts.tenant.queries import BrandingGet, ClosureList, LabelsGet, SettingsGet
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.guard import sends_calendar
from gateway.edge.visit import HttpRequest, visit_of


class SettingsController(Controller):
    path = "/tenants/{tenant_id:str}/settings"
    tags = ("settings",)

    @get(operation_id="settings_get", summary="Read the settings")
    async def read(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, SettingsGet, tenant_id=tenant_id)

    @patch(operation_id="settings_update", summary="Change settings by a merge patch")
    async def update(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, SettingsUpdate, within="patch", tenant_id=tenant_id)


class LabelsController(Controller):
    path = "/tenants/{tenant_id:str}/labels"
    tags = ("settings",)

    @get(operation_id="labels_get", summary="Read the custom labels")
    async def read(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, LabelsGet, tenant_id=tenant_id)

    @put(operation_id="labels_set", summary="Set the custom labels")
    async def replace(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, LabelsSet, within="labels", unwraps=True, tenant_id=tenant_id)


class BrandingController(Controller):
    path = "/tenants/{tenant_id:str}/branding"
    tags = ("settings",)

    @get(operation_id="branding_get", summary="Read the branding")
    async def read(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, BrandingGet, tenant_id=tenant_id)

    @put(operation_id="branding_set", summary="Set the branding")
    async def replace(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, BrandingSet, within="branding", tenant_id=tenant_id)


class ClosureController(Controller):
    path = "/tenants/{tenant_id:str}/closures"
    tags = ("settings",)

    @get("/", operation_id="closure_list", summary="List closures")
    async def listing(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, ClosureList, tenant_id=tenant_id)

    @post("/", operation_id="closure_create", summary="Close for a time, or import a calendar")
    async def create(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        if sends_calendar(visit_of(request)):
            return await tell(
                request, ClosureImport, within="calendar", creates=True, tenant_id=tenant_id
            )
        return await tell(
            request, ClosureCreate, within="closure", creates=True, tenant_id=tenant_id
        )

    @delete("/{closure_id:str}", operation_id="closure_delete", summary="Take a closure back")
    async def remove(
        self, request: HttpRequest, tenant_id: FromPath[str], closure_id: FromPath[str]
    ) -> NoContent:
        return await tell(request, ClosureDelete, tenant_id=tenant_id, closure_id=closure_id)
