"""What the user context answers, and the state its events carry."""

from typing import Any, Literal

from contracts.user.preferences import Preferences
from contracts.wire.strict import Id, Instant, Strict


class UserView(Strict):
    """A user as those see it who may; events carry UserEventState instead."""

    id: Id
    tenant_id: Id
    email: str
    name: str
    phone: str | None
    locale: str | None
    timezone: str | None
    roles: tuple[str, ...]
    attributes: dict[str, Any]
    notification_preferences: Preferences
    active: bool
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    # Set where the person was erased: nothing of them comes back.
    erased_at: Instant | None = None
    version: int


class UserEventState(Strict):
    """What may be said of a person on a stream: no name, no address, no phone."""

    id: Id
    tenant_id: Id
    roles: tuple[str, ...]
    active: bool
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    version: int


class TokenView(Strict):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class MeView(Strict):
    """The caller. A platform administrator has no tenant of their own, a machine's key no address
    and no roles."""

    id: Id
    kind: Literal["user", "platform", "service"]
    tenant_id: Id | None
    email: str | None
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]


class PermissionView(Strict):
    """`name` is `object:verb`, with `:own` or `:any` where it matters whose the object is."""

    name: str
    description: str


EVENTS: dict[str, type[Strict]] = {
    "user.created": UserEventState,
    "user.updated": UserEventState,
    "user.deleted": UserEventState,
    "user.restored": UserEventState,
    "user.password_changed": UserEventState,
    "user.erased": UserEventState,
}
