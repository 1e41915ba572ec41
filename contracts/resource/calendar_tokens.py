"""The token of a resource's calendar feed: one at a time, shown once."""

from typing import ClassVar

from contracts.wire.feed_tokens import FeedToken
from contracts.wire.strict import Command, Id, Query


class ResourceMintCalendarToken(Command):
    """Makes the resource's token; one that it had is good for nothing any more."""

    type: ClassVar[str] = "resource.mint_calendar_token"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("resource:update",)

    resource_id: Id


class ResourceRevokeCalendarToken(Command):
    type: ClassVar[str] = "resource.revoke_calendar_token"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("resource:update",)

    resource_id: Id


class ResourceVerifyCalendarToken(Query):
    """Asked by a gateway before it is known who calls, and in which tenant."""

    type: ClassVar[str] = "resource.verify_calendar_token"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("*",)
    secret_fields: ClassVar[tuple[str, ...]] = ("token",)
    before_sign_in: ClassVar[bool] = True

    resource_id: Id
    token: FeedToken


COMMANDS: tuple[type[Command], ...] = (ResourceMintCalendarToken, ResourceRevokeCalendarToken)
QUERIES: tuple[type[Query], ...] = (ResourceVerifyCalendarToken,)
