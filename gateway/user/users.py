"""`/users/`: people of a tenant, and what they may do."""

from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath

from contracts.user.calendar_tokens import (
    UserMintCalendarToken,
    UserRevokeCalendarToken,
    UserVerifyCalendarToken,
)
from contracts.user.commands import UserCreate, UserDelete, UserRestore, UserUpdate
from contracts.user.personal_data import UserErase, UserExport
from contracts.user.preferences import UserGetPreferences, UserSetPreferences
from contracts.user.queries import PermissionList, UserGet, UserList
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.feeds import ask_by_token
from gateway.edge.sign_in import Reach
from gateway.edge.visit import HttpRequest


class UserController(Controller):
    path = "/users"
    tags = ("users",)

    @get("/permissions", operation_id="permission_list", summary="List all permissions")
    async def permissions(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, PermissionList, reach=Reach.NAMED)

    @post("/", operation_id="user_create", summary="Create a user")
    async def create(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, UserCreate, creates=True, locates=True)

    @get("/", operation_id="user_list", summary="List users")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, UserList)

    @get("/{user_id:str}", operation_id="user_get", summary="Read a user")
    async def read(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, UserGet, user_id=user_id)

    @patch("/{user_id:str}", operation_id="user_update", summary="Change a user")
    async def update(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, UserUpdate, user_id=user_id)

    @delete("/{user_id:str}", operation_id="user_delete", summary="Delete a user")
    async def remove(self, request: HttpRequest, user_id: FromPath[str]) -> NoContent:
        return await tell(request, UserDelete, user_id=user_id)

    @post(
        "/{user_id:str}/restore",
        operation_id="user_restore",
        summary="Restore a user",
        status_code=200,
    )
    async def restore(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, UserRestore, user_id=user_id)

    @get(
        "/{user_id:str}/export",
        operation_id="user_export",
        summary="Give out everything that is held about a person",
    )
    async def export(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, UserExport, user_id=user_id)

    @post(
        "/{user_id:str}/erase",
        operation_id="user_erase",
        summary="Erase a person for good; what they booked stays booked",
        status_code=200,
    )
    async def erase(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, UserErase, user_id=user_id)

    @get(
        "/{user_id:str}/notification-preferences",
        operation_id="user_preferences",
        summary="Read what a user wants to be told",
    )
    async def preferences(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, UserGetPreferences, user_id=user_id)

    @put(
        "/{user_id:str}/notification-preferences",
        operation_id="user_set_preferences",
        summary="Say what a user wants to be told",
    )
    async def set_preferences(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, UserSetPreferences, user_id=user_id)

    @post(
        "/{user_id:str}/calendar-token",
        operation_id="user_mint_calendar_token",
        summary="Make the token of the calendar feed",
    )
    async def mint_calendar_token(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await tell(request, UserMintCalendarToken, creates=True, user_id=user_id)

    @delete(
        "/{user_id:str}/calendar-token",
        operation_id="user_revoke_calendar_token",
        summary="Revoke the token of the calendar feed",
    )
    async def revoke_calendar_token(
        self, request: HttpRequest, user_id: FromPath[str]
    ) -> NoContent:
        return await tell(request, UserRevokeCalendarToken, user_id=user_id)

    @get(
        "/{user_id:str}/calendar.ics",
        operation_id="user_calendar",
        summary="Read the calendar feed, by its token",
    )
    async def calendar(self, request: HttpRequest, user_id: FromPath[str]) -> HttpAnswer:
        return await ask_by_token(request, UserVerifyCalendarToken, user_id=user_id)
