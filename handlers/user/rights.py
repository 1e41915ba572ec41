"""What a caller may do to another user, beyond holding the message's permission."""

from collections.abc import Iterable

from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL
from domain.user.roles import (
    PLATFORM_ADMIN,
    PLATFORM_PERMISSIONS,
    may_grant,
    permissions_of,
    unknown_roles,
)
from handlers.delivery.work import Refused, refused
from storage.user.accounts import AccountRow


def permissions_held(account: AccountRow) -> frozenset[str]:
    """Everything that the account's roles allow; the platform's are those of the nil tenant."""
    if account.tenant_id == NIL and PLATFORM_ADMIN in account.roles:
        return PLATFORM_PERMISSIONS
    return permissions_of(account.roles)


def outranks(actor: Actor, roles: Iterable[str]) -> bool:
    """Whether the caller holds all that these roles hold: nobody grants what they lack, and nobody
    takes it away."""
    return actor.may("*") or may_grant(actor.permissions, permissions_of(roles))


def roles_refusal(actor: Actor, roles: Iterable[str], touched: Iterable[str]) -> Refused | None:
    """Why the caller cannot give a user these roles; `touched` are those given or taken."""
    unknown = unknown_roles(roles)
    if unknown:
        return refused("unknown_role", f"There is no role {', '.join(unknown)}.")
    if not outranks(actor, touched):
        return refused("forbidden", "Nobody gives or takes roles above their own.")
    return None
