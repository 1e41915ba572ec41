"""`/users/roles/`: what users can be, the built-in roles and the organisation's own."""

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath

from contracts.user.roles import (
    RoleCreate,
    RoleDelete,
    RoleGet,
    RoleList,
    RoleRestore,
    RoleUpdate,
)
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest


class RoleController(Controller):
    path = "/users/roles"
    tags = ("roles",)

    @post("/", operation_id="role_create", summary="Create a role")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, RoleCreate, creates=True, locates=True)

    @get("/", operation_id="role_list", summary="List roles")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, RoleList)

    @get("/{role_id:str}", operation_id="role_get", summary="Read a role")
    async def read(self, request: HttpRequest, role_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, RoleGet, role_id=role_id)

    @patch("/{role_id:str}", operation_id="role_update", summary="Change a role")
    async def update(self, request: HttpRequest, role_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, RoleUpdate, role_id=role_id)

    @delete("/{role_id:str}", operation_id="role_delete", summary="Delete a role nobody holds")
    async def remove(self, request: HttpRequest, role_id: FromPath[str]) -> NoContent:
        return await tell(request, RoleDelete, role_id=role_id)

    @post(
        "/{role_id:str}/restore",
        operation_id="role_restore",
        summary="Restore a role",
        status_code=200,
    )
    async def restore(self, request: HttpRequest, role_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, RoleRestore, role_id=role_id)
