"""What a caller may do to another user, beyond holding the message's permission."""

from collections.abc import Collection, Iterable, Mapping

from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL
from domain.user.roles import (
    BUILT_IN_ROLES,
    PLATFORM_ADMIN,
    PLATFORM_PERMISSIONS,
    may_grant,
    permissions_of,
    unknown_permissions,
    unknown_roles,
)
from handlers.delivery.work import Refused, refused, refused_fields
from storage.delivery.transaction import Reading, Writing
from storage.user.accounts import AccountRow
from storage.user.roles import permissions_by_role

Custom = Mapping[str, Collection[str]]


async def permissions_held(read: Reading, account: AccountRow) -> frozenset[str]:
    """Everything that the account's roles allow; the platform's are those of the nil tenant."""
    if account.tenant_id == NIL and PLATFORM_ADMIN in account.roles:
        return PLATFORM_PERMISSIONS
    return permissions_of(account.roles, await custom_roles(read, account.roles))


async def custom_roles(read: Reading, names: Iterable[str]) -> Custom:
    """The organisation's own among these roles."""
    return await permissions_by_role(read, set(names) - set(BUILT_IN_ROLES))


async def outranks(read: Reading, actor: Actor, roles: Collection[str]) -> bool:
    """Whether the caller holds all that these roles hold: nobody grants what they lack, and nobody
    takes it away."""
    return holds(actor, permissions_of(roles, await custom_roles(read, roles)))


def holds(actor: Actor, permissions: Collection[str]) -> bool:
    """Whether the caller could do themselves all that these permissions allow."""
    return actor.may("*") or may_grant(actor.permissions, permissions)


async def roles_refusal(
    work: Writing, actor: Actor, roles: Collection[str], touched: Collection[str]
) -> Refused | None:
    """Why the caller cannot give a user these roles; `touched` are those given or taken. Those of
    the organisation's own stay until the commit."""
    named = {*roles, *touched} - set(BUILT_IN_ROLES)
    custom = await permissions_by_role(work, named, hold=True)
    unknown = unknown_roles(roles, custom)
    if unknown:
        return refused("unknown_role", f"There is no role {', '.join(unknown)}.")
    if not holds(actor, permissions_of(touched, custom)):
        return refused("forbidden", "Nobody gives or takes roles above their own.")
    return None


def grant_refusal(actor: Actor, field: str, permissions: Collection[str]) -> Refused | None:
    """Why the caller cannot put these permissions into a role or a key."""
    unknown = set(unknown_permissions(permissions))
    if unknown:
        message = "No organisation's role or key holds this permission."
        return refused_fields(
            "unknown_permission",
            [
                (f"{field}.{place}", "unknown_permission", f"{name}: {message}")
                for place, name in enumerate(permissions)
                if name in unknown
            ],
        )
    if not holds(actor, permissions):
        lacking = ", ".join(sorted(set(permissions) - actor.permissions))
        return refused("forbidden", f"Nobody grants what they lack: {lacking}.")
    return None
