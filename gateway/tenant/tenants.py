"""`/tenants/`: organisations."""

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath

from contracts.tenant.commands import (
    TenantCreate,
    TenantDelete,
    TenantRestore,
    TenantResume,
    TenantSuspend,
    TenantUpdate,
)
from contracts.tenant.queries import TenantGet, TenantList
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.sign_in import Reach
from gateway.edge.visit import HttpRequest


class TenantController(Controller):
    path = "/tenants"
    tags = ("tenants",)

    @post("/", operation_id="tenant_create", summary="Create a tenant with its owner")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, TenantCreate, reach=Reach.PLATFORM, creates=True, locates=True)

    @get("/", operation_id="tenant_list", summary="List tenants")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, TenantList, reach=Reach.PLATFORM)

    @get("/{tenant_id:str}", operation_id="tenant_get", summary="Read a tenant")
    async def read(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, TenantGet, tenant_id=tenant_id)

    @patch("/{tenant_id:str}", operation_id="tenant_update", summary="Change a tenant")
    async def update(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, TenantUpdate, tenant_id=tenant_id)

    @delete("/{tenant_id:str}", operation_id="tenant_delete", summary="Delete a tenant")
    async def remove(self, request: HttpRequest, tenant_id: FromPath[str]) -> NoContent:
        return await tell(request, TenantDelete, tenant_id=tenant_id)

    @post(
        "/{tenant_id:str}/restore",
        operation_id="tenant_restore",
        summary="Restore a tenant",
        status_code=200,
    )
    async def restore(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, TenantRestore, tenant_id=tenant_id)

    @post(
        "/{tenant_id:str}/suspend",
        operation_id="tenant_suspend",
        summary="Stop sign-in and changes",
        status_code=200,
    )
    async def suspend(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, TenantSuspend, tenant_id=tenant_id)

    @post(
        "/{tenant_id:str}/resume",
        operation_id="tenant_resume",
        summary="Let a suspended tenant go on",
        status_code=200,
    )
    async def resume(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, TenantResume, tenant_id=tenant_id)
