"""Who asks, with the permissions that their roles have."""

from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id

_READING = frozenset({"resource:read"})
_MANAGING = _READING | {
    "category:manage",
    "resource:create",
    "resource:update",
    "resource:delete",
    "booking:cancel:any",
}

OWNER = Actor("user", str(new_id()), ("owner",), _MANAGING)
MANAGER = Actor("user", str(new_id()), ("manager",), _MANAGING)
STAFF = Actor("user", str(new_id()), ("staff",), _READING)
PLATFORM = Actor("platform", str(new_id()), ("platform_admin",), _MANAGING)
