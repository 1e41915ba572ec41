"""The token of a resource's calendar feed."""

from contracts.resource.calendar_tokens import (
    ResourceMintCalendarToken,
    ResourceRevokeCalendarToken,
    ResourceVerifyCalendarToken,
)
from contracts.wire.strict import rfc3339
from handlers.delivery.feed_tokens import FeedTokenText, parse
from handlers.delivery.trail import record_of
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send, refused
from storage.delivery.transaction import Reading, Writing
from storage.resource.calendar_tokens import end_token, find_token_hash, keep_token
from storage.resource.resources import find_resource

NOT_FOUND = refused("not_found", "There is no such resource.")
NO_FEED = refused("not_found", "There is no such calendar.")


async def mint_token(work: Writing, asked: Asked[ResourceMintCalendarToken]) -> Outcome:
    """Afterwards this token opens the feed, and no other."""
    resource_id = asked.message.resource_id
    if await find_resource(work, resource_id, lock=True) is None:
        return NOT_FOUND
    token = FeedTokenText.new(work.tenant_id)
    await keep_token(work, resource_id, token.hash(resource_id), asked.actor.label)
    path = f"/resources/{resource_id}/calendar.ics?token={token.text}"
    shown = {"token": token.text, "path": path, "created_at": rfc3339(work.now)}
    return Done(201, shown, sends=(_record(work, asked, "minted"),), private=True)


async def revoke_token(work: Writing, asked: Asked[ResourceRevokeCalendarToken]) -> Outcome:
    """Afterwards nothing opens the feed, whether anything did before or not."""
    resource_id = asked.message.resource_id
    if await find_resource(work, resource_id, lock=True) is None:
        return NOT_FOUND
    await end_token(work, resource_id)
    return Done(204, sends=(_record(work, asked, "revoked"),))


def _record(
    work: Writing,
    asked: Asked[ResourceMintCalendarToken] | Asked[ResourceRevokeCalendarToken],
    what: str,
) -> Send:
    subject = f"resource/{asked.message.resource_id}"
    return record_of(f"resource.calendar_token_{what}", asked.actor, work.tenant_id, subject)


async def verify_token(read: Reading, asked: Asked[ResourceVerifyCalendarToken]) -> Done | Refused:
    """Whose feed it is; the same 404 for whatever is wrong with it."""
    resource_id, token = asked.message.resource_id, parse(asked.message.token)
    if token is None:
        return NO_FEED
    await read.enter(token.tenant_id)
    stored = await find_token_hash(read, resource_id)
    resource = await find_resource(read, resource_id)
    if resource is None or not token.opens(stored, resource_id):
        return NO_FEED
    return Done(200, {"tenant_id": str(token.tenant_id), "name": resource.name})
