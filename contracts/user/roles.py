"""Roles of an organisation's own: commands, queries, and what is answered and told about them."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from contracts.wire.strict import Command, Id, Instant, Line, Page, Query, Strict

# Twenty of them stand in an access token, in whatever script they are written.
RoleName = Annotated[Line, StringConstraints(min_length=1, max_length=40)]
Permission = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Permissions = Annotated[tuple[Permission, ...], Field(max_length=100)]


class _RoleCommand(Command):
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("role:manage",)


class RoleCreate(_RoleCommand):
    """On the wire `grants` is `permissions`, which here says what this command itself takes."""

    type: ClassVar[str] = "role.create"

    id: Id | None = None
    name: RoleName
    grants: Permissions = Field(alias="permissions")


class RoleUpdate(_RoleCommand):
    type: ClassVar[str] = "role.update"

    role_id: Id
    name: RoleName | None = None
    grants: Permissions | None = Field(default=None, alias="permissions")


class RoleDelete(_RoleCommand):
    type: ClassVar[str] = "role.delete"

    role_id: Id


class RoleRestore(_RoleCommand):
    type: ClassVar[str] = "role.restore"

    role_id: Id


class RoleGet(Query):
    type: ClassVar[str] = "role.get"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:read",)

    role_id: Id


class RoleList(Page):
    """The built-in roles first, then the organisation's own by age."""

    type: ClassVar[str] = "user.roles"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:read",)

    include_deleted: bool = False


class RoleView(Strict):
    """A built-in role is the same in every organisation; its instants are null."""

    id: Id
    name: str
    permissions: tuple[str, ...]
    built_in: bool
    created_at: Instant | None
    updated_at: Instant | None
    deleted_at: Instant | None
    version: int


class RoleEventState(Strict):
    id: Id
    tenant_id: Id
    name: str
    permissions: tuple[str, ...]
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    version: int


COMMANDS: tuple[type[Command], ...] = (RoleCreate, RoleUpdate, RoleDelete, RoleRestore)
QUERIES: tuple[type[Query], ...] = (RoleGet, RoleList)
EVENTS: dict[str, type[Strict]] = {
    "role.created": RoleEventState,
    "role.updated": RoleEventState,
    "role.deleted": RoleEventState,
    "role.restored": RoleEventState,
}
