"""`/.well-known/jwks.json`: the public keys that access tokens are verified with."""

from litestar import Controller, Response, get

from gateway.edge.answers import JSON, HttpAnswer
from gateway.edge.parts import parts_of
from gateway.edge.visit import HttpRequest


class KeyController(Controller):
    path = "/.well-known"
    tags = ("sign-in",)

    @get("/jwks.json", operation_id="jwks", summary="Read the public keys")
    async def keys(self, request: HttpRequest) -> HttpAnswer:
        return Response(parts_of(request).proofs.tokens.public_keys(), media_type=JSON)
