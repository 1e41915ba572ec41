"""`/tenants/openapi.json` and the other three: served to anybody, built once in a process."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property

import orjson
from litestar import Controller, get

from gateway.edge.answers import JSON, HttpAnswer
from gateway.edge.openapi.documents import Operation, Subject, document
from gateway.edge.unchanging import Unchanging, unchanging_answer
from gateway.edge.visit import HttpRequest


class Documents:
    """The documents of an application, by subject; written when the first of them is asked for."""

    def __init__(self, subjects: Sequence[Subject], operations: Mapping[str, Operation]) -> None:
        self._subjects = subjects
        self._operations = operations

    @cached_property
    def written(self) -> Mapping[str, Unchanging]:
        return {one.name: self._write(one) for one in self._subjects}

    def _write(self, subject: Subject) -> Unchanging:
        return Unchanging.of(orjson.dumps(document(subject, self._operations)), JSON)


class DocumentController(Controller):
    tags = ("documents",)

    @get("/tenants/openapi.json", operation_id="tenants_openapi", summary="Read this document")
    async def tenants(self, request: HttpRequest) -> HttpAnswer:
        return await _served(request, "tenants")

    @get("/resources/openapi.json", operation_id="resources_openapi", summary="Read this document")
    async def resources(self, request: HttpRequest) -> HttpAnswer:
        return await _served(request, "resources")

    @get("/users/openapi.json", operation_id="users_openapi", summary="Read this document")
    async def users(self, request: HttpRequest) -> HttpAnswer:
        return await _served(request, "users")

    @get(
        "/reservations/openapi.json",
        operation_id="reservations_openapi",
        summary="Read this document",
    )
    async def reservations(self, request: HttpRequest) -> HttpAnswer:
        return await _served(request, "reservations")


async def _served(request: HttpRequest, subject: str) -> HttpAnswer:
    documents: Documents = request.app.state.documents
    # Written apart: it takes a part of a second, in which others have their turn.
    found = (await asyncio.to_thread(lambda: documents.written))[subject]
    return unchanging_answer(request, found)
