"""Permissions, the built-in roles, and who may grant what.

A permission is `object:verb`, with `:own` or `:any` where it matters whose the object is.
"""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "tenant:read": "See the organisation, its settings and its branding",
        "tenant:update": "Change the organisation, its settings and its branding",
        "role:manage": "Make, change and delete the organisation's own roles",
        "apikey:manage": "Make and revoke keys for machines",
        "webhook:manage": "Register web hooks and look into their deliveries",
        "billing:read": "See usage and statements",
        "audit:read": "Read the whole audit trail",
        "user:read:any": "See every user",
        "user:create": "Make users",
        "user:update:any": "Change every user",
        "user:delete": "Delete and restore users",
        "report:read": "Read reports",
        "audit:read:booking": "Read the audit trail of bookings",
        "user:assign_role": "Give users roles, never above one's own",
        "resource:create": "Make resources",
        "resource:update": "Change resources and their overrides",
        "resource:delete": "Delete and restore resources",
        "category:manage": "Make, change and delete categories",
        "closure:manage": "Close the organisation on dates or for a time",
        "resource:read": "See resources and categories",
        "availability:read": "See what is free",
        "user:read:own": "See oneself",
        "user:update:own": "Change oneself",
        "booking:create:own": "Book for oneself",
        "booking:read:own": "See one's own bookings",
        "booking:update:own": "Change one's own bookings",
        "booking:cancel:own": "Cancel one's own bookings",
        "booking:create:any": "Book for another user",
        "booking:read:any": "See every booking",
        "booking:update:any": "Change every booking",
        "booking:cancel:any": "Cancel every booking",
        "booking:confirm": "Change the status of bookings",
        "booking:override": "Set rules aside for one booking",
        "tenant:create": "Make organisations (platform)",
        "tenant:suspend": "Suspend and resume organisations (platform)",
    }
)

OWNER, MANAGER, STAFF, CUSTOMER = "owner", "manager", "staff", "customer"
PLATFORM_ADMIN = "platform_admin"
# What a machine's key counts as; it holds its scopes and nothing besides.
API_KEY = "api_key"

PLATFORM_PERMISSIONS: frozenset[str] = frozenset(PERMISSIONS)
_PLATFORM_ONLY = frozenset({"tenant:create", "tenant:suspend"})
# What a role of a tenant, also one of its own making, may hold.
TENANT_PERMISSIONS: frozenset[str] = PLATFORM_PERMISSIONS - _PLATFORM_ONLY

_CUSTOMER = frozenset(
    {
        "tenant:read",
        "resource:read",
        "availability:read",
        "user:read:own",
        "user:update:own",
        "booking:create:own",
        "booking:read:own",
        "booking:update:own",
        "booking:cancel:own",
    }
)
_STAFF = _CUSTOMER | {
    "booking:create:any",
    "booking:read:any",
    "booking:update:any",
    "booking:cancel:any",
    "booking:confirm",
}
_OWNER_ONLY = frozenset(
    {
        "tenant:update",
        "role:manage",
        "apikey:manage",
        "webhook:manage",
        "billing:read",
        "audit:read",
    }
)

BUILT_IN_ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        OWNER: TENANT_PERMISSIONS,
        MANAGER: TENANT_PERMISSIONS - _OWNER_ONLY,
        STAFF: _STAFF,
        CUSTOMER: _CUSTOMER,
    }
)
# Names that say something wherever roles are read: no organisation gives them a meaning of its own.
RESERVED_NAMES: frozenset[str] = frozenset(BUILT_IN_ROLES) | {
    PLATFORM_ADMIN,
    API_KEY,
    "service",
    "system",
    "anonymous",
}
_NO_ROLES: Mapping[str, frozenset[str]] = MappingProxyType({})


def permissions_of(
    roles: Iterable[str], custom: Mapping[str, Collection[str]] = _NO_ROLES
) -> frozenset[str]:
    """What the roles hold together. A role that is not known grants nothing.

    A built-in name cannot be redefined, and no tenant's role holds a platform permission.
    """
    held: frozenset[str] = frozenset()
    for role in roles:
        held |= BUILT_IN_ROLES.get(role) or TENANT_PERMISSIONS.intersection(custom.get(role, ()))
    return held


def unknown_roles(
    roles: Iterable[str], custom: Mapping[str, Collection[str]] = _NO_ROLES
) -> tuple[str, ...]:
    """The names that are neither built in nor the tenant's own, in order."""
    return tuple(role for role in roles if role not in BUILT_IN_ROLES and role not in custom)


def is_reserved(name: str) -> bool:
    """Whether a role of this name, however it is capitalised, could be taken for one of ours."""
    return name.casefold() in RESERVED_NAMES


def unknown_permissions(permissions: Iterable[str]) -> tuple[str, ...]:
    """Those that are no permissions, or that no organisation's role or key holds, in order."""
    return tuple(name for name in permissions if name not in TENANT_PERMISSIONS)


def may_grant(granter_permissions: Collection[str], role_permissions: Collection[str]) -> bool:
    """Nobody grants what they lack."""
    return set(role_permissions) <= set(granter_permissions)


def owner_remains(
    owner_ids: Collection[str], user_id: str, *, roles_after: Collection[str], active_after: bool
) -> bool:
    """Whether the tenant still has an owner who can sign in after this change of one user.

    `owner_ids` are the active owners before it. A deletion is `roles_after=()`. A change to
    somebody who is no owner passes, also where there is none.
    """
    if user_id not in owner_ids or (OWNER in roles_after and active_after):
        return True
    return any(owner != user_id for owner in owner_ids)
