"""Whose things a caller may change: their own, or those of people who may do no more than they."""

from uuid import UUID

from contracts.wire.envelope import Actor
from handlers.delivery.work import Refused, refused
from handlers.user.accounts import ABOVE, NOT_FOUND
from handlers.user.rights import outranks
from storage.delivery.transaction import Writing
from storage.user.accounts import AccountRow, find_account


async def changeable(work: Writing, actor: Actor, user_id: UUID) -> AccountRow | Refused:
    """The user, locked until the commit; or why this caller may not."""
    account = await find_account(work, user_id, lock=True)
    if account is None:
        return NOT_FOUND
    if actor.is_user(user_id):
        return account
    if not actor.may("user:update:any"):
        return (
            refused("forbidden", "user:update:any is needed.")
            if actor.may("user:read:any")
            else NOT_FOUND
        )
    return account if await outranks(work, actor, account.roles) else ABOVE
