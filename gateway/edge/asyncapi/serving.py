"""`/asyncapi.json`: served to anybody, built once in a process."""

import asyncio
from functools import cached_property

import orjson
from litestar import Controller, get

from gateway.edge.answers import JSON, HttpAnswer
from gateway.edge.asyncapi.documents import asyncapi
from gateway.edge.asyncapi.headers import Schema
from gateway.edge.unchanging import Unchanging, unchanging_answer
from gateway.edge.visit import HttpRequest


class Messages:
    """The document, made when it is first asked for."""

    @cached_property
    def document(self) -> Schema:
        return asyncapi()

    @cached_property
    def written(self) -> Unchanging:
        return Unchanging.of(orjson.dumps(self.document), JSON)


class AsyncApiController(Controller):
    tags = ("documents",)

    @get("/asyncapi.json", operation_id="asyncapi", summary="Read the AsyncAPI document")
    async def whole(self, request: HttpRequest) -> HttpAnswer:
        messages: Messages = request.app.state.messages
        # Written apart: it takes a part of a second, in which others have their turn.
        found = await asyncio.to_thread(lambda: messages.written)
        return unchanging_answer(request, found)
