"""Commands of the user context, sign-in among them."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from contracts.wire.strict import Command, Document, Id, Line, Name, Zone

Email = Annotated[Line, StringConstraints(min_length=3)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
Roles = Annotated[tuple[Name, ...], Field(max_length=20)]


class _UserCommand(Command):
    context: ClassVar[str] = "user"


class UserCreate(_UserCommand):
    type: ClassVar[str] = "user.create"
    permissions: ClassVar[tuple[str, ...]] = ("user:create",)
    secret_fields: ClassVar[tuple[str, ...]] = (
        "password",
        "email",
        "name",
        "phone",
        "locale",
        "timezone",
        "attributes",
    )

    id: Id | None = None
    email: Email
    name: Name
    password: Password | None = None
    phone: Line | None = None
    locale: Locale | None = None
    timezone: Zone | None = None
    roles: Roles = ("customer",)
    attributes: Document = {}
    active: bool = True


class UserUpdate(_UserCommand):
    type: ClassVar[str] = "user.update"
    permissions: ClassVar[tuple[str, ...]] = ("user:update:any", "user:update:own")
    secret_fields: ClassVar[tuple[str, ...]] = (
        "email",
        "name",
        "phone",
        "locale",
        "timezone",
        "attributes",
    )

    user_id: Id
    email: Email | None = None
    name: Name | None = None
    phone: Line | None = None
    locale: Locale | None = None
    timezone: Zone | None = None
    roles: Roles | None = None
    attributes: Document | None = None
    active: bool | None = None


class UserDelete(_UserCommand):
    type: ClassVar[str] = "user.delete"
    permissions: ClassVar[tuple[str, ...]] = ("user:delete",)

    user_id: Id


class UserRestore(_UserCommand):
    type: ClassVar[str] = "user.restore"
    permissions: ClassVar[tuple[str, ...]] = ("user:delete",)

    user_id: Id


class UserCreateOwner(_UserCommand):
    """Sent by the tenant context: the first owner of a tenant that is being provisioned."""

    type: ClassVar[str] = "user.create_owner"
    permissions: ClassVar[tuple[str, ...]] = ("*",)
    secret_fields: ClassVar[tuple[str, ...]] = ("password", "email", "name")

    user_id: Id
    creation_id: Id
    slug: str
    email: Email
    name: Name
    password: Password


class UserEnsurePlatformAdmin(_UserCommand):
    """Sent at start: the first platform administrator, made when there is none of that address."""

    type: ClassVar[str] = "user.ensure_platform_admin"
    permissions: ClassVar[tuple[str, ...]] = ("*",)
    secret_fields: ClassVar[tuple[str, ...]] = ("password", "email")

    email: Email
    password: Password


class AuthToken(_UserCommand):
    """Sign-in; `tenant` is the slug, null for platform administrators."""

    type: ClassVar[str] = "auth.token"
    before_sign_in: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("password", "email")

    tenant: Annotated[str, StringConstraints(max_length=200)] | None = None
    email: Annotated[str, StringConstraints(max_length=400)]
    password: Annotated[str, StringConstraints(max_length=1000)]


class AuthRefresh(_UserCommand):
    type: ClassVar[str] = "auth.refresh"
    before_sign_in: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("refresh_token",)

    refresh_token: Annotated[str, StringConstraints(max_length=1000)]


class AuthLogout(_UserCommand):
    type: ClassVar[str] = "auth.logout"
    before_sign_in: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("refresh_token",)

    refresh_token: Annotated[str, StringConstraints(max_length=1000)]


COMMANDS: tuple[type[Command], ...] = (
    UserCreate,
    UserUpdate,
    UserDelete,
    UserRestore,
    UserCreateOwner,
    UserEnsurePlatformAdmin,
    AuthToken,
    AuthRefresh,
    AuthLogout,
)
