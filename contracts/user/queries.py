"""Queries of the user context."""

from typing import ClassVar

from contracts.wire.strict import Id, Line, Page, Query


class UserGet(Query):
    type: ClassVar[str] = "user.get"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:read:any", "user:read:own")

    user_id: Id


class UserList(Page):
    type: ClassVar[str] = "user.list"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:read:any",)
    secret_fields: ClassVar[tuple[str, ...]] = ("q",)

    q: Line | None = None
    role: Line | None = None
    active: bool | None = None
    include_deleted: bool = False


class PermissionList(Query):
    type: ClassVar[str] = "user.permissions"
    context: ClassVar[str] = "user"


class AuthMe(Query):
    """The caller, as the user context knows them now."""

    type: ClassVar[str] = "auth.me"
    context: ClassVar[str] = "user"


QUERIES: tuple[type[Query], ...] = (UserGet, UserList, PermissionList, AuthMe)
