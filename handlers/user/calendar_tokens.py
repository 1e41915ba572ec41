"""The token of a user's calendar feed."""

from uuid import UUID

from contracts.user.calendar_tokens import (
    UserMintCalendarToken,
    UserRevokeCalendarToken,
    UserVerifyCalendarToken,
)
from contracts.wire.strict import rfc3339
from handlers.delivery.feed_tokens import FeedTokenText, parse
from handlers.delivery.trail import record_of
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused
from handlers.user.changing import changeable
from storage.delivery.transaction import Reading, Writing
from storage.user.accounts import find_account
from storage.user.calendar_tokens import end_token, find_token_hash, keep_token
from storage.user.directory import is_active

NO_FEED = refused("not_found", "There is no such calendar.")


async def mint_token(work: Writing, asked: Asked[UserMintCalendarToken]) -> Outcome:
    """Afterwards this token opens the feed, and no other."""
    user_id = asked.message.user_id
    account = await changeable(work, asked.actor, user_id)
    if isinstance(account, Refused):
        return account
    token = FeedTokenText.new(work.tenant_id)
    await keep_token(work, user_id, token.hash(user_id), asked.actor.label)
    path = f"/users/{user_id}/calendar.ics?token={token.text}"
    shown = {"token": token.text, "path": path, "created_at": rfc3339(work.now)}
    minted = record_of("user.calendar_token_minted", asked.actor, work.tenant_id, _about(user_id))
    return Done(201, shown, sends=(minted,), private=True)


async def revoke_token(work: Writing, asked: Asked[UserRevokeCalendarToken]) -> Outcome:
    """Afterwards nothing opens the feed, whether anything did before or not."""
    user_id = asked.message.user_id
    account = await changeable(work, asked.actor, user_id)
    if isinstance(account, Refused):
        return account
    await end_token(work, user_id)
    ended = record_of("user.calendar_token_revoked", asked.actor, work.tenant_id, _about(user_id))
    return Done(204, sends=(ended,))


async def verify_token(read: Reading, asked: Asked[UserVerifyCalendarToken]) -> Done | Refused:
    """Whose feed it is; the same 404 for whatever is wrong with it, and of whoever is not active.
    Nothing of the person leaves with it."""
    user_id, token = asked.message.user_id, parse(asked.message.token)
    if token is None:
        return NO_FEED
    await read.enter(token.tenant_id)
    stored = await find_token_hash(read, user_id)
    account = await find_account(read, user_id)
    if account is None or not account.active or not token.opens(stored, user_id):
        return NO_FEED
    if not await is_active(read):
        return NO_FEED
    return Done(200, {"tenant_id": str(token.tenant_id), "name": None})


def _about(user_id: UUID) -> str:
    return f"user/{user_id}"
