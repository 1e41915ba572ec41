"""`/resources/categories/`: what resources are sorted by."""

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath

from contracts.resource.commands import (
    CategoryCreate,
    CategoryDelete,
    CategoryRestore,
    CategoryUpdate,
)
from contracts.resource.queries import CategoryGet, CategoryList
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest


class CategoryController(Controller):
    path = "/resources/categories"
    tags = ("categories",)

    @post("/", operation_id="category_create", summary="Create a category")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, CategoryCreate, creates=True, locates=True)

    @get("/", operation_id="category_list", summary="List categories")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, CategoryList)

    @get("/{category_id:str}", operation_id="category_get", summary="Read a category")
    async def read(self, request: HttpRequest, category_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, CategoryGet, category_id=category_id)

    @patch("/{category_id:str}", operation_id="category_update", summary="Change a category")
    async def update(self, request: HttpRequest, category_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, CategoryUpdate, category_id=category_id)

    @delete("/{category_id:str}", operation_id="category_delete", summary="Delete a category")
    async def remove(self, request: HttpRequest, category_id: FromPath[str]) -> NoContent:
        return await tell(request, CategoryDelete, category_id=category_id)

    @post(
        "/{category_id:str}/restore",
        operation_id="category_restore",
        summary="Restore a category",
        status_code=200,
    )
    async def restore(self, request: HttpRequest, category_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, CategoryRestore, category_id=category_id)
