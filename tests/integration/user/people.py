"""Who asks, with the permissions that their roles have."""

from uuid import UUID

from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from domain.user.roles import BUILT_IN_ROLES, PLATFORM_PERMISSIONS


def person(role: str, user_id: UUID | str | None = None) -> Actor:
    """A user of this role, anybody or the one of this id."""
    return Actor("user", str(user_id or new_id()), (role,), BUILT_IN_ROLES[role])


OWNER = person("owner")
MANAGER = person("manager")
STAFF = person("staff")
PLATFORM = Actor("platform", str(new_id()), ("platform_admin",), PLATFORM_PERMISSIONS)
