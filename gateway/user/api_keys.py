"""`/auth/api-keys/`: keys of machines. A key is shown once, in the answer to its creation."""

from litestar import Controller, delete, get, post
from litestar.params import FromPath

from contracts.user.api_keys import ApiKeyCreate, ApiKeyDelete, ApiKeyList
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest


class ApiKeyController(Controller):
    path = "/auth/api-keys"
    tags = ("sign-in",)

    @post("/", operation_id="apikey_create", summary="Create an API key")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, ApiKeyCreate, creates=True)

    @get("/", operation_id="apikey_list", summary="List API keys")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, ApiKeyList)

    @delete("/{apikey_id:str}", operation_id="apikey_delete", summary="Revoke an API key")
    async def remove(self, request: HttpRequest, apikey_id: FromPath[str]) -> NoContent:
        return await tell(request, ApiKeyDelete, apikey_id=apikey_id)
