"""Who administers the platform: said by the system alone, for whoever operates the installation."""

from typing import ClassVar

from contracts.user.commands import Email
from contracts.wire.strict import Command, Query


class PlatformAdminSet(Command):
    """Lets a platform administrator in, or keeps them out and ends their sessions."""

    type: ClassVar[str] = "user.set_platform_admin"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("*",)
    secret_fields: ClassVar[tuple[str, ...]] = ("email",)

    email: Email
    active: bool


class PlatformAdminList(Query):
    """All of them, by when they were made."""

    type: ClassVar[str] = "user.list_platform_admins"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("*",)


COMMANDS: tuple[type[Command], ...] = (PlatformAdminSet,)
QUERIES: tuple[type[Query], ...] = (PlatformAdminList,)
