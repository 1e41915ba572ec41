"""`/reservations/waitlist/`: waiting for a place."""

from litestar import Controller, delete, get, post
from litestar.params import FromPath

from contracts.reservation.waitlist import WaitlistGet, WaitlistJoin, WaitlistLeave, WaitlistList
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest


class WaitlistController(Controller):
    path = "/reservations/waitlist"
    tags = ("waitlist",)

    @post("/", operation_id="waitlist_join", summary="Wait for a place")
    async def join(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, WaitlistJoin, creates=True, locates=True)

    @get("/", operation_id="waitlist_list", summary="List who waits, first come first")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, WaitlistList)

    @get("/{entry_id:str}", operation_id="waitlist_get", summary="Read an entry of the waitlist")
    async def read(self, request: HttpRequest, entry_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, WaitlistGet, entry_id=entry_id)

    @delete("/{entry_id:str}", operation_id="waitlist_leave", summary="Wait no longer")
    async def leave(self, request: HttpRequest, entry_id: FromPath[str]) -> NoContent:
        return await tell(request, WaitlistLeave, entry_id=entry_id)
